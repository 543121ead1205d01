import Rotation
import Testing

@testable import Ledger

@Suite struct DiscoveredTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private let now = Instant(unixSeconds: 1_800_000_000)

    @Test func `what was discovered survives, in its order, and is replaced as a whole`() throws {
        let ledger = try Ledger.open(directory: directory.path)
        #expect(try ledger.discovered() == [])
        try ledger.replaceDiscovered(["b", "a", "ä\"'"])
        ledger.close()
        let snapshot = try Ledger.snapshot(ofDirectory: directory.path, role: "plan")
        #expect(snapshot.discovered == ["b", "a", "ä\"'"])
        let again = try Ledger.open(directory: directory.path)
        #expect(try again.discovered() == ["b", "a", "ä\"'"])
        try again.replaceDiscovered(["c"])
        #expect(try again.discovered() == ["c"])
        again.close()
    }

    @Test func `an older ledger has none, and is brought forward`() throws {
        let older = LedgerSchema(migrations: Array(LedgerSchema.current.migrations.prefix(2)))
        // Its statements cannot be prepared, for the table is not there; the file is, in its version.
        _ = try? Ledger.open(directory: directory.path, role: "run", schema: older, now: now)
        #expect(try Ledger.snapshot(ofDirectory: directory.path, role: "plan").discovered == [])
        let ledger = try Ledger.open(directory: directory.path)
        #expect(try ledger.discovered() == [])
        ledger.close()
    }
}
