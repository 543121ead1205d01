/// One thing that is wrong with a configuration, and where.
package struct Diagnostic: Error, Hashable, Sendable {
    package enum Severity: String, Sendable {
        /// The configuration cannot be used.
        case error
        /// The configuration can be used; its author should look again.
        case warning
    }

    package let mark: SourceMark
    package let severity: Severity
    /// What is wrong, in one line.
    package let message: String
    /// What to do about it, when that is known: a phrase such as `did you mean 'overlap'?`.
    package let hint: String?
    /// The name of the resource whose entry it is about; nil when it is about none, or that has no name.
    package internal(set) var resource: String?

    package var file: String { mark.file }
    package var line: Int { mark.line }
    package var column: Int { mark.column }

    package init(_ severity: Severity, _ message: String, hint: String? = nil, at mark: SourceMark) {
        self.mark = mark
        self.severity = severity
        self.message = Self.line(message)
        self.hint = hint.map(Self.line)
    }

    /// What the file says is quoted in messages, and may hold anything: what would end the line, move the cursor or turn
    /// the direction of the text is written as YAML's double quotes write it (YAML 1.2.2, 5.7).
    private static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnseen) else { return text }
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case _ where isUnseen(scalar):
                let hex = String(scalar.value, radix: 16)
                let (letter, digits) = scalar.value <= 0xff ? ("x", 2) : scalar.value <= 0xffff ? ("u", 4) : ("U", 8)
                line += "\\\(letter)\(String(repeating: "0", count: digits - hex.count))\(hex)"
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }

    private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `file:line:column: error: what; did you mean 'x'?`, in one line.
    package var description: String {
        "\(mark): \(severity.rawValue): \(message)\(hint.map { "; \($0)" } ?? "")"
    }
}
