import ArgumentParser
import FoundationEssentials
import Logging

enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json
}

/// One line to standard error for each log record.
struct EmulatorLogHandler: LogHandler {
    let format: LogFormat
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    init(format: LogFormat) {
        self.format = format
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
        let time = Date().formatted(.iso8601WithMilliseconds)
        switch format {
        case .text:
            let tail = facts.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            Console.error("\(time) \(event.level) \(event.message)\(tail)")
        case .json:
            let line = facts.merging(["time": time, "level": "\(event.level)", "message": "\(event.message)"]) { $1 }
            Console.error(String(decoding: JSONText.bytes(line), as: UTF8.self))
        }
    }
}
