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
        self.message = message
        self.hint = hint
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `file:line:column: error: what; did you mean 'x'?`, in one line.
    package var description: String {
        "\(mark): \(severity.rawValue): \(message)\(hint.map { "; \($0)" } ?? "")"
    }
}
