import Glibc
import SecretsDirectory
import Synchronization

/// A disk on which somebody looks at one file after every call that can change what it says: what consumers can read at
/// any moment of a publication.
final class ObservedDisk: FileSystem {
    private struct State {
        var path: String?
        /// The file that the path led to when somebody looked last.
        var inode: Int?
        var last: [UInt8]?
        var seen: [[UInt8]?] = []
    }

    private let disk: ModelDisk
    private let state = Mutex(State())

    init(_ disk: ModelDisk) {
        self.disk = disk
    }

    /// Every content that the file had while `body` ran, from its first change on; nil where it could not be read.
    func contents<Result>(of path: String, during body: () -> Result) -> (Result, [[UInt8]?]) {
        state.withLock { state in
            state.path = path
            state.inode = disk.inode(path)
            state.last = state.inode.flatMap { disk.contents(of: $0) }
            state.seen = []
        }
        let result = body()
        let seen = state.withLock { state in
            state.path = nil
            return state.seen
        }
        return (result, seen)
    }

    private func look(if mayHaveChanged: (State) -> Bool) {
        state.withLock { state in
            guard let path = state.path, mayHaveChanged(state) else { return }
            state.inode = disk.inode(path)
            let content = state.inode.flatMap { disk.contents(of: $0) }
            if content != state.last {
                state.last = content
                state.seen.append(content)
            }
        }
    }

    /// A name that came or went is of consequence only where it is one of those that the path and the links on it are
    /// made of.
    private func look(after name: String) {
        look { $0.last == nil || name.hasPrefix("..") || $0.path?.hasSuffix(name) == true }
    }

    var effectiveUser: UInt32 { disk.effectiveUser }
    var effectiveGroup: UInt32 { disk.effectiveGroup }

    func openat(_ directory: Int32, _ name: String, flags: Int32, mode: UInt32) throws(SystemError) -> Int32 {
        defer { if flags & O_TRUNC != 0 { look { _ in true } } }
        return try disk.openat(directory, name, flags: flags, mode: mode)
    }

    func mkdirat(_ directory: Int32, _ name: String, mode: UInt32) throws(SystemError) {
        try disk.mkdirat(directory, name, mode: mode)
    }

    func symlinkat(_ target: String, _ directory: Int32, _ name: String) throws(SystemError) {
        defer { look(after: name) }
        try disk.symlinkat(target, directory, name)
    }

    func renameat(_ directory: Int32, _ name: String, to newName: String) throws(SystemError) {
        defer { look { _ in true } }
        try disk.renameat(directory, name, to: newName)
    }

    func unlinkat(_ directory: Int32, _ name: String, flags: Int32) throws(SystemError) {
        defer { look(after: name) }
        try disk.unlinkat(directory, name, flags: flags)
    }

    func write(_ file: Int32, _ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        defer { look { $0.inode != nil && $0.inode == disk.inode(of: file) } }
        return try disk.write(file, bytes)
    }

    func fsync(_ file: Int32) throws(SystemError) { try disk.fsync(file) }
    func fchmod(_ file: Int32, mode: UInt32) throws(SystemError) { try disk.fchmod(file, mode: mode) }

    func fchown(_ file: Int32, owner: UInt32, group: UInt32) throws(SystemError) {
        try disk.fchown(file, owner: owner, group: group)
    }

    func fstat(_ file: Int32) throws(SystemError) -> FileStatus { try disk.fstat(file) }
    func fstatat(_ directory: Int32, _ name: String) throws(SystemError) -> FileStatus {
        try disk.fstatat(directory, name)
    }

    func readlinkat(_ directory: Int32, _ name: String) throws(SystemError) -> String {
        try disk.readlinkat(directory, name)
    }

    func read(_ file: Int32, upTo count: Int) throws(SystemError) -> [UInt8] { try disk.read(file, upTo: count) }
    func list(_ directory: Int32) throws(SystemError) -> [String] { try disk.list(directory) }
    func close(_ file: Int32) { disk.close(file) }
}
