import Rotation

/// An open ledger database with its prepared statements.
struct LedgerStore: ~Copyable {
    private let upsertRow: SQLiteStatement
    private let parkRow: SQLiteStatement
    private let deleteOtherRows: SQLiteStatement
    private let deleteRow: SQLiteStatement
    private let selectRows: SQLiteStatement
    private let insertEvent: SQLiteStatement
    private let selectHistory: SQLiteStatement
    private let selectHistoryOfResource: SQLiteStatement
    private let selectLatestOfKind: SQLiteStatement
    private let insertDiscovered: SQLiteStatement
    private let deleteDiscovered: SQLiteStatement
    private let selectDiscovered: SQLiteStatement
    let connection: SQLiteConnection

    init(_ connection: consuming SQLiteConnection) throws(LedgerError) {
        // Prepared into locals first: a half-initialised value could not give back what it has when one of them throws.
        let upsertRow = try connection.prepare(SQL.upsertRow)
        let parkRow = try connection.prepare(SQL.parkRow)
        let deleteOtherRows = try connection.prepare(SQL.deleteOtherRows)
        let deleteRow = try connection.prepare(SQL.deleteRow)
        let selectRows = try connection.prepare(SQL.selectRows)
        let insertEvent = try connection.prepare(SQL.insertEvent)
        let selectHistory = try connection.prepare(SQL.selectHistory)
        let selectHistoryOfResource = try connection.prepare(SQL.selectHistoryOfResource)
        let selectLatestOfKind = try connection.prepare(SQL.selectLatestOfKind)
        let insertDiscovered = try connection.prepare(SQL.insertDiscovered)
        let deleteDiscovered = try connection.prepare(SQL.deleteDiscovered)
        let selectDiscovered = try connection.prepare(SQL.selectDiscovered)
        self.upsertRow = upsertRow
        self.parkRow = parkRow
        self.deleteOtherRows = deleteOtherRows
        self.deleteRow = deleteRow
        self.selectRows = selectRows
        self.insertEvent = insertEvent
        self.selectHistory = selectHistory
        self.selectHistoryOfResource = selectHistoryOfResource
        self.selectLatestOfKind = selectLatestOfKind
        self.insertDiscovered = insertDiscovered
        self.deleteDiscovered = deleteDiscovered
        self.selectDiscovered = selectDiscovered
        self.connection = connection
    }

    func discovered() throws(LedgerError) -> [String] {
        try selectDiscovered.rows([], operation: "read what was discovered") { $0.text(0) }
    }

    func replaceDiscovered(_ entries: [String]) throws(LedgerError) {
        let operation = "save what was discovered"
        try connection.transaction(operation: operation) { () throws(LedgerError) in
            try deleteDiscovered.run([], operation: operation)
            for (position, entry) in entries.enumerated() {
                try insertDiscovered.run([.integer(Int64(position)), .text(entry)], operation: operation)
            }
        }
    }

    func rows() throws(LedgerError) -> [LedgerRow] {
        try selectRows.rows([], operation: "read the resources") { LedgerRow($0) }
    }

    func save(_ row: LedgerRow?, _ events: [LedgerEvent], forgetting forgotten: String? = nil) throws(LedgerError) {
        let operation = "save \(row.map { "the state of \($0.resource)" } ?? "the history")"
        try connection.transaction(operation: operation) { () throws(LedgerError) in
            if let row {
                let (name, id) = (SQLiteStatement.Value.text(row.resource), SQLiteStatement.Value.text(row.resourceID))
                try parkRow.run([name, id], operation: operation)
                try upsertRow.run(
                    [name, id, .text(row.phase), .text(row.state), .integer(row.updatedAt.unixMicroseconds)],
                    operation: operation)
                try deleteOtherRows.run([name, id], operation: operation)
            }
            if let forgotten {
                try deleteRow.run([.text(forgotten)], operation: operation)
            }
            for event in events {
                try insertEvent.run(
                    [
                        .integer(event.at.unixMicroseconds), .text(event.resource), .text(event.kind),
                        .text(event.actor), .init(event.reason), .init(event.keyType), .init(event.version),
                        .init(event.fingerprint), .init(event.detail), .init(event.requestID),
                    ], operation: operation)
            }
        }
    }

    func history(_ query: LedgerQuery) throws(LedgerError) -> [LedgerEvent] {
        let operation = "read the history"
        if let resource = query.resource {
            return try selectHistoryOfResource.rows(query.bounds + [.text(resource)], operation: operation, Self.event)
        }
        return try selectHistory.rows(query.bounds, operation: operation, Self.event)
    }

    func latest(_ kind: String, of resource: String, limit: Int, within: Int) throws(LedgerError) -> [LedgerEvent] {
        try selectLatestOfKind.rows(
            [.text(kind), .integer(Int64(max(0, limit))), .text(resource), .integer(Int64(max(0, within)))],
            operation: "read the history", Self.event)
    }

    private static func event(_ row: SQLiteRow) -> LedgerEvent {
        LedgerEvent(
            id: row.integer(0), at: Instant(unixMicroseconds: row.integer(1)), resource: row.text(2),
            kind: row.text(3), actor: row.text(4), reason: row.optionalText(5), keyType: row.optionalText(6),
            version: row.optionalInteger(7), fingerprint: row.optionalText(8), detail: row.optionalText(9),
            requestID: row.optionalText(10))
    }
}

enum SQL {
    private static let rowColumns = "name, resource_id, phase, state, updated_at"
    private static let eventColumns =
        "at, resource, kind, actor, reason, key_type, version, fingerprint, detail, request_id"

    static let upsertRow = """
        INSERT INTO resource (\(rowColumns)) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (name) DO UPDATE SET resource_id = excluded.resource_id, phase = excluded.phase,
            state = excluded.state, updated_at = excluded.updated_at
        """
    /// The row of another Azure resource that had the name is kept under what no resource is ever named.
    static let parkRow = """
        UPDATE OR REPLACE resource SET name = resource_id WHERE name = ?1 AND resource_id <> ?2 COLLATE NOCASE
        """
    /// One that had another name before.
    static let deleteOtherRows = "DELETE FROM resource WHERE resource_id = ?2 COLLATE NOCASE AND name <> ?1"
    static let insertDiscovered = "INSERT INTO discovered (position, entry) VALUES (?1, ?2)"
    static let deleteDiscovered = "DELETE FROM discovered"
    static let selectDiscovered = "SELECT entry FROM discovered ORDER BY position"
    static let deleteRow = "DELETE FROM resource WHERE name = ?1"
    static let selectRows = "SELECT \(rowColumns) FROM resource ORDER BY name"
    static let insertEvent = "INSERT INTO history (\(eventColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    private static let wanted = """
        id < ?1 AND id > ?3 AND at >= ?4 AND (?5 IS NULL OR at < ?5)
            AND (?6 IS NULL OR instr(?6, char(10) || kind || char(10)) > 0)
            AND (?7 IS NULL OR instr(lower(actor), lower(?7)) > 0)
        """
    static let selectHistory = "SELECT id, \(eventColumns) FROM history WHERE \(wanted) ORDER BY id DESC LIMIT ?2"
    static let selectHistoryOfResource =
        "SELECT id, \(eventColumns) FROM history WHERE \(wanted) AND resource = ?8 ORDER BY id DESC LIMIT ?2"
    static let selectLatestOfKind = """
        SELECT * FROM (SELECT id, \(eventColumns) FROM history WHERE resource = ?3 ORDER BY id DESC LIMIT ?4)
        WHERE kind = ?1 ORDER BY id DESC LIMIT ?2
        """
}

extension LedgerRow {
    /// A row of `SQL.selectRows`.
    init(_ row: SQLiteRow) {
        self.init(
            resource: row.text(0), resourceID: row.text(1), phase: row.text(2), state: row.text(3),
            updatedAt: Instant(unixMicroseconds: row.integer(4)))
    }
}
