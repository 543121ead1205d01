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
        if (try size(of: path + "-wal") ?? 0) > 0 {
            // The newest version may stand in the log only. In exclusive mode SQLite makes no -shm file to read it.
            let connection = try SQLiteConnection(path: path)
            connection.keepLogOnClose(true)
            try connection.execute("PRAGMA locking_mode = EXCLUSIVE", operation: "lock the database")
            version = try connection.integer("PRAGMA user_version", operation: "read the schema version")
        }
        guard version <= schema.version else {
            throw .newerSchema(found: version, supported: schema.version, path: path)
        }
    }

    /// Finds the damage that SQLite would silently take for a new database.
    func refuseEmptied() throws(LedgerError) {
        let size = try size(of: path) ?? 0
        if size == 0, (try self.size(of: path + "-wal") ?? 0) > 0 {
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

    /// Reads every byte of the database and its log, to find what the disk does not give.
    func readThrough() throws(LedgerError) {
        for path in [path, path + "-wal"] where try exists(path) {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else { throw .system(operation: "open", path: path, errno: errno) }
            defer { close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0 else {
                throw .system(operation: "examine", path: path, errno: errno)
            }
            guard status.st_mode & S_IFMT == S_IFREG else { continue }
            // As small as SQLite's own reads, for errors that come now and then.
            var bytes = [UInt8](repeating: 0, count: 4096)
            var offset: off_t = 0
            while true {
                let count = pread(descriptor, &bytes, bytes.count, offset)
                guard count >= 0 else { throw .system(operation: "read", path: path, errno: errno) }
                if count == 0 { break }
                offset += off_t(count)
            }
        }
    }

    /// Renames the file and its companions to `ledger.sqlite.corrupt-20260302T010203Z`.
    func setAside(at now: Instant, cause: String) throws(LedgerError) -> Ledger.SetAside {
        let stamp = Instant(unixSeconds: now.unixSeconds).description.filter { $0 != "-" && $0 != ":" }
        var target = "\(path).corrupt-\(stamp)"
        var attempt = 1
        while try exists(anyOf: target, target + "-wal") {
            attempt += 1
            target = "\(path).corrupt-\(stamp).\(attempt)"
        }
        // The database goes first: after a crash in between, the log alone is found to be an orphan.
        let setAside = Ledger.SetAside(path: target, cause: cause)
        var isBegun = false
        do throws(LedgerError) {
            for suffix in ["", "-wal", "-shm", "-journal"] where try exists(path + suffix) {
                guard rename(path + suffix, target + suffix) == 0 else {
                    throw .system(operation: "set aside", path: path + suffix, errno: errno)
                }
                isBegun = true
            }
            try syncDirectory()
        } catch {
            guard isBegun else { throw error }
            throw .notReplaced(setAside, error)
        }
        return setAside
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

    /// nil when there is certainly no such file.
    private func size(of path: String) throws(LedgerError) -> Int? {
        var status = stat()
        if stat(path, &status) == 0 { return Int(status.st_size) }
        guard errno == ENOENT else { throw .system(operation: "examine", path: path, errno: errno) }
        return nil
    }

    private func exists(anyOf paths: String...) throws(LedgerError) -> Bool {
        for path in paths where try exists(path) { return true }
        return false
    }

    func exists(_ path: String) throws(LedgerError) -> Bool {
        var status = stat()
        if lstat(path, &status) == 0 { return true }
        guard errno == ENOENT else { throw .system(operation: "examine", path: path, errno: errno) }
        return false
    }

    private func syncDirectory() throws(LedgerError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(operation: "open", path: directory, errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(operation: "sync", path: directory, errno: errno) }
    }
}
