import Glibc
import Logging
import Synchronization
import Testing

@testable import Systemd

/// What a handler wrote, one list of fields an entry.
private final class Entries: Sendable {
    private let entries = Mutex<[[String]]>([])

    func append(_ fields: [[UInt8]]) {
        entries.withLock { $0.append(fields.map { String(decoding: $0, as: UTF8.self) }) }
    }

    var all: [[String]] { entries.withLock { $0 } }
}

private struct Refused: Error, CustomStringConvertible {
    let description = "exited 5"
}

@Suite struct JournalLogHandlerTests {
    private let entries = Entries()
    private let logger: Logger

    init() {
        logger = Logger(label: "engine") { [entries] label in
            var handler = JournalLogHandler(label: label) { entries.append($0) }
            handler.logLevel = .trace
            return handler
        }
    }

    @Test func everyFactIsAFieldOfItsOwn() throws {
        logger.notice(
            "new key published",
            metadata: [
                "resource": "contoso-sms", "keyType": "Secondary", "version": .stringConvertible(42),
                "message-id": "0123456789ABCDEF0123456789abcdef",
            ],
            file: "Sources/Engine.swift", function: "publish()", line: 7)
        #expect(
            entries.all == [
                [
                    "MESSAGE=new key published: contoso-sms Secondary (version=42)", "PRIORITY=5",
                    "SYSLOG_IDENTIFIER=keyturn", "CODE_FILE=Sources/Engine.swift", "CODE_LINE=7", "CODE_FUNC=publish()",
                    "KEYTURN_LOGGER=engine", "MESSAGE_ID=0123456789abcdef0123456789abcdef",
                    "KEYTURN_RESOURCE=contoso-sms", "KEYTURN_KEY_TYPE=Secondary", "KEYTURN_VERSION=42",
                ]
            ])
    }

    @Test(arguments: [
        (Logger.Level.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3), (.critical, 2),
    ])
    func levelsBecomeSyslogPriorities(_ level: Logger.Level, _ priority: Int) throws {
        logger.log(level: level, "said")
        #expect(try #require(entries.all.first).contains("PRIORITY=\(priority)"))
    }

    @Test func theMessageIsReadableAndOneLine() throws {
        logger.error(
            "delivery failed", error: Refused(),
            metadata: [
                "resource": "contoso-sms", "reason": "delivery-failed", "unit": "a b.service",
                "note": "two\nlines \u{1b}[31m", "detail": "contoso-sms.service:\nUnit not found",
            ])
        let entry = try #require(entries.all.first)
        #expect(
            entry[0] == #"MESSAGE=delivery failed: contoso-sms (note="two\nlines \u{1b}[31m", reason=delivery-failed, "#
                + #"unit="a b.service"): contoso-sms.service:\nUnit not found: exited 5"#)
        #expect(entry.contains("KEYTURN_NOTE=two\nlines \u{1b}[31m"))
        #expect(entry.contains("KEYTURN_DETAIL=contoso-sms.service:\nUnit not found: exited 5"))
    }

    @Test func severalResourcesAreAFieldEach() throws {
        logger.warning(
            "failing", metadata: ["resource": ["a", "b", "c", "d", "e"], "meaning": "It fails.", "advice": "Mend it."])
        let entry = try #require(entries.all.first)
        #expect(entry[0] == "MESSAGE=failing: a, b, c and 2 more")
        #expect(
            entry.suffix(7) == [
                "KEYTURN_RESOURCE=a", "KEYTURN_RESOURCE=b", "KEYTURN_RESOURCE=c", "KEYTURN_RESOURCE=d",
                "KEYTURN_RESOURCE=e", "KEYTURN_MEANING=It fails.", "KEYTURN_ADVICE=Mend it.",
            ])
    }

    @Test func aMessageWithoutFactsStandsAlone() throws {
        logger.info("started")
        #expect(try #require(entries.all.first)[0] == "MESSAGE=started")
    }

    @Test(arguments: ["", "not hex", "0123456789abcdef", "0123456789abcdef0123456789abcdeg"])
    func aMessageIDThatIsNoneIsLeftOut(_ id: String) throws {
        logger.info("started", metadata: ["message-id": .string(id)])
        #expect(try #require(entries.all.first).allSatisfy { !$0.hasPrefix("MESSAGE_ID") })
    }

    @Test func nestedFactsAreFlattened() throws {
        logger.info("called", metadata: ["request": ["id": "7", "tries": ["a", "b"]]])
        let entry = try #require(entries.all.first)
        #expect(entry[0] == "MESSAGE=called (request.id=7, request.tries=a, request.tries=b)")
        #expect(
            entry.suffix(3) == ["KEYTURN_REQUEST_ID=7", "KEYTURN_REQUEST_TRIES=a", "KEYTURN_REQUEST_TRIES=b"])
    }

    @Test func theEventsMetadataWinsOverTheProvidersAndTheHandlers() throws {
        var handler = JournalLogHandler(label: "engine") { [entries] in entries.append($0) }
        handler.metadata = ["a": "handler", "b": "handler", "c": "handler"]
        handler.metadataProvider = Logger.MetadataProvider { ["b": "provider", "c": "provider"] }
        handler[metadataKey: "d"] = "set"
        #expect(handler[metadataKey: "d"] == "set")
        let logger = Logger(label: "engine") { _ in handler }
        logger.info("said", metadata: ["c": "event"])
        #expect(try #require(entries.all.first)[0] == "MESSAGE=said (a=handler, b=provider, c=event, d=set)")
    }

    @Test func journaldRefusesWhatIsNoField() {
        #expect(throws: SystemdError.self) { try Journal.send([Array("no equals sign".utf8)]) }
    }

    @Test(.enabled(if: access("/run/systemd/journal/socket", F_OK) == 0, "no journald here"), .timeLimit(.minutes(15)))
    func journaldKeepsTheFields() async throws {
        let token = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        // Larger than a datagram may be: libsystemd passes such an entry in a file.
        let long = String(repeating: "x", count: 300_000) + "!"
        let logger = Logger(label: "engine") { JournalLogHandler(label: $0) }
        logger.notice(
            "said",
            metadata: [
                "keyType": "Primary", "testToken": .string(token), "text": "two\nlines",
                "large": ["long": .string(long)],
            ])
        while try !journalctl(token).contains("said: Primary") {
            try await Task.sleep(for: .milliseconds(50))
        }
        let entry = try journalctl(token)
        #expect(entry.contains("KEYTURN_KEY_TYPE=Primary"))
        #expect(entry.contains("KEYTURN_TEST_TOKEN=\(token)"))
        #expect(entry.contains("SYSLOG_IDENTIFIER=keyturn"))
        #expect(entry.contains("PRIORITY=5"))
        #expect(entry.contains("two\n"))
        #expect(entry.contains("KEYTURN_LARGE_LONG=xxx"))
        #expect(entry.contains("xxx!"))
    }

    private func journalctl(_ token: String) throws -> String {
        let stream = try #require(popen("journalctl --all -o verbose KEYTURN_TEST_TOKEN=\(token) 2>&1", "r"))
        defer { pclose(stream) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { output += buffer.prefix(count) }
        return String(decoding: output, as: UTF8.self)
    }
}

@Suite struct JournalFieldNameTests {
    @Test(arguments: [
        ("resource", "KEYTURN_RESOURCE"), ("keyType", "KEYTURN_KEY_TYPE"), ("key-type", "KEYTURN_KEY_TYPE"),
        ("ahc-request-id", "KEYTURN_AHC_REQUEST_ID"), ("request.id", "KEYTURN_REQUEST_ID"),
        ("requestID", "KEYTURN_REQUEST_ID"), ("HTTPStatus", "KEYTURN_HTTP_STATUS"), ("HTTP", "KEYTURN_HTTP"),
        ("sha256Sum", "KEYTURN_SHA256_SUM"), ("a__b--c", "KEYTURN_A_B_C"), ("_private", "KEYTURN_PRIVATE"),
        ("trailing_", "KEYTURN_TRAILING"), ("9lives", "KEYTURN_9LIVES"), ("", "KEYTURN_UNNAMED"),
        ("=\n", "KEYTURN_UNNAMED"), ("größe", "KEYTURN_GR_E"), ("keyturn-phase", "KEYTURN_PHASE"),
        ("KEYTURN_PHASE", "KEYTURN_PHASE"), ("keyturned", "KEYTURN_KEYTURNED"),
    ])
    func names(_ key: String, _ name: String) {
        #expect(journalFieldName(key) == name)
    }

    @Test func anyKeyGivesANameJournaldTakes() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        for _ in 0..<2000 {
            var key = ""
            for _ in 0..<(state >> 32) % 90 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                if let scalar = Unicode.Scalar(UInt32((state >> 33) % 0x250)) { key.unicodeScalars.append(scalar) }
            }
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let name = journalFieldName(key)
            let isValid = name.utf8.allSatisfy {
                (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f
            }
            #expect(isValid && name.hasPrefix("KEYTURN_") && name.utf8.count <= 64, "seed \(seed): \(key) gave \(name)")
        }
    }
}
