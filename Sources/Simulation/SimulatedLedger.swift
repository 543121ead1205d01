import Ledger
import Rotation
import RotationEngine

/// The ledger of a simulated daemon: each save is durable as a whole or did not happen, which is what SQLite promises;
/// what the caller is told may be wrong.
///
/// A row goes through the ledger's own text form when a daemon starts and reads it: the only moment at which the text
/// matters. It does so in one of `textEvery` starts, one row at a time, for that costs as much as months of a resource.
struct SimulatedLedger {
    private static let textEvery = 4

    private(set) var rows: [String: StoredRotation] = [:]
    private var loads = 0

    mutating func save(_ rotation: StoredRotation) {
        rows.save(rotation)
    }

    mutating func lose() {
        rows = [:]
    }

    /// What a starting daemon reads, and the text that it read a row from, if any.
    mutating func load(at now: Instant) throws -> (rows: [String: StoredRotation], text: String?) {
        loads += 1
        guard loads.isMultiple(of: Self.textEvery), !rows.isEmpty else { return (rows, nil) }
        let names = rows.keys.sorted()
        let name = names[loads / Self.textEvery % names.count]
        guard let rotation = rows[name] else { return (rows, nil) }
        let row = try LedgerRow(resource: rotation.name, id: rotation.id, record: rotation.record, updatedAt: now)
        var read = rows
        read[name] = StoredRotation(
            name: row.resource, id: try ResourceID(row.resourceID), record: try row.record())
        return (read, row.state)
    }
}
