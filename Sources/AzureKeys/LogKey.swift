import EventCatalog
import Logging

/// The names of the facts that this target logs. Whoever adds one decides that all readers of logs may know it.
enum LogKey: String {
    case operation
    /// The ARM resource id; the name in the configuration comes from `LogContext`.
    case resource = "resource-id"
    case host
    case status
    case requestID = "request-id"
    case clientRequestID = "client-request-id"
    case duration
    case failure
    case clockOffset = "clock-offset"
    case attempt
    case credential
}

extension Logger {
    func debug(_ message: Logger.Message, _ facts: KeyValuePairs<LogKey, String?>) {
        debug(message, metadata: Self.metadata(facts))
    }

    func log(_ event: DaemonEvent, _ facts: KeyValuePairs<LogKey, String?>) {
        log(event, metadata: Self.metadata(facts))
    }

    private static func metadata(_ facts: KeyValuePairs<LogKey, String?>) -> Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        for (key, value) in facts {
            if let value { metadata[key.rawValue] = .string(value) }
        }
        return metadata
    }
}
