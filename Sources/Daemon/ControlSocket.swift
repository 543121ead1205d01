import FoundationEssentials
import Glibc

/// The control socket as a file.
struct ControlSocket: Sendable {
    /// What `sun_path` holds, without its terminating zero (unix(7)).
    static let longestPath = 107

    let path: String

    /// Makes its directory, and removes what an earlier daemon that was killed left; the ledger's lock says that none runs.
    func prepare() throws(StartFailure) {
        guard path.utf8.count <= Self.longestPath else {
            throw StartFailure(
                StartFailure.configuration,
                ["control.socket: \(path) has more than \(Self.longestPath) bytes; choose a shorter path"])
        }
        let directory = path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        try makeDirectory(directory.isEmpty ? "/" : directory, mode: 0o755)
        guard let type = try fileType() else { return }
        guard type == .typeSocket else {
            throw StartFailure(StartFailure.configuration, ["\(path): is no socket; choose another control.socket"])
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw StartFailure(path, "the control socket of an earlier run cannot be removed", errno: errno)
        }
    }

    /// nil when there is nothing at the path.
    private func fileType() throws(StartFailure) -> FileAttributeType? {
        do {
            return try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType ?? .typeUnknown
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile || error.code == .fileNoSuchFile {
            return nil
        } catch {
            let cause = ((error as? CocoaError)?.underlying as? POSIXError)?.code.rawValue
            throw StartFailure(path, "the control socket cannot be examined", errno: cause ?? EIO)
        }
    }

    /// Lets the group in. Until here the umask kept everybody but the owner out, for connecting takes write permission.
    func open() throws(StartFailure) {
        guard chmod(path, 0o660) == 0 else {
            throw StartFailure(path, "the mode of the control socket cannot be set", errno: errno)
        }
    }

    func remove() {
        unlink(path)
    }
}

/// Makes a directory and those above it, unless they are there.
func makeDirectory(_ path: String, mode: mode_t) throws(StartFailure) {
    var path = path
    while path.count > 1, path.last == "/" { path.removeLast() }
    var code = makeOne(path, mode)
    if code == ENOENT {
        let above = path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        if !above.isEmpty { try makeDirectory(above, mode: mode) }
        code = makeOne(path, mode)
    }
    guard code == 0 else { throw StartFailure(path, "the directory cannot be made", errno: code) }
}

/// The errno of what failed, or 0. Whatever is there already must be a directory.
private func makeOne(_ path: String, _ mode: mode_t) -> Int32 {
    // The umask does not count.
    if mkdir(path, mode) == 0 { return chmod(path, mode) == 0 ? 0 : errno }
    let code = errno
    return access(path + "/.", F_OK) == 0 ? 0 : code == EEXIST ? errno : code
}
