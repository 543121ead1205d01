/// The system calls with which the secrets directory is read and written: one method a call, named after it, so that a
/// test can make each of them fail.
///
/// Every name is relative to an open directory. Implementations repeat a call that a signal interrupted (`EINTR`).
package protocol FileSystem: Sendable {
    /// The effective user of the process: owner of what it creates.
    var effectiveUser: UInt32 { get }
    /// The effective group of the process.
    var effectiveGroup: UInt32 { get }

    func openat(_ directory: Int32, _ name: String, flags: Int32, mode: UInt32) throws(SystemError) -> Int32
    func mkdirat(_ directory: Int32, _ name: String, mode: UInt32) throws(SystemError)
    func symlinkat(_ target: String, _ directory: Int32, _ name: String) throws(SystemError)
    /// Both names are in the same directory.
    func renameat(_ directory: Int32, _ name: String, to newName: String) throws(SystemError)
    func unlinkat(_ directory: Int32, _ name: String, flags: Int32) throws(SystemError)
    /// Writes some or all of the bytes and returns how many.
    func write(_ file: Int32, _ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int
    func fsync(_ file: Int32) throws(SystemError)
    func fchmod(_ file: Int32, mode: UInt32) throws(SystemError)
    func fchown(_ file: Int32, owner: UInt32, group: UInt32) throws(SystemError)
    func fstat(_ file: Int32) throws(SystemError) -> FileStatus
    /// Does not follow a symbolic link.
    func fstatat(_ directory: Int32, _ name: String) throws(SystemError) -> FileStatus
    func readlinkat(_ directory: Int32, _ name: String) throws(SystemError) -> String
    /// Up to `count` bytes; none at the end of the file.
    func read(_ file: Int32, upTo count: Int) throws(SystemError) -> [UInt8]
    /// The names in an open directory without `.` and `..`, sorted. A name that is not UTF-8 is left out.
    func list(_ directory: Int32) throws(SystemError) -> [String]
    func close(_ file: Int32)
}
