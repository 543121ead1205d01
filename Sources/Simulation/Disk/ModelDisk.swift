import Glibc
import SecretsDirectory
import Synchronization

/// A file system in memory that loses at a power failure what a real disk may lose, and fails when told to.
///
/// The calls do what Linux does for a process that may do everything; modes and owners are kept, not enforced. A path
/// may be absolute; the current directory is `/`. There are directories, files and symbolic links.
///
/// What a power failure leaves:
/// - fsync(2) of a file makes its content, mode and owner durable, but not its name;
/// - fsync(2) of a directory makes the names in it, its own mode and owner durable, but neither its own name nor
///   anything of the files in it;
/// - each change of names that was not synced has happened or not, each mode and owner is new or old, each file has its
///   old content, its new one, its beginning, or zeros in place of its end;
/// - a rename has happened as a whole or not at all, and a symbolic link has its target from the beginning.
package final class ModelDisk: FileSystem {
    let state: Mutex<ModelDiskState>
    package let effectiveUser: UInt32
    package let effectiveGroup: UInt32

    /// An empty disk. `user` and `group` are those of the process that makes the calls.
    package init(user: UInt32 = 0, group: UInt32 = 0, umask: UInt32 = 0o022) {
        effectiveUser = user
        effectiveGroup = group
        state = Mutex(ModelDiskState(user: user, group: group, umask: umask))
    }

    /// A disk of its own with the same on it, the same descriptors, and the same faults to come.
    package init(copying disk: ModelDisk) {
        effectiveUser = disk.effectiveUser
        effectiveGroup = disk.effectiveGroup
        state = Mutex(disk.state.withLock { $0 })
    }

    private func call<Result: Sendable>(
        _ operation: ModelDiskOperation, _ body: (inout ModelDiskState) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        try state.withLock { (state) throws(SystemError) -> Result in
            if operation.changes { state.changingCalls += 1 }
            guard state.faults.isArmed else { return try body(&state) }
            return try state.faultyCall(operation, body)
        }
    }

    package func openat(_ directory: Int32, _ name: String, flags: Int32, mode: UInt32) throws(SystemError) -> Int32 {
        try call(flags & (O_CREAT | O_TRUNC) != 0 ? .create : .open) { state throws(SystemError) in
            try state.openat(directory, name, flags: flags, mode: mode)
        }
    }

    package func mkdirat(_ directory: Int32, _ name: String, mode: UInt32) throws(SystemError) {
        try call(.makeDirectory) { state throws(SystemError) in try state.mkdirat(directory, name, mode: mode) }
    }

    package func symlinkat(_ target: String, _ directory: Int32, _ name: String) throws(SystemError) {
        try call(.makeLink) { state throws(SystemError) in try state.symlinkat(target, directory, name) }
    }

    package func renameat(_ directory: Int32, _ name: String, to newName: String) throws(SystemError) {
        try call(.rename) { state throws(SystemError) in try state.renameat(directory, name, to: newName) }
    }

    package func unlinkat(_ directory: Int32, _ name: String, flags: Int32) throws(SystemError) {
        try call(.unlink) { state throws(SystemError) in try state.unlinkat(directory, name, flags: flags) }
    }

    package func write(_ file: Int32, _ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        try call(.write) { state throws(SystemError) in try state.write(file, bytes) }
    }

    package func fsync(_ file: Int32) throws(SystemError) {
        try call(.fsync) { state throws(SystemError) in try state.fsync(file) }
    }

    package func fchmod(_ file: Int32, mode: UInt32) throws(SystemError) {
        try call(.chmod) { state throws(SystemError) in try state.fchmod(file, mode: mode) }
    }

    package func fchown(_ file: Int32, owner: UInt32, group: UInt32) throws(SystemError) {
        try call(.chown) { state throws(SystemError) in try state.fchown(file, owner: owner, group: group) }
    }

    package func fstat(_ file: Int32) throws(SystemError) -> FileStatus {
        try call(.status) { state throws(SystemError) in try state.fstat(file) }
    }

    package func fstatat(_ directory: Int32, _ name: String) throws(SystemError) -> FileStatus {
        try call(.status) { state throws(SystemError) in try state.fstatat(directory, name) }
    }

    package func readlinkat(_ directory: Int32, _ name: String) throws(SystemError) -> String {
        try call(.readLink) { state throws(SystemError) in try state.readlinkat(directory, name) }
    }

    package func read(_ file: Int32, upTo count: Int) throws(SystemError) -> [UInt8] {
        try call(.read) { state throws(SystemError) in try state.read(file, upTo: count) }
    }

    package func list(_ directory: Int32) throws(SystemError) -> [String] {
        try call(.list) { state throws(SystemError) in try state.list(directory) }
    }

    package func close(_ file: Int32) {
        state.withLock { $0.close(file) }
    }
}
