/// Gathers what is wrong while one configuration is read; never leaves that one call.
final class DiagnosticCollector {
    /// A file that is wrong in more places than this is not the file that was meant.
    static let limit = 200

    private(set) var errorCount = 0
    var hasErrors: Bool { errorCount > 0 }
    /// The name of the resource that is being looked at; it becomes part of what is reported.
    var resource: String?
    private var diagnostics: [Diagnostic] = []
    private var dropped = 0

    func report(_ diagnostic: Diagnostic) {
        if diagnostic.severity == .error { errorCount += 1 }
        guard diagnostics.count < Self.limit else {
            dropped += 1
            return
        }
        var diagnostic = diagnostic
        diagnostic.resource = resource
        diagnostics.append(diagnostic)
    }

    func error(_ message: String, hint: String? = nil, at mark: SourceMark) {
        report(Diagnostic(.error, message, hint: hint, at: mark))
    }

    func warning(_ message: String, hint: String? = nil, at mark: SourceMark) {
        report(Diagnostic(.warning, message, hint: hint, at: mark))
    }

    /// In the order of the files, and from top to bottom in each.
    func sorted(files: [String]) -> [Diagnostic] {
        let order = Dictionary(zip(files, files.indices), uniquingKeysWith: { first, _ in first })
        func place(_ index: Int) -> (Int, Int, Int, Int) {
            let mark = diagnostics[index].mark
            return (order[mark.file] ?? files.count, mark.line, mark.column, index)
        }
        var sorted = diagnostics.indices.sorted { place($0) < place($1) }.map { diagnostics[$0] }
        if dropped > 0, let last = sorted.last {
            let severity: Diagnostic.Severity = hasErrors ? .error : .warning
            sorted.append(Diagnostic(severity, "\(dropped) more problems are not shown", at: last.mark))
        }
        return sorted
    }
}
