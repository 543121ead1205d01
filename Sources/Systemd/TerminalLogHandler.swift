import Glibc
import Logging

/// Writes log events to standard error as lines for a person:
/// `21:04:05 notice  contoso-sms  new key published  keyType=Secondary version=42`.
package struct TerminalLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let colour: Bool
    private let time: @Sendable () -> String
    private let write: @Sendable (String) -> Void

    /// Colours are used when standard error is a terminal and `NO_COLOR` is not set.
    package init() {
        self.init(colour: StandardError.wantsColour, time: Self.localTime, write: StandardError.write)
    }

    /// - Parameter time: the time of day a line begins with.
    /// - Parameter write: takes a whole line with its line feed.
    package init(
        colour: Bool, time: @escaping @Sendable () -> String, write: @escaping @Sendable (String) -> Void
    ) {
        self.colour = colour
        self.time = time
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let facts = LogFacts(event, metadata: LogFacts.merged(metadata, metadataProvider))
        var columns: [String] = []
        if let subject = facts.subject { columns.append(painted(subject, "1")) }
        columns.append(PrintableText.escaped(facts.message))
        let list = pairs(facts)
        if !list.isEmpty { columns.append(list) }
        if let detail = facts.detail { columns.append(PrintableText.escaped(detail)) }
        let level = event.level.rawValue
        let gap = String(repeating: " ", count: max(0, 7 - level.count) + 1)
        let start = painted(time(), "2") + " " + painted(level, Self.colour(of: event.level)) + gap
        write(start + columns.joined(separator: "  ") + "\n")
    }

    private func pairs(_ facts: LogFacts) -> String {
        var list = facts.facts
        if let keyType = facts.keyType { list.append(.init(key: "keyType", value: keyType)) }
        return list.sorted { $0.key < $1.key }
            .map { painted(PrintableText.escaped($0.key) + "=", "2") + PrintableText.quoted($0.value) }
            .joined(separator: " ")
    }

    /// In the colour or style of an SGR code (ECMA-48), when colours are on.
    private func painted(_ text: String, _ code: String) -> String {
        colour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    private static func colour(of level: Logger.Level) -> String {
        switch level {
        case .critical: "1;31"
        case .error: "31"
        case .warning: "33"
        case .notice: "32"
        case .info: "36"
        case .debug, .trace: "2"
        }
    }

    @Sendable private static func localTime() -> String {
        var now = Glibc.time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        return [parts.tm_hour, parts.tm_min, parts.tm_sec]
            .map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: ":")
    }
}
