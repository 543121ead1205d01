import Ledger
import Rotation
import RotationEngine

/// The ledger of a simulated daemon: each save is durable as a whole or did not happen, which is what SQLite promises;
/// what the caller is told may be wrong.
///
/// Rows go through the ledger's own text form only when a daemon starts and reads them: that is the only moment at which
/// the text matters.
struct SimulatedLedger {
    private(set) var rows: [String: StoredRotation] = [:]

    mutating func save(_ rotation: StoredRotation) {
        rows[rotation.name] = StoredRotation(name: rotation.name, id: rotation.id, record: rotation.record)
        if let former = rotation.formerName { rows[former] = nil }
    }

    mutating func lose() {
        rows = [:]
    }

    /// What a starting daemon reads, and the texts it reads it from.
    func load(at now: Instant) throws -> (rows: [String: StoredRotation], texts: [String]) {
        var read: [String: StoredRotation] = [:]
        var texts: [String] = []
        for rotation in rows.values.sorted(by: { $0.name < $1.name }) {
            let row = try LedgerRow(
                resource: rotation.name, id: rotation.id, record: rotation.record, updatedAt: now)
            texts.append(row.state)
            read[rotation.name] = StoredRotation(
                name: row.resource, id: try ResourceID(row.resourceID), record: try row.record())
        }
        return (read, texts)
    }
}
