import Glibc
import SecretsDirectory
import Synchronization

/// The real file system, with one fault: the n-th call fails, or from the n-th call on nothing happens any more, as
/// if the process had been killed. Counts and remembers the calls.
final class FaultyFileSystem: FileSystem {
    enum Fault {
        case none
        case fail(atCall: Int, SystemError)
        case crash(atCall: Int)

        /// What the call that meets it throws.
        var error: SystemError {
            if case .fail(_, let error) = self { error } else { SystemError(EIO) }
        }
    }

    struct Call: Equatable {
        var name: String
        /// The directory or file it was made on.
        var descriptor: Int32
        var argument = ""
        /// What openat returned.
        var opened: Int32?
        var changes = false
    }

    private struct State {
        var calls: [Call] = []
        var isDead = false
    }

    private let posix = PosixFileSystem()
    private let fault: Fault
    private let afterEach: (@Sendable (Call) -> Void)?
    private let state = Mutex(State())

    init(_ fault: Fault = .none, afterEach: (@Sendable (Call) -> Void)? = nil) {
        self.fault = fault
        self.afterEach = afterEach
    }

    var calls: [Call] { state.withLock { $0.calls } }
    var mutations: [Call] { calls.filter(\.changes) }

    var effectiveUser: UInt32 { posix.effectiveUser }
    var effectiveGroup: UInt32 { posix.effectiveGroup }

    private func perform<Result>(
        _ call: Call, halfway: () -> Void = {}, _ body: () throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        let error: SystemError? = state.withLock { state in
            state.calls.append(call)
            if state.isDead { return SystemError(EIO) }
            switch fault {
            case .fail(atCall: state.calls.count, _):
                halfway()
                return fault.error
            case .crash(atCall: state.calls.count):
                state.isDead = true
                halfway()
                return fault.error
            default:
                return nil
            }
        }
        if let error { throw error }
        let result = try body()
        if let opened = result as? Int32, call.name == "openat" {
            state.withLock { $0.calls[$0.calls.count - 1].opened = opened }
        }
        afterEach?(call)
        return result
    }

    func openat(_ directory: Int32, _ name: String, flags: Int32, mode: UInt32) throws(SystemError) -> Int32 {
        let call = Call(name: "openat", descriptor: directory, argument: name, changes: flags & O_CREAT != 0)
        return try perform(call) { () throws(SystemError) in
            try posix.openat(directory, name, flags: flags, mode: mode)
        }
    }

    func mkdirat(_ directory: Int32, _ name: String, mode: UInt32) throws(SystemError) {
        // What exists already is not changed by the attempt.
        let changes = (try? posix.fstatat(directory, name)) == nil
        let call = Call(name: "mkdirat", descriptor: directory, argument: name, changes: changes)
        try perform(call) { () throws(SystemError) in try posix.mkdirat(directory, name, mode: mode) }
    }

    func symlinkat(_ target: String, _ directory: Int32, _ name: String) throws(SystemError) {
        let call = Call(name: "symlinkat", descriptor: directory, argument: name, changes: true)
        try perform(call) { () throws(SystemError) in try posix.symlinkat(target, directory, name) }
    }

    func renameat(_ directory: Int32, _ name: String, to newName: String) throws(SystemError) {
        let call = Call(name: "renameat", descriptor: directory, argument: newName, changes: true)
        try perform(call) { () throws(SystemError) in try posix.renameat(directory, name, to: newName) }
    }

    func unlinkat(_ directory: Int32, _ name: String, flags: Int32) throws(SystemError) {
        let call = Call(name: "unlinkat", descriptor: directory, argument: name, changes: true)
        try perform(call) { () throws(SystemError) in try posix.unlinkat(directory, name, flags: flags) }
    }

    /// Writes a few bytes at a time, as the system may; a fault cuts it in half.
    func write(_ file: Int32, _ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        let call = Call(name: "write", descriptor: file, changes: true)
        return try perform(call, halfway: { _ = try? posix.write(file, bytes.prefix(bytes.count / 2)) }) {
            () throws(SystemError) in try posix.write(file, bytes.prefix(100))
        }
    }

    func fsync(_ file: Int32) throws(SystemError) {
        try perform(Call(name: "fsync", descriptor: file)) { () throws(SystemError) in try posix.fsync(file) }
    }

    func fchmod(_ file: Int32, mode: UInt32) throws(SystemError) {
        let call = Call(name: "fchmod", descriptor: file, changes: true)
        try perform(call) { () throws(SystemError) in try posix.fchmod(file, mode: mode) }
    }

    func fchown(_ file: Int32, owner: UInt32, group: UInt32) throws(SystemError) {
        let call = Call(name: "fchown", descriptor: file, changes: true)
        try perform(call) { () throws(SystemError) in try posix.fchown(file, owner: owner, group: group) }
    }

    func fstat(_ file: Int32) throws(SystemError) -> FileStatus {
        try perform(Call(name: "fstat", descriptor: file)) { () throws(SystemError) in try posix.fstat(file) }
    }

    func fstatat(_ directory: Int32, _ name: String) throws(SystemError) -> FileStatus {
        let call = Call(name: "fstatat", descriptor: directory, argument: name)
        return try perform(call) { () throws(SystemError) in try posix.fstatat(directory, name) }
    }

    func readlinkat(_ directory: Int32, _ name: String) throws(SystemError) -> String {
        let call = Call(name: "readlinkat", descriptor: directory, argument: name)
        return try perform(call) { () throws(SystemError) in try posix.readlinkat(directory, name) }
    }

    func read(_ file: Int32, upTo count: Int) throws(SystemError) -> [UInt8] {
        let call = Call(name: "read", descriptor: file)
        return try perform(call) { () throws(SystemError) in try posix.read(file, upTo: min(count, 100)) }
    }

    func list(_ directory: Int32) throws(SystemError) -> [String] {
        try perform(Call(name: "list", descriptor: directory)) { () throws(SystemError) in try posix.list(directory) }
    }

    func close(_ file: Int32) {
        posix.close(file)
    }
}
