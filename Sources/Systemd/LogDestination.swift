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
    ///
    /// - Parameter provider: adds to the facts of each line; those of the line count more.
    package func handler(
        label: String, level: Logger.Level, provider: Logger.MetadataProvider? = nil
    ) -> any LogHandler {
        switch self {
        case .journal:
            var handler = JournalLogHandler(label: label)
            handler.logLevel = level
            handler.metadataProvider = provider
            return handler
        case .terminal:
            var handler = TerminalLogHandler()
            handler.logLevel = level
            handler.metadataProvider = provider
            return handler
        }
    }
}
