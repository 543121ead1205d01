/// The name of a generation directory: `..v42`, or `..v42.1` when version 42 had to be written again.
struct GenerationName: Hashable, Comparable {
    let version: Int
    let attempt: Int

    init(version: Int, attempt: Int = 0) {
        self.version = version
        self.attempt = attempt
    }

    /// nil unless the text is exactly a name as `text` gives.
    init?(_ text: String) {
        var rest = text.utf8[...]
        for byte in "..v".utf8 where rest.popFirst() != byte { return nil }
        guard let version = Self.number(&rest) else { return nil }
        guard let dot = rest.popFirst() else {
            self.init(version: version)
            return
        }
        guard dot == UInt8(ascii: "."), let attempt = Self.number(&rest), attempt > 0, rest.isEmpty else { return nil }
        self.init(version: version, attempt: attempt)
    }

    /// The digits at the beginning; nil when there are none, too many, or more than needed.
    private static func number(_ rest: inout Substring.UTF8View) -> Int? {
        var number = 0
        let begin = rest
        while let digit = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
            let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
            guard !isTooLarge, !overflows else { return nil }
            number = sum
            rest = rest.dropFirst()
        }
        let count = begin.count - rest.count
        return count == 0 || count > 1 && begin.first == UInt8(ascii: "0") ? nil : number
    }

    var text: String {
        attempt == 0 ? "..v\(version)" : "..v\(version).\(attempt)"
    }

    static func < (left: GenerationName, right: GenerationName) -> Bool {
        (left.version, left.attempt) < (right.version, right.attempt)
    }
}
