import Glibc
import Rotation

/// The database file and its companions, as files.
struct LedgerFile {
    let directory: String
    let path: String

    init(directory: String) {
        self.directory = directory
        path = directory + "/ledger.sqlite"
    }

    /// Throws when a newer keyturn or another program made the file. It looks without SQLite when it can, and leaves
    /// every byte as it was.
    func refuseNewerOrForeign(_ schema: LedgerSchema) throws(LedgerError) {
        guard let header = try header() else { return }
        guard header.applicationID == LedgerSchema.applicationID || header.applicationID == 0 else {
            throw .foreign(path: path)
        }
        var version = header.userVersion
        if (size(of: path + "-wal") ?? 0) > 0 {
            // The newest version may stand in the log only. In exclusive mode SQLite makes no -shm file to read it.
            let connection = try SQLiteConnection(path: path)
            connection.keepLogOnClose()
            try connection.execute("PRAGMA locking_mode = EXCLUSIVE", operation: "lock the database")
            version = try connection.integer("PRAGMA user_version", operation: "read the schema version")
        }
        guard version <= schema.version else {
            throw .newerSchema(found: version, supported: schema.version, path: path)
        }
    }

    /// Finds the damage that SQLite would silently take for a new database.
    func refuseEmptied() throws(LedgerError) {
        let size = size(of: path) ?? 0
        if size == 0, (self.size(of: path + "-wal") ?? 0) > 0 {
            throw .corrupt(path: path, message: "the database is missing beside its write-ahead log")
        }
        if (1..<512).contains(size) {
            throw .corrupt(path: path, message: "\(size) bytes are too few for a database")
        }
    }

    /// Makes an empty file with mode 0600 when there is none; SQLite gives its companions the same mode.
    func create() throws(LedgerError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor < 0 {
            if errno == EEXIST { return }
            throw .system(operation: "create", path: path, errno: errno)
        }
        close(descriptor)
        try syncDirectory()
    }

    /// Takes away what others than the owner may do with the file.
    func restrictMode() throws(LedgerError) {
        guard chmod(path, 0o600) == 0 else { throw .system(operation: "set the mode of", path: path, errno: errno) }
    }

    /// Renames the file and its companions to `ledger.sqlite.corrupt-20260302T010203Z`; the new path of the database.
    func setAside(at now: Instant) throws(LedgerError) -> String {
        let stamp = Instant(unixSeconds: now.unixSeconds).description.filter { $0 != "-" && $0 != ":" }
        var target = "\(path).corrupt-\(stamp)"
        var attempt = 1
        while exists(target) || exists(target + "-wal") {
            attempt += 1
            target = "\(path).corrupt-\(stamp).\(attempt)"
        }
        // The database goes first: after a crash in between, the log alone is found to be an orphan.
        for suffix in ["", "-wal", "-shm", "-journal"] where exists(path + suffix) {
            guard rename(path + suffix, target + suffix) == 0 else {
                throw .system(operation: "set aside", path: path + suffix, errno: errno)
            }
        }
        try syncDirectory()
        return target
    }

    /// What SQLite's file format keeps at offsets 60 and 68 of the header; nil when the file is absent or no database.
    private func header() throws(LedgerError) -> (userVersion: Int, applicationID: Int)? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            if errno == ENOENT { return nil }
            throw .system(operation: "open", path: path, errno: errno)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw .system(operation: "read", path: path, errno: errno) }
        // Offsets 21 to 23 are constants of the format.
        guard count == bytes.count, bytes.starts(with: "SQLite format 3\0".utf8), bytes[21...23] == [64, 32, 32] else {
            return nil
        }
        let number = { (offset: Int) in bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        return (number(60), number(68))
    }

    private func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    private func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    private func syncDirectory() throws(LedgerError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(operation: "open", path: directory, errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(operation: "sync", path: directory, errno: errno) }
    }
}
