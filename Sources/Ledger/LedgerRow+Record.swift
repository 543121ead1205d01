import FoundationEssentials
import Rotation

extension LedgerRow {
    /// The row of a resource whose record is this one: its state is the record as JSON, keys sorted.
    package init(resource: String, id: ResourceID, record: RotationRecord, updatedAt: Instant) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.init(
            resource: resource, resourceID: id.description, phase: record.phase.name,
            state: String(decoding: try encoder.encode(record), as: UTF8.self), updatedAt: updatedAt)
    }

    /// The record that the row was made from. Throws when its state is not what this version writes.
    package func record() throws -> RotationRecord {
        try JSONDecoder().decode(RotationRecord.self, from: Data(state.utf8))
    }
}
