import EventCatalog
import RotationEngine
import Testing

@testable import Rotation
@testable import StatusPage

@Suite struct OverviewTests {
    private func verdict(_ text: String) -> String? {
        text.between(#"<h1 id="how""#, "</h1>")?.split(separator: ">").last.map(String.init)
    }

    @Test func `all well, and what comes next`() throws {
        let text = try Sample.overview([try Sample.facts("contoso-mail"), try Sample.facts("contoso-sms")])
        #expect(verdict(text) == "All well")
        #expect(text.contains("<title>All well · keyturn on srv1</title>"))
        #expect(text.contains("2 resources; next <a href=\"./resource/contoso-mail\">contoso-mail</a> Secondary "))
        #expect(text.contains(#"<time datetime="2026-12-13T12:00:00Z" title="2026-12-13T12:00:00Z">in 18d</time>"#))
        #expect(!text.contains("class=\"kinds\""))
        #expect(text.count(of: "<li class=\"row ") == 2)
    }

    @Test func `no resources at all`() throws {
        let text = try Sample.overview([])
        #expect(verdict(text) == "All well")
        #expect(text.contains("The configuration has no resources yet."))
        #expect(text.count(of: "<li class=\"row ") == 0)
    }

    @Test func `what is wrong is collected by kind, the worst first, with what to do`() throws {
        var rows = try (1...20).map { try Sample.facts("mail-\($0)", health: .degraded(.forbidden)) }
        rows.append(try Sample.facts("contoso-held", health: .held(.bothKeysChanged)) { $0.hold = Self.hold })
        rows.append(try Sample.facts("contoso-slow", health: .degraded(.throttled)))
        rows.append(try Sample.facts("contoso-still", health: .paused) { $0.pausedBy = "alice (uid 1000)" })
        rows.append(try Sample.facts("contoso-ok"))
        let text = try Sample.overview(rows)
        #expect(verdict(text) == "21 need you")
        #expect(text.contains("24 resources, 1 held, 20 failing, 1 being retried, 1 paused"))
        let kinds = text.components("<li class=\"kind ").dropFirst()
        let codes = kinds.compactMap { $0.between("<code>", "</code>") }
        #expect(codes == ["both-keys-changed", "forbidden", "throttled"])
        let second = kinds.dropFirst().first ?? ""
        #expect(second.contains("20 resources, for <time"))
        #expect(second.contains("Azure knows the identity but does not allow it this action (403)."))
        #expect(second.contains("<strong>What to do: </strong>Grant it"))
        #expect(second.contains("href=\"./?q=forbidden\">and 12 more</a>"))
        // With one resource the command has its name.
        #expect(kinds.first?.contains("<code>keyturn resume contoso-held</code>") == true)
        let names = text.components("<li class=\"row ").dropFirst().compactMap { $0.between("id=\"row-", "\"") }
        #expect(names.first == "contoso-held" && names[21] == "contoso-slow")
        #expect(names.suffix(2) == ["contoso-still", "contoso-ok"])
    }

    private static let hold = Hold(reason: .bothKeysChanged, detail: "both keys changed", since: Sample.now)

    @Test func `what usually passes needs nobody until it lasts`() throws {
        let short = try Sample.facts(health: .degraded(.unreachable), since: Sample.now - .seconds(3599))
        #expect(verdict(try Sample.overview([short])) == "1 is being retried")
        let long = try Sample.facts(health: .degraded(.unreachable), since: Sample.now - .seconds(3600))
        #expect(verdict(try Sample.overview([long])) == "1 needs you")
    }

    @Test func `a refused reload needs somebody, with its lines`() throws {
        let lines = (1...12).map { "/etc/keyturn/keyturn.yaml:\($0):3: error: unknown key <i>" }
        let text = try Sample.overview([try Sample.facts()], daemon: Sample.daemon { $0.reloadErrors = lines })
        #expect(verdict(text) == "1 needs you")
        #expect(text.contains("The last reload was refused"))
        #expect(text.contains("/etc/keyturn/keyturn.yaml:10:3: error: unknown key &lt;i&gt;"))
        #expect(!text.contains("keyturn.yaml:11:3") && text.contains("and 2 more"))
        #expect(text.contains("<code>keyturn reload</code>"))
    }

    @Test func `a daemon that starts says so`() throws {
        let daemon = Sample.daemon {
            $0.isReady = false
            $0.unsettled = ["contoso-sms"]
            $0.withoutFiles = ["contoso-mail", "contoso-sms"]
        }
        let text = try Sample.overview([try Sample.facts()], daemon: daemon)
        #expect(verdict(text) == "Starting")
        #expect(text.contains("The daemon is starting, and still looks at contoso-sms."))
        #expect(text.contains("nothing to read, for 2 resources: contoso-mail, contoso-sms."))
    }

    @Test func `paused ones alone are no trouble`() throws {
        let rows = try ["a", "b"].map { try Sample.facts($0, health: .paused, policy: Sample.policy(mode: .paused)) }
        let text = try Sample.overview(rows)
        #expect(verdict(text) == "All paused")
        #expect(text.contains("paused by its policy"))
    }

    @Test(arguments: Reason.allCases)
    func `every reason is told, with what to do`(_ reason: Reason) throws {
        for health in [Health.degraded(reason), .held(reason)] {
            let facts = try Sample.facts(health: health, detail: "what the other side said")
            let pages = [try Sample.overview([facts]), Sample.page(facts)]
            for text in pages where reason != .paused {
                #expect(text.contains("<code>\(reason.rawValue)</code>"))
                let plain = text.withoutMarkup
                #expect(plain.contains(reason.meaning))
                #expect(plain.contains(reason.advice.unquoted), "\(plain)")
                #expect(plain.contains("what the other side said"))
            }
        }
    }

    @Test func `what asks for nothing but patience is what usually passes`() {
        for reason in Reason.allCases where reason.advice.hasPrefix("Nothing") { #expect(reason.usuallyPasses) }
    }

    @Test(arguments: [
        ("ontoso-S", 2), ("monthly", 3), ("FORBIDDEN", 1), ("resourcegroups/lab", 3), ("degraded", 1), ("zz", 0),
    ])
    func `a filter finds names, ids, policies, health and reasons`(_ filter: String, _ count: Int) throws {
        let rows = try [
            Sample.facts("contoso-sms"), Sample.facts("contoso-sip", health: .degraded(.forbidden)),
            Sample.facts("contoso-mail"),
        ]
        let text = try Sample.overview(rows, try Sample.query(filter))
        #expect(text.count(of: "<li class=\"row ") == count)
        // How all are does not depend on what is looked for.
        #expect(verdict(text) == "1 needs you")
        #expect(text.contains("value=\"\(filter)\""))
    }

    @Test func `ten thousand are a hundred pages, each of them small`() throws {
        var rows = try (1...9_990).map { try Sample.facts("load-\($0 + 10_000)") }
        rows += try (1...10).map { try Sample.facts("zz-\($0)", health: .degraded(.forbidden)) }
        let figures = rows.map(Sample.figures)
        let first = Overview(figures, try Sample.query(), now: Sample.now)
        #expect(first.pages == 100 && first.names.count == 100)
        #expect(first.names.prefix(2) == ["zz-1", "zz-10"] && first.names[10] == "load-10001")
        let last = Overview(figures, try Sample.query(page: "100"), now: Sample.now)
        #expect(last.names.last == "load-20000" || last.names.last == "load-19990")
        #expect(Overview(figures, try Sample.query(page: "101"), now: Sample.now).names.isEmpty)
        let text = try Sample.overview(rows, try Sample.query(page: "3"))
        #expect(text.contains("Resources 201 to 300 of 10000"))
        #expect(text.contains("href=\"./?page=2\">Previous</a>") && text.contains("href=\"./?page=4\">Next</a>"))
        #expect(text.contains("Page 3 of 100"))
        #expect(text.utf8.count < 600_000, "\(text.utf8.count) bytes")
    }

    @Test func `filter, page and span go on together`() throws {
        let rows = try (1...250).map { try Sample.facts("contoso-\($0)") }
        let text = try Sample.overview(rows, try Sample.query("contoso", page: "2", span: "7d"))
        #expect(text.contains("href=\"./?q=contoso&amp;span=7d&amp;page=3\">Next</a>"))
        #expect(text.contains("href=\"./?q=contoso&amp;span=7d\">Previous</a>"))
        #expect(text.contains("href=\"./?q=contoso&amp;span=1h&amp;page=2\">1h</a>"))
        #expect(text.contains("<input type=\"hidden\" name=\"span\" value=\"7d\">"))
        #expect(text.contains("href=\"./?q=contoso&amp;span=7d&amp;page=2\" aria-current=\"true\">7d</a>"))
    }
}

extension String {
    func components(_ separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }

    /// Only what is read.
    var withoutMarkup: String {
        var text = ""
        var isTag = false
        for character in self {
            if character == "<" {
                isTag = true
            } else if character == ">" {
                isTag = false
            } else if !isTag {
                text.append(character)
            }
        }
        for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&quot;", "\""), ("&amp;", "&")] {
            text = text.split(separator: entity, omittingEmptySubsequences: false).joined(separator: character)
        }
        return text
    }

    /// As a page shows a sentence of the catalog: commands without their quotes, the name in the place of NAME.
    var unquoted: String {
        var text = ""
        let characters = Array(self)
        for (index, character) in characters.enumerated() {
            let before = index > 0 ? characters[index - 1] : " "
            let after = index + 1 < characters.count ? characters[index + 1] : " "
            let isLetter = before.isLetter && after.isLetter || before == "s" && after == " " && !isQuoted(index)
            if character == "'", !isLetter { continue }
            text.append(character)
        }
        return text.split(separator: "NAME", omittingEmptySubsequences: false).joined(separator: "contoso-sms")
    }

    private func isQuoted(_ index: Int) -> Bool { prefix(index).count { $0 == "'" } % 2 == 1 }
}
