import Daemon
import KeyturnConfig

/// What `keyturn check` found.
struct CheckReport: Encodable {
    let configuration: String
    let good: Bool
    /// nil when the configuration is refused.
    var resources: Int?
    /// Rules that discover more of them.
    var discover: Int?
    var problems: [Problem]

    /// What is wrong, or worth another look.
    struct Problem: Encodable {
        /// The fields of a place in a file are nil when it is about none.
        var file: String?
        var line: Int?
        var column: Int?
        let severity: String
        let message: String
        var hint: String?
        var resource: String?

        init(_ diagnostic: Diagnostic) {
            file = diagnostic.file
            line = diagnostic.line
            column = diagnostic.column
            severity = diagnostic.severity.rawValue
            message = diagnostic.message
            hint = diagnostic.hint
            resource = diagnostic.resource
        }

        init(error message: String) {
            severity = Diagnostic.Severity.error.rawValue
            self.message = message
        }
    }

    init(_ configuration: String, refused: ConfigurationLoader.Refused) {
        self.configuration = configuration
        good = false
        problems = refused.diagnostics.map(Problem.init) + refused.others.map { Problem(error: $0) }
    }

    init(_ configuration: Configuration, at path: String, warnings: [Diagnostic]) {
        self.configuration = path
        good = true
        resources = configuration.resources.count
        discover = configuration.discover.count
        problems = warnings.map(Problem.init)
    }
}
