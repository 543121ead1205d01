import Daemon
import Rotation
import RotationEngine
import Testing

@testable import KeyturnCommands

@Suite struct StatusTableTests {
    private func text(_ width: Int?, colour: Bool = false, first: Int = .max, unicode: Bool = true) throws -> String {
        var terminal = Terminal(width: width, isTerminal: width != nil, hasColour: colour)
        terminal.isUnicode = unicode
        let report = Reports.report(try Reports.usual(), first: first)
        return StatusTable(report: report, now: Reports.now).lines(terminal).joined(separator: "\n")
    }

    @Test func `eighty columns have all that matters, what is wrong first`() throws {
        let expected = """
            RESOURCE          HEALTH    KEY              AGE   NEXT       REASON
            contoso-…prod-01  held      Primary  ██████  46d!  -          wrong-key…-changed
            contoso-mail      degraded  Primary  █░░░░░  12d   in 2d      forbidden
            contoso-sms       ok        Primary  ████░░  30d   due
            contoso-voice     ok        Primary  █░░░░░  12d   in 3h 12m
            contoso-fax       paused    Primary  ████░░  31d   in 3d      INC-17 freeze
            contoso-chat      ok        Primary  █░░░░░  12d   in 18d

            6 resources: 1 held, 1 degraded, 1 paused, 3 ok; 1 under way; next contoso-sms
            Secondary now
            'keyturn status NAME' says what to do.
            """
        #expect(try text(80) == expected)
    }

    @Test func `a narrow terminal has the names and what is wrong`() throws {
        let expected = """
            RESOURCE          HEALTH    REASON
            contoso-…prod-01  held      wrong-…anged
            contoso-mail      degraded  forbidden
            contoso-sms       ok
            contoso-voice     ok
            contoso-fax       paused    INC-17…reeze
            contoso-chat      ok

            6 resources: 1 held, 1 degraded, 1
            paused, 3 ok; 1 under way; next
            contoso-sms Secondary now
            'keyturn status NAME' says what to do.
            """
        #expect(try text(40) == expected)
    }

    @Test func `a wide terminal has whole names, steps and details`() throws {
        let expected = """
            RESOURCE                                           HEALTH    PHASE      KEY      VERSION             \
            AGE   NEXT       REASON
            contoso-notifications-for-northern-europe-prod-01  held      held       Primary  7        █████████  \
            46d!  -          wrong-key-type-changed
            contoso-mail                                       degraded  settled    Primary  7        ██░░░░░░░  \
            12d   in 2d      forbidden
            contoso-sms                                        ok        verifying  Primary  7        ██████░░░  \
            30d   due
            contoso-voice                                      ok        settled    Primary  7        ██░░░░░░░  \
            12d   in 3h 12m
            contoso-fax                                        paused    settled    Primary  7        ██████░░░  \
            31d   in 3d      INC-17 freeze
            contoso-chat                                       ok        settled    Primary  7        ██░░░░░░░  \
            12d   in 18d

            6 resources: 1 held, 1 degraded, 1 paused, 3 ok; 1 under way; next contoso-sms Secondary now
            'keyturn status NAME' says what to do.
            """
        #expect(try text(140) == expected)
    }

    @Test func `colours change nothing but colours`() throws {
        for width in [40, 80, 140] {
            let coloured = try text(width, colour: true)
            #expect(coloured.contains("\u{1b}[1;31mheld\u{1b}[0m"))
            #expect(coloured.contains("\u{1b}[33mdegraded\u{1b}[0m"))
            let plain = coloured.replacing(#/\x1b\[[0-9;]*m/#, with: "")
            #expect(plain == (try text(width)))
        }
        let plain = try text(80)
        #expect(!plain.contains("\u{1b}"))
    }

    @Test func `no line is longer than the terminal is wide`() throws {
        for width in 24...200 {
            for line in try text(width).split(separator: "\n") { #expect(line.count <= width, "\(width): \(line)") }
        }
    }

    @Test func `a pipe gets whole names`() throws {
        let text = try text(nil)
        #expect(text.contains("contoso-notifications-for-northern-europe-prod-01  held"))
    }

    @Test func `ASCII where nothing else can be shown`() throws {
        let text = try text(80, unicode: false)
        #expect(!text.contains { !$0.isASCII })
        #expect(text.contains("######"))
    }

    @Test func `a list that is cut short says so, and tells the reasons of all`() throws {
        let text = try text(80, first: 1)
        #expect(text.contains("… and 5 more; 'keyturn status --all' lists them."))
        #expect(text.contains("Reasons: forbidden 1, wrong-key-type-changed 1"))
        #expect(!text.contains("contoso-mail  "))
    }

    @Test func `a refused reload is told`() throws {
        let report = Reports.report(try Reports.usual(), error: "keyturn.yaml:3:1: error: unknown key 'setle'")
        let lines = StatusTable(report: report, now: Reports.now).lines(Terminal(width: 80))
        #expect(lines.contains("  keyturn.yaml:3:1: error: unknown key 'setle'"))
    }

    @Test func `of ten thousand resources a terminal gets what matters`() throws {
        var statuses = try (0..<10_000).map { try Reports.status("contoso-\($0)", next: .seconds($0)) }
        statuses[9_999].health = .held(.bothKeysChanged)
        let report = Reports.report(statuses, first: StatusSource.usualRows)
        let lines = StatusTable(report: report, now: Reports.now).lines(Terminal(width: 80, isTerminal: true))
        #expect(lines[1].hasPrefix("contoso-9999"))
        #expect(lines[2].hasPrefix("contoso-0 "))
        #expect(lines.count < StatusSource.usualRows + 10)
    }
}
