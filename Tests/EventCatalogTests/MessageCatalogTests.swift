import FoundationEssentials
import Glibc
import Logging
import Rotation
import Synchronization
import Testing

@testable import EventCatalog

@Suite struct MessageCatalogTests {
    /// What was released: `journalctl MESSAGE_ID=…` and alert rules of others are built on it.
    private static let released = [
        "adopted": "90f303661560561db369be037c13c8df",
        "adopted-anew": "623cb7e9771f4f29873934c989728381",
        "also-failing": "ab8ad8c1b96d4fa99544192a71c6bfe2",
        "also-recovered": "c1ec80d31789483ba2e56d8d58b21626",
        "answer-not-kept": "8906aac1261d4ecdacecc195dcf67ae6",
        "awaiting-regenerates": "23d2cdf433a042b2b4494ec9245c2626",
        "azure-answered": "2ac5c59da20346cfab9f334597297165",
        "clock-off": "4f4c169160c84eb4896f2c3142041295",
        "command-refused": "8ad961bb210241948bf4d9ef0b304a8e",
        "consumer-not-running": "c93e1aeb0cb04b9c8d700efe9dbca345",
        "consumer-output": "41510a4e6cc440e3a37e4cf44fe4151b",
        "current-key-changed": "be17722285cd5277af3213f24f688baa",
        "delivered": "6dcde0173a66599aa2e54bc354cbe329",
        "discovery-failed": "48ef30112c1e44f5bc6dab1b8487df4b",
        "discovery-recovered": "5f8ec690fe9d401bb5a221b29849a610",
        "discovery-refused": "c1d1befca6734080b5de7a2e39c35a10",
        "doubtful-configuration": "843a8815625f4a32abf1a2c3dfbc6192",
        "endpoint-changed": "59f2542b141043a78ceedd5832a53193",
        "failed": "2708b2e68234522ea267683afed95af9",
        "files-updated": "52fe7571f782528e9a4c299829b2851b",
        "held": "fc00f3ef53b258a7bbb1d2582d81ab77",
        "key-confirmed": "a909f0314c345725b6188c8671d404f6",
        "key-moved": "c9b65752076b5615a0f94fdf08888c47",
        "key-too-old": "2d1d26af3f8e5d238b6d7bf8e301a077",
        "key-unverified": "a56e354a6d82462c95ce526d61037959",
        "key-verified": "eb740be1798f53ccb4e0bb74cb151219",
        "ledger-set-aside": "76cb5219943f4e1eb2df2e26e29c8e65",
        "not-started": "0009cbcd7beb46f58cb190a4a81cf817",
        "nothing-published": "a1390a176f5a4c4c819e448ed63ae021",
        "other-key-changed": "6ae65595898e5f4ca9ce397fa0feee64",
        "paused": "fce7c2f4d1595d0d9228bad17e20f6f0",
        "prune-failed": "c5dd102940e94ae79ff735eb2e121dcd",
        "published": "04efb6f4b6585aa3b028b17acd9d2147",
        "ready": "95a1ae6a9df74be0b4395e8662e8b952",
        "recovered": "367e2a4d2a54565b85bbb5d6ab009bf5",
        "regenerate-answered": "c4b027859d755f159db0155cd61b8abc",
        "regenerate-did-not-run": "95cd055fa5345c8cbe94958134ea8a09",
        "regenerate-not-executed": "4d1e31c7ed1854cfad692cd060bf153d",
        "regenerate-sent": "7c8e90b4bb4153ce82290ab6aae970ae",
        "regenerate-undecided": "eb8c0145c0dc5469a568680f8c13ee2d",
        "reload-refused": "427368091c8b4df8875e533beb3210f1",
        "reloaded": "7a99cfa95b7c47a0be4e514e6efa74fd",
        "rescheduled": "d904297c19ce5c20acc92594a633270f",
        "resource-added": "6f5514634367454198ce4958b56d5592",
        "resource-discovered": "45a262d88fd54265af485dd5b4e9d168",
        "resource-released": "1ce447e16fd4405ca83e10e8ae29fd83",
        "resource-removed": "d72b33a62898493ea5889a276c301a20",
        "resource-renamed": "b3d6b53dfdd54551ab655ef076614d66",
        "resource-vanished": "8c29332b72ba4fb7b7c3d84787701c1d",
        "resumed": "01bb99b93cd45e809edc6cb8b48cfd41",
        "rotation-requested": "04f75a9aa36257d5a6ec6896d70b6e03",
        "secret-pruned": "a8cc3a96da284b7daf0b8e9f8e37b0d3",
        "secrets-tampered": "25c80b2a58a35fb487b3732559eb00c3",
        "starting": "8f3624f4b5f04d37be2651eab8db4d48",
        "still-failing": "9fcdab16d52c4fd49713061aeb1a78c3",
        "stopping": "4769ed5e5bff4ac392903c84b894e949",
        "systemd-not-told": "d463ff1ea25e488ab97cb6b3e6d98c6c",
        "waiting-for-command": "8a8fa085d65a4c56a27e11c2e7e17507",
    ]

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func kept(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: Self.root.appending(path: path)), as: UTF8.self)
    }

    @Test func `ids and names are those that were released`() {
        let now = Dictionary(JournalEvent.all.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        #expect(now == Self.released)
        #expect(now.count == JournalEvent.all.count)
        #expect(Set(now.values).count == now.count)
        for id in now.values {
            #expect(id.utf8.count == 32 && id.allSatisfy { "0123456789abcdef".contains($0) }, "\(id)")
        }
    }

    @Test func `the installed catalog is made of the table`() throws {
        let isKept = try kept("deploy/usr/lib/systemd/catalog/keyturn.catalog") == MessageCatalog.text
        #expect(isKept, "make it anew with: make catalog")
    }

    @Test func `the manual page has the reason codes of the table`() throws {
        guard let manual = try? kept("deploy/usr/share/man/man8/keyturn.8") else { return }
        let parts = manual.split(separator: ".\\\" reason codes: ", omittingEmptySubsequences: false)
        try #require(parts.count == 3, "they stand between '.\\\" reason codes: begin' and '.\\\" reason codes: end'")
        #expect(parts[1] == "begin\n" + MessageCatalog.manual, "make it anew with: make catalog")
    }

    /// The fields that an entry of the kind always has.
    private func fields(of event: JournalEvent) -> Set<String> {
        let ofReason: Set = ["KEYTURN_REASON", "KEYTURN_MEANING", "KEYTURN_ADVICE"]
        let ofMany: Set = ["KEYTURN_FAILING", "KEYTURN_SINCE"]
        switch event.name {
        case "failed", "held", "regenerate-not-executed", "recovered", "current-key-changed",
            "key-unverified":
            return ofReason.union(["KEYTURN_RESOURCE"])
        case "regenerate-sent", "regenerate-answered", "key-confirmed":
            return ["KEYTURN_RESOURCE", "KEYTURN_KEY_TYPE"]
        case "also-failing", "still-failing": return ofReason.union(ofMany)
        case "also-recovered": return ofReason.union(["KEYTURN_FAILING", "KEYTURN_RECOVERED"])
        case "ledger-set-aside": return ["KEYTURN_PATH"]
        case "not-started": return ["KEYTURN_AT", "KEYTURN_ADVICE"]
        case "reload-refused": return ["KEYTURN_AT"]
        case "doubtful-configuration": return ["KEYTURN_AT", "KEYTURN_DETAIL"]
        case "resource-renamed": return ["KEYTURN_RESOURCE", "KEYTURN_FORMER_NAME"]
        case "adopted-anew": return ["KEYTURN_RESOURCE", "KEYTURN_ID", "KEYTURN_EARLIER_ID"]
        case "resource-discovered", "resource-vanished", "resource-released": return ["KEYTURN_RESOURCE", "KEYTURN_ID"]
        case "discovery-refused": return ["KEYTURN_RESOURCE", "KEYTURN_ID", "KEYTURN_DETAIL"]
        case "discovery-failed": return ofReason.union(["KEYTURN_SCOPE", "KEYTURN_DETAIL"])
        case "discovery-recovered": return ["KEYTURN_SCOPE"]
        case "secret-pruned": return ["KEYTURN_RESOURCE", "KEYTURN_ID", "KEYTURN_PATH", "KEYTURN_DETAIL"]
        case "prune-failed": return ["KEYTURN_RESOURCE", "KEYTURN_DETAIL"]
        case "command-refused": return ["KEYTURN_RESOURCE", "KEYTURN_COMMAND", "KEYTURN_DETAIL"]
        case "clock-off": return ["KEYTURN_CLOCK_OFFSET"]
        default: return ["KEYTURN_RESOURCE"]
        }
    }

    @Test(arguments: JournalEvent.all.map(\.name))
    func `a text names only fields that are there`(name: String) throws {
        let event = try #require(JournalEvent.all.first { $0.name == name })
        let parts = (event.subject + "\n" + event.explanation).split(separator: "@", omittingEmptySubsequences: false)
        #expect(parts.count % 2 == 1)
        for index in stride(from: 1, to: parts.count, by: 2) {
            #expect(fields(of: event).contains(String(parts[index])), "\(parts[index])")
        }
    }

    /// catalog(7), as far as it is written down: `-- ` begins an entry, `#` a comment, an empty line ends the header.
    @Test(arguments: JournalEvent.all.map(\.name))
    func `a text is one entry of lines that fit`(name: String) throws {
        let event = try #require(JournalEvent.all.first { $0.name == name })
        #expect(!event.message.isEmpty && !event.subject.isEmpty && !event.subject.contains("\n"))
        let lines = event.explanation.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(!lines[0].isEmpty && lines.last?.isEmpty == false)
        for line in lines {
            #expect(line.count <= 88, "\(line)")
            #expect(!line.hasPrefix("-- ") && !line.hasPrefix("#"))
        }
    }

    /// systemd puts values of up to 256 bytes into a text in its oldest versions, of 4096 in those of today.
    @Test(arguments: Reason.allCases) func `every reason is explained`(reason: Reason) {
        for text in [reason.meaning, reason.advice] {
            #expect(text.utf8.count <= 256 && text.count > 20, "\(text)")
            #expect(text.hasSuffix(".") && !text.contains("\n"))
        }
    }

    private static let journalctl = "/usr/bin/journalctl"

    @Test(.enabled(if: access(journalctl, X_OK) == 0, "needs journalctl"))
    func `systemd takes the catalog without complaint`() throws {
        var template = Array("/tmp/keyturn-catalog-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let directory = root + "/usr/lib/systemd/catalog"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(MessageCatalog.text.utf8).write(to: URL(filePath: directory + "/keyturn.catalog"))
        let command = "\(Self.journalctl) --root=\(root) --update-catalog >\(root)/said 2>&1"
        #expect(system(command) == 0)
        #expect(try String(contentsOf: URL(filePath: root + "/said"), encoding: .utf8) == "")
        #expect(system("\(Self.journalctl) --root=\(root) --list-catalog >\(root)/list 2>/dev/null") == 0)
        let list = try String(contentsOf: URL(filePath: root + "/list"), encoding: .utf8)
        for event in JournalEvent.all { #expect(list.contains("\(event.id) Keyturn: "), "\(event.name)") }
    }

    @Test func `a line takes its facts from the table`() {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in lines }
        logger.log(.ready)
        logger.log(Note.Kind.held.journalEvent, level: .warning, metadata: ["resource": "contoso-sms"])
        #expect(
            lines.all.withLock { $0 } == [
                "notice ready event=ready message-id=95a1ae6a9df74be0b4395e8662e8b952",
                "warning held: nothing is regenerated until 'keyturn resume' event=held "
                    + "message-id=fc00f3ef53b258a7bbb1d2582d81ab77 resource=contoso-sms",
            ])
    }
}
