import Glibc

extension FileSystem {
    /// Opens a directory; a symbolic link in its place is refused (`ENOTDIR`).
    func openDirectory(_ directory: Int32, _ name: String) throws(SystemError) -> Int32 {
        try openat(directory, name, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, mode: 0)
    }

    /// Creates a file that nobody else can open yet; whatever already has the name is refused (`EEXIST`).
    func createFile(_ directory: Int32, _ name: String) throws(SystemError) -> Int32 {
        try openat(directory, name, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode: 0o600)
    }

    func writeAll(_ file: Int32, _ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try write(file, rest)
            guard count > 0 else { throw SystemError(EIO) }
            rest = rest.dropFirst(count)
        }
    }

    /// The content of a regular file; nil when it has more than `limit` bytes.
    func readAll(_ directory: Int32, _ name: String, limit: Int) throws(SystemError) -> [UInt8]? {
        // Without O_NONBLOCK, opening a FIFO that somebody put there would wait for a writer for ever.
        let file = try openat(directory, name, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode: 0)
        defer { close(file) }
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            let part = try read(file, upTo: limit + 1 - bytes.count)
            if part.isEmpty { return bytes }
            bytes += part
        }
        return nil
    }

    /// Gives a file that nobody can reach yet its mode and owner. The mode comes first: once the file belongs to
    /// somebody else, a process without CAP_FOWNER cannot set it.
    func setPermissions(ofFile file: Int32, to wanted: Permissions) throws(SystemError) {
        let present = try fstat(file).permissions
        try setMode(file, from: present, to: wanted)
        try setOwner(file, from: present, to: wanted)
    }

    /// Gives a directory of ours its group and mode. The mode comes last, so that it never opens the directory to a
    /// group that is not meant.
    func setPermissions(ofDirectory directory: Int32, to wanted: Permissions) throws(SystemError) {
        let present = try fstat(directory).permissions
        try setOwner(directory, from: present, to: wanted)
        try setMode(directory, from: present, to: wanted)
    }

    private func setMode(_ file: Int32, from present: Permissions, to wanted: Permissions) throws(SystemError) {
        if present.mode != wanted.mode {
            try fchmod(file, mode: wanted.mode)
        }
    }

    private func setOwner(_ file: Int32, from present: Permissions, to wanted: Permissions) throws(SystemError) {
        if present.owner != wanted.owner || present.group != wanted.group {
            try fchown(file, owner: wanted.owner, group: wanted.group)
        }
    }

    /// fsync(2) of a directory. Some file systems cannot (`EINVAL`): with them there is nothing to wait for.
    func syncDirectory(_ directory: Int32) throws(SystemError) {
        do {
            try fsync(directory)
        } catch {
            guard error.code == EINVAL else { throw error }
        }
    }

    /// Removes a file, a link or a directory with what is in it; follows nothing. `depth` bounds how deep directories
    /// in it may be nested.
    func removeTree(_ directory: Int32, _ name: String, depth: Int = 3) throws(SystemError) {
        guard try fstatat(directory, name).kind == .directory else {
            return try unlinkat(directory, name, flags: 0)
        }
        if depth > 0 {
            let inner = try openDirectory(directory, name)
            defer { close(inner) }
            for entry in try list(inner) {
                try removeTree(inner, entry, depth: depth - 1)
            }
        }
        try unlinkat(directory, name, flags: AT_REMOVEDIR)
    }
}
