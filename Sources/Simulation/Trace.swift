import Rotation

/// What happened, line by line: kept only when somebody wants to read it, for it takes longer to write than to happen.
struct Trace {
    let isKept: Bool
    private(set) var lines: [String] = []

    init(isKept: Bool) {
        self.isKept = isKept
    }

    /// The text is only made when the trace is kept.
    mutating func write(_ at: Instant, _ text: @autoclosure () -> String) {
        guard isKept else { return }
        lines.append("\(at) \(text().replacing("Rotation.", with: ""))")
    }
}
