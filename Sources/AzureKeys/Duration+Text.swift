extension Duration {
    /// `1.5 s`, with at most milliseconds.
    var formattedSeconds: String {
        let (seconds, attoseconds) = components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        guard milliseconds != 0 else { return "\(seconds) s" }
        var digits = String(milliseconds.magnitude)
        digits = String(repeating: "0", count: 3 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        let sign = self < .zero && seconds == 0 ? "-" : ""
        return "\(sign)\(seconds).\(digits) s"
    }
}
