import Glibc

/// An empty directory of a test's own, removed with the files in it when the value goes.
final class TemporaryDirectory: Sendable {
    struct Failed: Error {
        let errno: Int32
    }

    let path: String

    init() throws {
        var template = Array("/tmp/keyturn-ledger.XXXXXX\0".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failed(errno: errno) }
        path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in names() { unlink(path + "/" + name) }
        rmdir(path)
    }

    func names() -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func read(_ name: String) throws -> [UInt8] {
        let descriptor = open(path + "/" + name, O_RDONLY)
        guard descriptor >= 0 else { throw Failed(errno: errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Int(try status(name).st_size))
        guard pread(descriptor, &bytes, bytes.count, 0) == bytes.count else { throw Failed(errno: errno) }
        return bytes
    }

    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw Failed(errno: errno) }
        defer { close(descriptor) }
        let bytes = Array(bytes)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw Failed(errno: errno) }
    }

    func status(_ name: String) throws -> stat {
        var status = stat()
        guard stat(path + "/" + name, &status) == 0 else { throw Failed(errno: errno) }
        return status
    }
}
