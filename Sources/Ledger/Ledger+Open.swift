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
    ///
    /// - Parameter replacesDamaged: false: a damaged one is an error, and stays where it is.
    package static func open(
        directory: String, role: String = "run", replacesDamaged: Bool = true
    ) throws(LedgerError) -> Ledger {
        try open(
            directory: directory, role: role, schema: .current, now: wallClock(), patience: .usual,
            replacesDamaged: replacesDamaged)
    }

    /// What is on record, for a command that only looks.
    package struct Snapshot: Sendable {
        /// Every resource's row.
        package var rows: [LedgerRow] = []
        /// As `Ledger.discovered`; none in a ledger of a version that has not heard of it.
        package var discovered: [String] = []
    }

    /// Makes nothing, mends nothing, and lets go at once.
    ///
    /// - Returns: nothing on record when there is no ledger.
    /// - Throws: `.alreadyOpen` while a daemon, or another command, is at work.
    package static func snapshot(ofDirectory directory: String, role: String) throws(LedgerError) -> Snapshot {
        let file = LedgerFile(directory: directory)
        guard try file.exists(file.path) else { return Snapshot() }
        let lock = try LedgerLock(directory: directory, role: role)
        defer { lock.release() }
        try file.refuseNewerOrForeign(.current)
        try file.refuseEmptied()
        let connection = try SQLiteConnection(path: file.path)
        connection.defend()
        connection.keepLogOnClose(true)
        try connection.execute("PRAGMA locking_mode = EXCLUSIVE", operation: "lock the database")
        let rows = try connection.prepare(SQL.selectRows).rows([], operation: "read the resources") { LedgerRow($0) }
        let version = try connection.integer("PRAGMA user_version", operation: "read the schema version")
        guard version >= 3 else { return Snapshot(rows: rows) }
        let discovered = try connection.prepare(SQL.selectDiscovered)
            .rows([], operation: "read what was discovered") { $0.text(0) }
        return Snapshot(rows: rows, discovered: discovered)
    }

    /// Every resource's row, as `snapshot` has them.
    package static func rows(inDirectory directory: String, role: String) throws(LedgerError) -> [LedgerRow] {
        try snapshot(ofDirectory: directory, role: role).rows
    }

    /// How long `open` bears with what may pass.
    struct Patience {
        static let usual = Patience(pause: 100_000, lockTimeout: 5000)
        static let none = Patience(pause: 0, lockTimeout: 0)

        /// Between two looks at a file that seems damaged, in microseconds.
        let pause: UInt32
        /// For a lock that another program holds on the file, in milliseconds.
        let lockTimeout: Int32
    }

    static func open(
        directory: String, role: String, schema: LedgerSchema, now: Instant, patience: Patience = .none,
        replacesDamaged: Bool = true
    ) throws(LedgerError) -> Ledger {
        let lock = try LedgerLock(directory: directory, role: role)
        let file = LedgerFile(directory: directory)
        var looks = 1
        while true {
            do throws(LedgerError) {
                try file.refuseNewerOrForeign(schema)
                try file.refuseEmptied()
                let store = try connect(file, schema, patience)
                return Ledger(path: file.path, store: store, lock: lock, setAside: nil)
            } catch {
                guard error.isCorruption else { throw error }
                // SQLite takes some read errors for damage: it counts only where every byte can be read.
                try file.readThrough()
                guard looks == 4 else {
                    looks += 1
                    usleep(patience.pause)
                    continue
                }
                guard replacesDamaged else { throw error }
                let setAside = try file.setAside(at: now, cause: error.cause)
                do throws(LedgerError) {
                    let store = try connect(file, schema, patience)
                    return Ledger(path: file.path, store: store, lock: lock, setAside: setAside)
                } catch {
                    throw .notReplaced(setAside, error)
                }
            }
        }
    }

    private static func connect(
        _ file: LedgerFile, _ schema: LedgerSchema, _ patience: Patience
    ) throws(LedgerError) -> sending LedgerStore {
        try file.create()
        let connection = try SQLiteConnection(path: file.path)
        connection.setBusyTimeout(milliseconds: patience.lockTimeout)
        connection.defend()
        // A look that fails must leave the log to the next one.
        connection.keepLogOnClose(true)
        // Nobody else may open it, so the locks are taken once: one that cannot be given back would wedge every save.
        try connection.execute("PRAGMA locking_mode = EXCLUSIVE", operation: "lock the database")
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
        connection.keepLogOnClose(false)
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
