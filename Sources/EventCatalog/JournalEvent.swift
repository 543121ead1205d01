import Logging
import Rotation

/// A kind of event that the journal tells of: what every entry of the kind has in common, and what `journalctl -x` says
/// about it. All kinds together are the message catalog.
package struct JournalEvent: Sendable {
    /// `MESSAGE_ID=`: 32 lower-case hex digits (sd-id128(3)); never changed once released.
    package let id: String
    /// `KEYTURN_EVENT=`: the kind for programs.
    package let name: String
    package let level: Logger.Level
    /// How `MESSAGE=` begins.
    package let message: String
    /// The catalog's one-line subject. `@FIELD@` stands for a field of the entry.
    package let subject: String
    /// The catalog's text: what it means, what Keyturn does about it, what is left to do. Lines of at most 88 characters.
    package let explanation: String

    init(
        _ id: String, _ name: String, _ level: Logger.Level, _ message: String, subject: String, _ explanation: String
    ) {
        self.id = id
        self.name = name
        self.level = level
        self.message = message
        self.subject = subject
        self.explanation = explanation
    }

    /// Every kind.
    package static var all: [JournalEvent] {
        Note.Kind.allCases.map(\.journalEvent) + DaemonEvent.allCases.map(\.journalEvent)
    }
}

extension Logger {
    /// Logs an event of that kind with the facts of this one.
    package func log(
        _ event: JournalEvent, level: Logger.Level? = nil, metadata: Logger.Metadata = [:], file: String = #fileID,
        function: String = #function, line: UInt = #line
    ) {
        var metadata = metadata
        metadata["event"] = "\(event.name)"
        metadata["message-id"] = "\(event.id)"
        log(
            level: level ?? event.level, "\(event.message)", metadata: metadata, file: file, function: function,
            line: line)
    }

    /// Logs an event of the daemon itself.
    package func log(
        _ event: DaemonEvent, metadata: Logger.Metadata = [:], file: String = #fileID, function: String = #function,
        line: UInt = #line
    ) {
        log(event.journalEvent, metadata: metadata, file: file, function: function, line: line)
    }
}

extension Logger.Metadata {
    /// The reason code, and what it means and asks for: `KEYTURN_REASON=`, `KEYTURN_MEANING=`, `KEYTURN_ADVICE=`.
    package mutating func set(_ reason: Reason) {
        self["reason"] = "\(reason.rawValue)"
        self["meaning"] = "\(reason.meaning)"
        self["advice"] = "\(reason.advice)"
    }
}
