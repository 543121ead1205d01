import SecretsDirectory
import Simulation

/// A disk whose user forgets to fsync: what must not be found safe.
struct DiskForgetfulFileSystem: FileSystem {
    let disk: ModelDisk
    /// Of what no fsync is made.
    let forgotten: FileStatus.Kind

    var effectiveUser: UInt32 { disk.effectiveUser }
    var effectiveGroup: UInt32 { disk.effectiveGroup }

    func fsync(_ file: Int32) throws(SystemError) {
        if try disk.fstat(file).kind != forgotten { try disk.fsync(file) }
    }

    func openat(_ directory: Int32, _ name: String, flags: Int32, mode: UInt32) throws(SystemError) -> Int32 {
        try disk.openat(directory, name, flags: flags, mode: mode)
    }

    func mkdirat(_ directory: Int32, _ name: String, mode: UInt32) throws(SystemError) {
        try disk.mkdirat(directory, name, mode: mode)
    }

    func symlinkat(_ target: String, _ directory: Int32, _ name: String) throws(SystemError) {
        try disk.symlinkat(target, directory, name)
    }

    func renameat(_ directory: Int32, _ name: String, to newName: String) throws(SystemError) {
        try disk.renameat(directory, name, to: newName)
    }

    func unlinkat(_ directory: Int32, _ name: String, flags: Int32) throws(SystemError) {
        try disk.unlinkat(directory, name, flags: flags)
    }

    func write(_ file: Int32, _ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int { try disk.write(file, bytes) }

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
