import Glibc

/// Replaces a file at once, and durably.
enum AtomicFile {
    struct Failed: Error {
        let operation: String
        let cause: String

        init(_ operation: String) {
            self.operation = operation
            cause = String(cString: strerror(errno))
        }
    }

    /// - Parameter name: without a slash. While it is written it has a name that begins with a dot, which whoever reads
    ///   the directory passes over.
    static func write(_ bytes: [UInt8], to name: String, in directory: String, mode: mode_t) throws(Failed) {
        let parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw Failed("opening the directory") }
        defer { close(parent) }
        let temporary = ".keyturn-\(getpid())"
        unlinkat(parent, temporary, 0)
        let descriptor = openat(parent, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failed("writing") }
        defer { close(descriptor) }
        guard whole(bytes, descriptor), fchmod(descriptor, mode) == 0, fsync(descriptor) == 0,
            renameat(parent, temporary, parent, name) == 0
        else {
            let failed = Failed("writing")
            unlinkat(parent, temporary, 0)
            throw failed
        }
        guard fsync(parent) == 0 else { throw Failed("syncing the directory") }
    }

    private static func whole(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
