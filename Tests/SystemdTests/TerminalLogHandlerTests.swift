import Logging
import Synchronization
import Testing

@testable import Systemd

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    func append(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    var all: [String] { lines.withLock { $0 } }
}

private struct Refused: Error, CustomStringConvertible {
    let description = "exited 5"
}

@Suite struct TerminalLogHandlerTests {
    private let lines = Lines()

    private func logger(colour: Bool = false) -> Logger {
        Logger(label: "engine") { [lines] _ in
            var handler = TerminalLogHandler(colour: colour, time: { "21:04:05" }, write: { lines.append($0) })
            handler.logLevel = .trace
            return handler
        }
    }

    @Test func aLineIsForAPerson() {
        logger().notice(
            "new key published",
            metadata: ["version": "42", "resource": "contoso-sms", "keyType": "Secondary", "message-id": "0123"])
        #expect(lines.all == ["21:04:05 notice  contoso-sms  new key published  keyType=Secondary version=42\n"])
    }

    @Test func columnsAlign() {
        logger().info("started")
        logger().warning("slow")
        logger().critical("lost")
        #expect(lines.all == ["21:04:05 info    started\n", "21:04:05 warning slow\n", "21:04:05 critical lost\n"])
    }

    @Test(arguments: [
        ("plain", "plain"), ("two words", #""two words""#), ("", #""""#), ("a=b", #""a=b""#), ("a,b", #""a,b""#),
        (#"say "hi""#, #""say \"hi\"""#), ("line\nbreak", #"line\nbreak"#), ("tab\there", #"tab\there"#),
        ("\u{1b}[2J", #"\u{1b}[2J"#), ("\u{9b}31m", #"\u{9b}31m"#), ("\u{202e}txt", #"\u{202e}txt"#),
        ("a\r b", #""a\r b""#), ("größe😀", "größe😀"),
    ])
    func valuesAreQuotedAndEscaped(_ value: String, _ shown: String) {
        logger().info("said", metadata: ["v": .string(value)])
        #expect(lines.all == ["21:04:05 info    said  v=\(shown)\n"])
    }

    @Test func nothingFromOutsideCanForgeALine() {
        logger().info("said\nfake", metadata: ["resource": "r\n1", "k\ne": "v", "detail": "d\u{1b}c"])
        #expect(lines.all == [#"21:04:05 info    r\n1  said\nfake  k\ne=v  d\u{1b}c"# + "\n"])
    }

    @Test func anErrorAndItsDetailComeLast() {
        logger().error("delivery failed", error: Refused(), metadata: ["detail": "contoso-sms.service", "try": "2"])
        #expect(lines.all == ["21:04:05 error   delivery failed  try=2  contoso-sms.service: exited 5\n"])
    }

    @Test func coloursAreForTerminalsOnly() throws {
        logger(colour: true).error("failed", metadata: ["resource": "r", "k": "v"])
        let line = try #require(lines.all.first)
        #expect(
            line == "\u{1b}[2m21:04:05\u{1b}[0m \u{1b}[31merror\u{1b}[0m   \u{1b}[1mr\u{1b}[0m  failed  "
                + "\u{1b}[2mk=\u{1b}[0mv\n")
    }

    @Test func writesToStandardErrorWithTheTimeOfDay() async throws {
        let result = try await #require(
            processExitsWith: .success, observing: [\.standardErrorContent]
        ) {
            Logger(label: "engine") { _ in TerminalLogHandler() }.notice("said", metadata: ["k": "v"])
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasSuffix(" notice  said  k=v") })
        #expect(line.prefix(8).split(separator: ":").compactMap { Int($0) }.count == 3)
    }

    @Test func theEnvironmentChoosesTheHandler() {
        #expect(LogDestination.terminal.handler(label: "a", level: .debug) is TerminalLogHandler)
        #expect(LogDestination.journal.handler(label: "a", level: .debug) is JournalLogHandler)
        #expect(LogDestination.terminal.handler(label: "a", level: .debug).logLevel == .debug)
    }
}
