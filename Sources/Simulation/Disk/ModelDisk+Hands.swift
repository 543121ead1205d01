import Glibc
import SecretsDirectory
import Synchronization

/// What other processes do: they see what the system has in memory, meet no fault, and sync nothing. Paths are
/// absolute.
extension ModelDisk {
    /// The number of the last change of a name, content, mode or owner on the disk.
    package var mutations: Int { state.withLock { $0.changes } }

    /// Another number after every change of a name, content, mode or owner at or below the path; 0 when nothing is
    /// there. A power failure counts as a change where something was not synced.
    package func changeCount(of path: String) -> Int {
        state.withLock { state in state.inode(at: path).map { state.inodes[$0].lastChange } ?? 0 }
    }

    /// The content of the file that the path leads to through whatever links; nil when there is none.
    package func contents(_ path: String) -> [UInt8]? {
        state.withLock { state in state.inode(at: path).flatMap { state.content(of: $0) } }
    }

    /// The number of what the path leads to through whatever links; nil when it leads nowhere.
    func inode(_ path: String) -> Int? {
        state.withLock { $0.inode(at: path) }
    }

    /// The number of what the descriptor is of; nil when it is closed.
    func inode(of descriptor: Int32) -> Int? {
        state.withLock { state in (try? state.handle(descriptor))?.inode }
    }

    /// nil when that is no file.
    func contents(of inode: Int) -> [UInt8]? {
        state.withLock { $0.content(of: inode) }
    }

    /// What the path leads to through whatever links; nil when it leads nowhere.
    package func status(_ path: String) -> FileStatus? {
        state.withLock { state in state.inode(at: path).map { state.status(of: $0) } }
    }

    /// The names in the directory that the path leads to, sorted; nil when there is none.
    package func names(_ path: String) -> [String]? {
        state.withLock { state in
            guard let inode = state.inode(at: path), state.inodes[inode].kind == .directory else { return nil }
            return state.inodes[inode].entries.sorted.map(\.name)
        }
    }

    /// Makes a directory and those above it that are missing, all of them durable.
    package func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws(SystemError) {
        try state.withLock { state throws(SystemError) in
            var reached = ""
            for name in path.split(separator: "/") {
                reached += "/\(name)"
                if state.inode(at: reached) != nil { continue }
                try state.mkdirat(AT_FDCWD, reached, mode: 0o700)
                guard let made = state.inode(at: reached) else { throw SystemError(ENOENT) }
                state.inodes[made].permissions.mode = mode
                state.inodes[made].durablePermissions.mode = mode
                state.makeNamesDurable(state.inodes[made].parent)
            }
        }
    }

    /// As `echo > path` does it: through links, over what is there or as a new file with mode 0644.
    package func write(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
        try state.withLock { state throws(SystemError) in
            let file = try state.openat(AT_FDCWD, path, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o666)
            defer { state.close(file) }
            _ = try state.write(file, bytes[...])
        }
    }

    /// Puts a symbolic link there; what has the name must be gone.
    package func makeLink(_ path: String, to target: String) throws(SystemError) {
        try state.withLock { state throws(SystemError) in try state.symlinkat(target, AT_FDCWD, path) }
    }

    /// Follows links.
    package func chmod(_ path: String, _ mode: UInt32) throws(SystemError) {
        try change(path) { $0.mode = mode }
    }

    /// Follows links.
    package func chown(_ path: String, owner: UInt32, group: UInt32) throws(SystemError) {
        try change(path) { permissions in
            permissions.owner = owner
            permissions.group = group
        }
    }

    private func change(_ path: String, _ change: (inout Permissions) -> Void) throws(SystemError) {
        try state.withLock { state throws(SystemError) in
            guard let inode = state.inode(at: path) else { throw SystemError(ENOENT) }
            var permissions = state.inodes[inode].permissions
            change(&permissions)
            state.set(permissions, of: inode)
        }
    }

    /// Both paths are in the same directory.
    package func rename(_ path: String, to newPath: String) throws(SystemError) {
        try state.withLock { state throws(SystemError) in try state.renameat(AT_FDCWD, path, to: newPath) }
    }

    /// As `rm -r`: follows nothing, however deep.
    package func removeTree(_ path: String) throws(SystemError) {
        try state.withLock { state throws(SystemError) in try state.removeTree(path) }
    }
}

extension ModelDiskState {
    fileprivate mutating func removeTree(_ path: String) throws(SystemError) {
        guard let inode = try place(AT_FDCWD, path, .nothing).inode else { throw SystemError(ENOENT) }
        guard inodes[inode].kind == .directory else { return try unlinkat(AT_FDCWD, path, flags: 0) }
        for entry in inodes[inode].entries.sorted {
            try removeTree("\(path)/\(entry.name)")
        }
        try unlinkat(AT_FDCWD, path, flags: AT_REMOVEDIR)
    }
}
