import Logging

/// A log event as the fields of one journal entry, each as the bytes `NAME=value`.
enum JournalEntry {
    static func fields(
        of event: LogEvent, facts: LogFacts, label: String, identifier: String
    ) -> [[UInt8]] {
        var fields = [
            field("MESSAGE", message(facts)),
            field("PRIORITY", String(priority(event.level))),
            field("SYSLOG_IDENTIFIER", identifier),
            field("CODE_FILE", event.file),
            field("CODE_LINE", String(event.line)),
            field("CODE_FUNC", event.function),
            field("KEYTURN_LOGGER", label),
        ]
        // Another value than a 128-bit id would make journalctl reject the entry's catalog look-up.
        if let id = facts.messageID, id.utf8.count == 32, id.allSatisfy({ $0.isASCII && $0.isHexDigit }) {
            fields.append(field("MESSAGE_ID", id.lowercased()))
        }
        if let event = facts.event { fields.append(field("KEYTURN_EVENT", event)) }
        // One field for each, so that a match on any of them finds the entry.
        for resource in facts.resources { fields.append(field("KEYTURN_RESOURCE", resource)) }
        let named = [("keyType", facts.keyType), ("detail", facts.detail)]
        for case (let key, let value?) in named { fields.append(field(journalFieldName(key), value)) }
        for fact in facts.facts + facts.hidden { fields.append(field(journalFieldName(fact.key), fact.value)) }
        return fields
    }

    /// What a plain `journalctl` shows:
    /// `new key published: contoso-sms Secondary (actor=schedule, version=42): the detail`.
    static func message(_ facts: LogFacts) -> String {
        var message = PrintableText.escaped(facts.message)
        let subject = [facts.subject, facts.keyType.map(PrintableText.escaped)].compactMap { $0 }
        if !subject.isEmpty { message += ": " + subject.joined(separator: " ") }
        if !facts.facts.isEmpty {
            let list = facts.facts.map { "\(PrintableText.escaped($0.key))=\(PrintableText.quoted($0.value))" }
            message += " (" + list.joined(separator: ", ") + ")"
        }
        if let detail = facts.detail { message += ": " + PrintableText.escaped(detail) }
        return message
    }

    /// The syslog priority, 0 (emergency) to 7 (debug).
    static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }

    private static func field(_ name: String, _ value: String) -> [UInt8] {
        Array("\(name)=\(value)".utf8)
    }
}
