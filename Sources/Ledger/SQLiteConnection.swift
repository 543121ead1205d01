import CSQLite

/// A connection to one database file, closed when the value ends.
struct SQLiteConnection: ~Copyable {
    let path: String
    private let handle: OpaquePointer

    /// Opens an existing file for reading and writing.
    init(path: String) throws(LedgerError) {
        var opened: OpaquePointer?
        // One connection, used under a lock of ours: SQLite need not lock it once more.
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard let opened else {
            throw .sqlite(operation: "open", path: path, message: "out of memory", extendedCode: code, errno: 0)
        }
        guard code == SQLITE_OK else {
            let error = LedgerError.sqlite(opened, path: path, operation: "open the database")
            sqlite3_close_v2(opened)
            throw error
        }
        self.path = path
        handle = opened
        sqlite3_extended_result_codes(opened, 1)
    }

    deinit {
        // Unlike sqlite3_close it does not mind statements that end later.
        sqlite3_close_v2(handle)
    }

    /// Waits this long for a lock another process holds on the file, before SQLITE_BUSY.
    func setBusyTimeout(milliseconds: Int32) {
        sqlite3_busy_timeout(handle, milliseconds)
    }

    /// Leaves the write-ahead log alone when the connection closes, instead of copying it into the database.
    func keepLogOnClose(_ keep: Bool) {
        _ = sqlite3_db_config_flag(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0)
    }

    /// Refuses what could corrupt the file from within SQL, such as writing to the schema table.
    func defend() {
        _ = sqlite3_db_config_flag(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
    }

    /// Runs statements that give no rows and take no values.
    func execute(_ sql: String, operation: String) throws(LedgerError) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw .sqlite(handle, path: path, operation: operation)
        }
    }

    func prepare(_ sql: String) throws(LedgerError) -> SQLiteStatement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else {
            let error = LedgerError.sqlite(handle, path: path, operation: "prepare a statement")
            // Our own SQL is right, so the tables are not what the schema version promises.
            if case .sqlite(_, _, let message, SQLITE_ERROR, _) = error { throw .corrupt(path: path, message: message) }
            throw error
        }
        return SQLiteStatement(statement, of: handle, path: path)
    }

    /// The first column of the first row, as text; nil when there is no row.
    func text(_ sql: String, operation: String) throws(LedgerError) -> String? {
        try prepare(sql).rows([], operation: operation) { row in row.text(0) }.first
    }

    /// The first column of the first row, as a number; 0 when there is no row.
    func integer(_ sql: String, operation: String) throws(LedgerError) -> Int {
        Int(try prepare(sql).rows([], operation: operation) { row in row.integer(0) }.first ?? 0)
    }

    /// Runs `body` in one transaction: all of it is on the disk when this returns, and nothing of it when this throws.
    func transaction<Result>(
        operation: String, _ body: () throws(LedgerError) -> Result
    ) throws(LedgerError) -> Result {
        try execute("BEGIN IMMEDIATE", operation: operation)
        do throws(LedgerError) {
            let result = try body()
            try execute("COMMIT", operation: operation)
            return result
        } catch {
            // After some errors (disk full) SQLite has rolled back already.
            if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
            throw error
        }
    }
}

extension LedgerError {
    /// What the connection's last call failed with.
    static func sqlite(_ handle: OpaquePointer, path: String, operation: String) -> LedgerError {
        let code = sqlite3_extended_errcode(handle)
        let message = sqlite3_errmsg(handle).map { String(cString: $0) } ?? "unknown error"
        let primary = code & 0xff
        let isSystem = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_FULL
        return .sqlite(
            operation: operation, path: path, message: message, extendedCode: code,
            errno: isSystem ? sqlite3_system_errno(handle) : 0)
    }
}
