import Glibc
import Rotation
import Testing

@testable import Ledger

@Suite struct LedgerTests {
    private let directory: TemporaryDirectory
    private let ledger: Ledger

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try Ledger.open(directory: directory.path)
    }

    @Test func givesBackWhatWasSaved() throws {
        let mail = LedgerRow.sample("contoso-mail", phase: "verifying", at: -5)
        let sms = LedgerRow.sample("contoso-sms")
        try ledger.save(sms)
        try ledger.save(mail)
        #expect(try ledger.rows() == [mail, sms])
    }

    @Test func savingAgainReplacesTheRow() throws {
        try ledger.save(.sample(phase: "settled", at: 1))
        let row = LedgerRow.sample(phase: "regenerating", at: 2)
        try ledger.save(row)
        #expect(try ledger.rows() == [row])
    }

    @Test func keepsEveryFieldOfAnEvent() throws {
        var event = LedgerEvent(
            at: Instant(unixMicroseconds: 1_772_413_323_000_001), resource: "contoso-sms", kind: "published",
            actor: "operator alice", reason: "key-too-old", keyType: "Secondary", version: 42,
            fingerprint: "0123456789abcdef", detail: "as planned")
        try ledger.save(.sample(), events: [event, .sample("settled")])
        event.id = 1
        var second = LedgerEvent.sample("settled")
        second.id = 2
        #expect(try ledger.history(limit: 10) == [second, event])
    }

    @Test(arguments: [
        "", "'; DROP TABLE history; --", "nul\0inside", "quo\"te", "ünï–😀", "line\nbreak\u{1b}[31m", "?1 :name $x",
        String(repeating: "long ", count: 100_000),
    ])
    func textIsStoredAsItIs(_ text: String) throws {
        let row = LedgerRow(
            resource: text, resourceID: text, phase: text, state: text, updatedAt: Instant(unixMicroseconds: .min))
        var event = LedgerEvent(
            at: Instant(unixMicroseconds: .max), resource: text, kind: text, actor: text, reason: text, keyType: text,
            version: .min, fingerprint: text, detail: text)
        try ledger.save(row, events: [event])
        event.id = 1
        #expect(try ledger.rows() == [row])
        #expect(try ledger.history(resource: text, limit: 1) == [event])
    }

    @Test func theHistoryIsNarrowedByKindActorTimeAndId() throws {
        var events = (1...6).map { LedgerEvent.sample($0.isMultiple(of: 2) ? "held" : "published", at: Int64($0)) }
        events[3].actor = "Alice by sudo (uid 0)"
        events[5].resource = "contoso-mail"
        try ledger.append(events)
        func ids(_ query: LedgerQuery) throws -> [Int64] { try ledger.history(query).map(\.id) }
        #expect(try ids(LedgerQuery(kinds: ["held"], limit: 9)) == [6, 4, 2])
        #expect(try ids(LedgerQuery(kinds: ["held", "published"], limit: 9)) == [6, 5, 4, 3, 2, 1])
        #expect(try ids(LedgerQuery(kinds: ["hel"], limit: 9)).isEmpty)
        #expect(try ids(LedgerQuery(actor: "ALICE", limit: 9)) == [4])
        #expect(try ids(LedgerQuery(actor: "%", limit: 9)).isEmpty)
        let (two, five) = (Instant(unixSeconds: 2), Instant(unixSeconds: 5))
        #expect(try ids(LedgerQuery(since: two, until: five, limit: 9)) == [4, 3, 2])
        #expect(try ids(LedgerQuery(until: two, limit: 9)) == [1])
        #expect(try ids(LedgerQuery(after: 4, limit: 9)) == [6, 5])
        #expect(try ids(LedgerQuery(resource: "contoso-sms", kinds: ["held"], since: two, limit: 1)) == [4])
        #expect(try ids(LedgerQuery(resource: "contoso-mail", actor: "alice", limit: 9)).isEmpty)
    }

    @Test func historyIsPagedNewestFirstAndFiltered() throws {
        for number in 1...7 {
            try ledger.append([.sample("event \(number)", number.isMultiple(of: 2) ? "even" : "odd")])
        }
        #expect(try ledger.history(limit: 3).map(\.id) == [7, 6, 5])
        #expect(try ledger.history(limit: 3, before: 5).map(\.id) == [4, 3, 2])
        #expect(try ledger.history(resource: "even", limit: 2).map(\.kind) == ["event 6", "event 4"])
        #expect(try ledger.history(resource: "even", limit: 2, before: 4).map(\.kind) == ["event 2"])
        #expect(try ledger.history(resource: "nobody", limit: 5).isEmpty)
        #expect(try ledger.history(limit: 0).isEmpty)
        #expect(try ledger.history(limit: -1).isEmpty)
    }

    @Test func theLatestOfAKindAreFoundAmongTheLatestOfAll() throws {
        let kinds = (1...40).map { $0 % 4 == 0 ? "published" : "failed" }
        try ledger.append(kinds.enumerated().map { .sample($1, at: Int64($0)) })
        try ledger.append([.sample("published", "contoso-mail")])
        func times(_ limit: Int, _ within: Int) throws -> [Int64] {
            try ledger.latest("published", of: "contoso-sms", limit: limit, within: within).map(\.at.unixSeconds)
        }
        #expect(try times(3, 500) == [39, 35, 31])
        #expect(try times(99, 500).count == 10)
        #expect(try times(99, 5) == [39, 35])
        #expect(try times(0, 500) == [] && times(9, 0) == [])
        #expect(try ledger.latest("held", of: "contoso-sms", limit: 9, within: 500).isEmpty)
    }

    @Test func forgettingRemovesTheRowAndKeepsTheHistory() throws {
        try ledger.save(.sample(), events: [.sample("adopted")])
        try ledger.forget("contoso-sms", events: [.sample("forgotten")])
        #expect(try ledger.rows().isEmpty)
        #expect(try ledger.history(resource: "contoso-sms", limit: 5).map(\.kind) == ["forgotten", "adopted"])
    }

    @Test func aResourceHasOneRowUnderTheNameOfNow() throws {
        try ledger.save(.sample())
        var renamed = LedgerRow.sample("contoso-mail")
        renamed.resourceID = LedgerRow.sample().resourceID.uppercased()
        try ledger.save(renamed)
        #expect(try ledger.rows() == [renamed], "ids are the same in any case")
    }

    @Test func theRowOfAnotherResourceIsKeptUnderItsId() throws {
        var (first, second) = (LedgerRow.sample("contoso-a"), LedgerRow.sample("contoso-b"))
        try ledger.save(first)
        try ledger.save(second)
        (first.resource, second.resource) = (second.resource, first.resource)
        try ledger.save(first)
        var kept = second
        kept.resource = second.resourceID
        #expect(try ledger.rows() == [kept, first])
        // Again, as after a failure that was none.
        try ledger.save(first)
        #expect(try ledger.rows() == [kept, first])
        try ledger.save(second)
        #expect(try ledger.rows() == [second, first])
    }

    @Test func survivesClosingAndOpening() throws {
        try ledger.save(.sample(), events: [.sample("adopted")])
        ledger.close()
        #expect(directory.names() == ["ledger.lock", "ledger.sqlite"])
        let again = try Ledger.open(directory: directory.path)
        #expect(again.setAside == nil)
        #expect(try again.rows() == [.sample()])
        #expect(try again.history(limit: 5).map(\.kind) == ["adopted"])
    }

    @Test func aClosedLedgerSaysSo() throws {
        ledger.close()
        ledger.close()
        #expect(throws: LedgerError.closed(path: ledger.path)) { try ledger.rows() }
        #expect(throws: LedgerError.closed(path: ledger.path)) { try ledger.save(.sample()) }
    }

    @Test(arguments: [
        "UPDATE history SET actor = 'nobody'", "DELETE FROM history", "DELETE FROM history WHERE id = 1",
        "INSERT OR REPLACE INTO history (id, at, resource, kind, actor) VALUES (1, 0, 'r', 'k', 'a')",
    ])
    func historyIsAppendOnly(_ sql: String) throws {
        try ledger.append([.sample("adopted")])
        let error = try #require(throws: LedgerError.self) { try execute(sql) }
        #expect(error.description.contains("append-only"))
        #expect(try ledger.history(limit: 5).map(\.actor) == ["schedule"])
    }

    @Test func aRowAndItsEventsAreSavedTogetherOrNotAtAll() throws {
        try ledger.save(.sample(phase: "settled"), events: [.sample("adopted")])
        try execute(
            """
            CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.history WHEN NEW.kind = 'unwanted'
                BEGIN SELECT RAISE(ABORT, 'unwanted'); END
            """)
        #expect(throws: LedgerError.self) {
            try ledger.save(.sample(phase: "publishing"), events: [.sample("started"), .sample("unwanted")])
        }
        #expect(try ledger.rows().map(\.phase) == ["settled"])
        #expect(try ledger.history(limit: 5).map(\.kind) == ["adopted"])
        try ledger.save(.sample(phase: "publishing"), events: [.sample("started")])
        #expect(try ledger.rows().map(\.phase) == ["publishing"])
    }

    @Test func aFullDiskLosesNothingAndIsGotOver() throws {
        try ledger.save(.sample(phase: "settled"))
        let pages = try ledger.withStore { (store) throws(LedgerError) in
            try store.connection.integer("PRAGMA page_count", operation: "count")
        }
        try execute("PRAGMA max_page_count = \(pages)")
        var large = LedgerRow.sample(phase: "publishing")
        large.state = String(repeating: "x", count: 50_000)
        let error = try #require(throws: LedgerError.self) { try ledger.save(large, events: [.sample("started")]) }
        #expect(error.description.contains("save the state of contoso-sms in \(directory.path)/ledger.sqlite"))
        #expect(error.description.contains("disk is full (SQLite code 13); free some space"))
        #expect(!error.isCorruption)
        #expect(try ledger.rows().map(\.phase) == ["settled"])

        try execute("PRAGMA max_page_count = 1000")
        try ledger.save(large, events: [.sample("started")])
        #expect(try ledger.rows() == [large])
    }

    @Test func onlyTheOwnerMayReadTheFiles() throws {
        try ledger.save(.sample())
        #expect(directory.names() == ["ledger.lock", "ledger.sqlite", "ledger.sqlite-wal"])
        for name in directory.names() {
            #expect(try directory.status(name).st_mode & 0o777 == 0o600, "\(name)")
        }
    }

    @Test func theDurabilityPromisedIsSwitchedOn() throws {
        let settings = try ledger.withStore { (store) throws(LedgerError) in
            (
                try store.connection.text("PRAGMA journal_mode", operation: "read"),
                try store.connection.integer("PRAGMA synchronous", operation: "read")
            )
        }
        #expect(settings.0 == "wal")
        #expect(settings.1 == 2)
    }

    @Test func manyThreadsTakeTurns() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask { [ledger] in
                    for number in 0..<20 {
                        let row = LedgerRow.sample("r\(worker)", phase: "\(number)")
                        try ledger.save(row, events: [.sample("\(number)", "r\(worker)")])
                        _ = try ledger.history(resource: "r\(worker)", limit: 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try ledger.rows().map(\.phase) == Array(repeating: "19", count: 8))
        #expect(try ledger.history(limit: 1000).count == 160)
    }

    private func execute(_ sql: String) throws {
        try ledger.withStore { (store) throws(LedgerError) in
            try store.connection.execute(sql, operation: "run a test's statement")
        }
    }
}
