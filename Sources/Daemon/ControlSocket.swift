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
        guard let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType else {
            return
        }
        guard type == .typeSocket else {
            throw StartFailure(StartFailure.configuration, ["\(path): is no socket; choose another control.socket"])
        }
        unlink(path)
    }

    /// Lets the group in. Until here the umask kept everybody but the owner out, for connecting takes write permission.
    func open() {
        chmod(path, 0o660)
    }

    func remove() {
        unlink(path)
    }
}

/// Makes a directory and those above it, unless they are there.
func makeDirectory(_ path: String, mode: Int) throws(StartFailure) {
    do {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
    } catch {
        let cause = (error as? CocoaError)?.underlying.map { "\($0)" } ?? "\(error)"
        throw StartFailure(StartFailure.configuration, ["\(path): the directory cannot be made: \(cause)"])
    }
}
