import Logging

/// Where the daemon's log goes.
package enum LogDestination: Sendable {
    /// Native journal entries.
    case journal
    /// Readable lines on standard error.
    case terminal

    /// The journal when standard error is its stream, else lines.
    package static var current: LogDestination {
        JournalStream.isStandardError ? .journal : .terminal
    }

    /// For `LoggingSystem.bootstrap`.
    package func handler(label: String, level: Logger.Level) -> any LogHandler {
        switch self {
        case .journal:
            var handler = JournalLogHandler(label: label)
            handler.logLevel = level
            return handler
        case .terminal:
            var handler = TerminalLogHandler()
            handler.logLevel = level
            return handler
        }
    }
}
