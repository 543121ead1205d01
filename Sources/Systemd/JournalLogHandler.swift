import Glibc
import Logging

/// Writes log events to journald with their facts as fields of their own: `KEYTURN_RESOURCE=`, `KEYTURN_KEY_TYPE=`, …
///
/// The metadata key `message-id` (32 hex digits) becomes `MESSAGE_ID=`. `MESSAGE=` repeats the facts after the constant
/// message, for people who read plain `journalctl`.
package struct JournalLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let identifier: String
    private let send: @Sendable ([[UInt8]]) throws(SystemdError) -> Void

    /// - Parameter identifier: `SYSLOG_IDENTIFIER=`, the word before the process id in journalctl's lines.
    /// - Parameter send: takes the fields of one entry, each as the bytes `NAME=value`.
    package init(
        label: String, identifier: String = "keyturn",
        send: @escaping @Sendable ([[UInt8]]) throws(SystemdError) -> Void = Journal.send
    ) {
        self.label = label
        self.identifier = identifier
        self.send = send
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let facts = LogFacts(event, metadata: LogFacts.merged(metadata, metadataProvider))
        do throws(SystemdError) {
            try send(JournalEntry.fields(of: event, facts: facts, label: label, identifier: identifier))
        } catch {
            // Standard error is the journal's stream too; its lines may begin with the priority (sd-daemon(3)).
            StandardError.write("<\(JournalEntry.priority(event.level))>\(JournalEntry.message(facts)) [\(error)]\n")
        }
    }
}
