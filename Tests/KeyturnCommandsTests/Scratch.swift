import FoundationEssentials
import Glibc

/// A directory of a test's own, which goes with the value.
final class Scratch: Sendable {
    struct Failed: Error {
        let errno: Int32
    }

    /// Without symbolic links on the way to it.
    let path: String

    init() throws {
        var template = Array("/tmp/keyturn-commands.XXXXXX\0".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failed(errno: errno) }
        path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func directory(_ name: String, mode: mode_t = 0o755) throws -> String {
        try succeed(mkdir(path + "/" + name, 0o700))
        try succeed(chmod(path + "/" + name, mode))
        return path + "/" + name
    }

    @discardableResult
    func file(_ name: String, _ text: String = "", mode: mode_t = 0o644) throws -> String {
        let place = path + "/" + name
        let descriptor = open(place, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try succeed(descriptor)
        defer { close(descriptor) }
        try succeed(Int32(write(descriptor, text, text.utf8.count)))
        try succeed(fchmod(descriptor, mode))
        return place
    }

    @discardableResult
    func link(_ name: String, to target: String) throws -> String {
        try succeed(symlink(target, path + "/" + name))
        return path + "/" + name
    }

    /// The names in a directory of it.
    func names(in name: String) -> [String] {
        guard let stream = opendir(path + "/" + name) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    private func succeed(_ result: Int32) throws {
        guard result >= 0 else { throw Failed(errno: errno) }
    }
}
