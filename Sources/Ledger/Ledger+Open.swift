import CSQLite
import Glibc
import Rotation

extension Ledger {
    /// Takes the lock of the state directory alone, for a command that must take turns with the daemon.
    package static func lock(directory: String, role: String) throws(LedgerError) -> LedgerLock {
        try LedgerLock(directory: directory, role: role)
    }

    /// Opens `ledger.sqlite` in the directory, which must exist; makes it when there is none, brings an older one
    /// forward, and replaces a damaged one (see `setAside`). A ledger of a newer version is refused and not touched.
    package static func open(directory: String, role: String = "run") throws(LedgerError) -> Ledger {
        try open(directory: directory, role: role, schema: .current, now: wallClock())
    }

    static func open(
        directory: String, role: String, schema: LedgerSchema, now: Instant
    ) throws(LedgerError) -> Ledger {
        let lock = try LedgerLock(directory: directory, role: role)
        let file = LedgerFile(directory: directory)
        do throws(LedgerError) {
            try file.refuseNewerOrForeign(schema)
            try file.refuseEmptied()
            let store = try connect(file, schema)
            return Ledger(path: file.path, store: store, lock: lock, setAside: nil)
        } catch {
            guard error.isCorruption else { throw error }
            let setAside = SetAside(path: try file.setAside(at: now), cause: error.cause)
            let store = try connect(file, schema)
            return Ledger(path: file.path, store: store, lock: lock, setAside: setAside)
        }
    }

    private static func connect(_ file: LedgerFile, _ schema: LedgerSchema) throws(LedgerError) -> sending LedgerStore {
        try file.create()
        let connection = try SQLiteConnection(path: file.path)
        connection.setBusyTimeout(milliseconds: 5000)
        connection.defend()
        let mode = try connection.text("PRAGMA journal_mode = WAL", operation: "switch on the write-ahead log")
        guard mode == "wal" else {
            throw .sqlite(
                operation: "switch on the write-ahead log", path: file.path,
                message: "the file system does not support it", extendedCode: SQLITE_ERROR, errno: 0)
        }
        try connection.execute(
            """
            PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
            PRAGMA cell_size_check = ON; PRAGMA recursive_triggers = ON;
            """, operation: "configure the connection")
        try migrate(connection, to: schema)
        let verdict = try connection.text("PRAGMA integrity_check(1)", operation: "check the file's integrity")
        guard verdict == "ok" else { throw .corrupt(path: file.path, message: verdict ?? "no answer") }
        try file.restrictMode()
        return try LedgerStore(connection)
    }

    private static func migrate(_ connection: borrowing SQLiteConnection, to schema: LedgerSchema) throws(LedgerError) {
        let found = try connection.integer("PRAGMA user_version", operation: "read the schema version")
        guard found < schema.version else { return }
        if found == 0 {
            let tables = try connection.integer("SELECT count(*) FROM sqlite_schema", operation: "read the schema")
            guard tables == 0 else { throw .foreign(path: connection.path) }
        }
        for version in found..<schema.version {
            let operation = "bring the schema to version \(version + 1)"
            let migration = schema.migrations[version]
            try connection.transaction(operation: operation) { () throws(LedgerError) in
                try connection.execute(migration.sql, operation: operation)
                try connection.execute(
                    """
                    PRAGMA user_version = \(version + 1);
                    PRAGMA application_id = \(LedgerSchema.applicationID)
                    """, operation: operation)
            }
        }
    }

    private static func wallClock() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(unixMicroseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

extension LedgerError {
    /// The damage alone, without what to do about it.
    fileprivate var cause: String {
        switch self {
        case .corrupt(_, let message), .sqlite(_, _, let message, _, _): message
        default: description
        }
    }
}
