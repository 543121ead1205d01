import FoundationEssentials
import Glibc

/// A directory that is there while `body` runs.
func withTemporaryDirectory<Result>(
    under parent: String = "/tmp", _ body: (String) async throws -> Result
) async throws -> Result {
    let path = try makeTemporaryDirectory(under: parent)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

func withTemporaryDirectory<Result>(under parent: String = "/tmp", _ body: (String) throws -> Result) throws -> Result {
    let path = try makeTemporaryDirectory(under: parent)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

/// Where files are in memory and fsync(2) costs nothing, when there is such a place.
let fastParent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
/// The disk and, when there is one, a file system in memory.
let parents = fastParent == "/tmp" ? ["/tmp"] : ["/tmp", fastParent]
let isRunByRoot = geteuid() == 0

private func makeTemporaryDirectory(under parent: String) throws -> String {
    var template = Array("\(parent)/keyturn-secrets-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) } != nil
    }
    guard made else { throw TestError("mkdtemp under \(parent): errno \(errno)") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

struct TestError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
