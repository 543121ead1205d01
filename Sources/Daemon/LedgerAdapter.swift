import Ledger
import Rotation
import RotationEngine

/// The engine's memory in SQLite: one row a resource, its record as JSON, and the history.
struct LedgerAdapter: RotationLedger {
    let ledger: Ledger

    func load() async throws(Failure) -> [String: StoredRotation] {
        try await blocking(.ledgerUnavailable) { () throws(Failure) in
            let rows = try mapped { () throws(LedgerError) in try ledger.rows() }
            var stored: [String: StoredRotation] = [:]
            for row in rows {
                do {
                    let id = try ResourceID(row.resourceID)
                    stored[row.resource] = StoredRotation(name: row.resource, id: id, record: try row.record())
                } catch {
                    // Without its row the resource is adopted anew, and adoption could begin what the row forbids.
                    throw Failure(
                        .ledgerUnavailable,
                        "\(ledger.path): the row of \(row.resource) cannot be read (\(error)); if this version is right,"
                            + " move the file away: resources are then adopted anew, which regenerates nothing")
                }
            }
            return stored
        }
    }

    func save(_ rotation: StoredRotation, notes: [Note], at now: Instant) async throws(Failure) {
        try await blocking(.ledgerUnavailable) { () throws(Failure) in
            let row: LedgerRow
            do {
                row = try LedgerRow(
                    resource: rotation.name, id: rotation.id, record: rotation.record, updatedAt: now)
            } catch {
                throw Failure(.ledgerUnavailable, "the record of \(rotation.name) cannot be written as JSON")
            }
            let events = notes.map { note in
                LedgerEvent(
                    at: now, resource: rotation.name, kind: note.kind.rawValue, actor: note.actor,
                    reason: note.reason?.rawValue, keyType: note.keyType?.rawValue, version: note.version,
                    fingerprint: note.fingerprint?.hex, detail: note.detail, requestID: note.requestID)
            }
            try mapped { () throws(LedgerError) in try ledger.save(row, events: events) }
        }
    }

    /// Newest first.
    func history(_ query: LedgerQuery) async -> Result<[HistoryEntry], Failure> {
        do throws(Failure) {
            return .success(
                try await blocking(.ledgerUnavailable) { () throws(Failure) in
                    try mapped { () throws(LedgerError) in try ledger.history(query) }
                        .map { event in
                            HistoryEntry(
                                id: event.id, at: event.at, resource: event.resource, event: event.kind,
                                actor: event.actor,
                                reason: event.reason, keyType: event.keyType, version: event.version,
                                fingerprint: event.fingerprint, detail: event.detail, requestID: event.requestID)
                        }
                })
        } catch {
            return .failure(error)
        }
    }

    /// A resource's events, newest first.
    ///
    /// - Parameter before: only events with a smaller id.
    func story(_ resource: String, limit: Int, before: Int64?) async -> Result<[LedgerEvent], Failure> {
        do throws(Failure) {
            return .success(
                try await blocking(.ledgerUnavailable) { () throws(Failure) in
                    try mapped { () throws(LedgerError) in
                        try ledger.history(resource: resource, limit: limit, before: before)
                    }
                })
        } catch {
            return .failure(error)
        }
    }

    /// The latest events of one kind, newest first, by resource; nothing of those that cannot be read. Each resource is
    /// a read of its own, so that saves come in between.
    ///
    /// - Parameter within: so many of a resource's latest events, of whatever kind, are looked through.
    func latest(_ kind: String, of resources: [String], limit: Int, within: Int) async -> [String: [LedgerEvent]] {
        let read = try? await blocking(.ledgerUnavailable) { () throws(Failure) in
            var events: [String: [LedgerEvent]] = [:]
            for resource in resources {
                events[resource] = try? ledger.latest(kind, of: resource, limit: limit, within: within)
            }
            return events
        }
        return read ?? [:]
    }
}

func mapped<Value>(_ body: () throws(LedgerError) -> Value) throws(Failure) -> Value {
    do {
        return try body()
    } catch {
        throw error.failure
    }
}
