import Rotation
import Testing

@testable import Daemon
@testable import KeyturnCommands

@Suite struct HistoryTableTests {
    private let entries = [
        HistoryEntry(
            id: 1, at: Reports.now, resource: "contoso-sms", event: "published", actor: "keyturn", keyType: "Primary",
            version: 3, detail: "rotation"),
        HistoryEntry(
            id: 2, at: Reports.now + .seconds(5), resource: "contoso-sms", event: "failed", actor: "keyturn",
            reason: "delivery-failed",
            detail:
                "contoso-sms.service: the unit could not be reloaded because it does not run, and it is not started",
            requestID: "r-1"),
    ]

    private func text(_ width: Int?) -> String { HistoryTable(entries).text(Terminal(width: width)) }

    @Test func `a pipe has a line an event`() {
        let expected = """
            AT                    RESOURCE     EVENT      KEY      VERSION  BY       WHY
            2027-01-15T08:00:00Z  contoso-sms  published  Primary  3        keyturn  rotation
            2027-01-15T08:00:05Z  contoso-sms  failed     -        -        keyturn  delivery-failed: \
            contoso-sms.service: the unit could not be reloaded because it does not run, and it is not started \
            (request r-1)
            """
        #expect(text(nil) == expected)
    }

    @Test func `a wide terminal keeps the columns`() {
        let expected = """
            AT                    RESOURCE     EVENT      KEY      VERSION  BY       WHY
            2027-01-15T08:00:00Z  contoso-sms  published  Primary  3        keyturn  rotation
            2027-01-15T08:00:05Z  contoso-sms  failed     -        -        keyturn  delivery-failed: \
            contoso-sms.service: the unit could not be
                                                                                     reloaded because it does not \
            run, and it is not started (request
                                                                                     r-1)
            """
        #expect(text(140) == expected)
    }

    @Test func `a narrow one has a few lines an event`() {
        let expected = """
            2027-01-15T08:00:00Z published
              contoso-sms, Primary, version 3, by keyturn
              rotation
            2027-01-15T08:00:05Z failed
              contoso-sms, by keyturn
              delivery-failed: contoso-sms.service: the unit could not
              be reloaded because it does not run, and it is not started
              (request r-1)
            """
        #expect(text(60) == expected)
    }

    @Test func `the last rotation begins with who asked for it`() {
        func entry(_ id: Int64, _ event: String) -> HistoryEntry {
            HistoryEntry(id: id, at: Reports.now + .seconds(Int(id)), resource: "a", event: event, actor: "keyturn")
        }
        let history = [
            entry(6, "published"), entry(5, "filesUpdated"), entry(4, "regenerate-sent"),
            entry(3, "rotation-requested"), entry(2, "published"), entry(1, "regenerate-sent"),
        ]
        #expect(LastRotation.entries(history).map(\.id) == [3, 4, 6])
        #expect(LastRotation.entries([entry(1, "adopted")]).isEmpty)
    }
}
