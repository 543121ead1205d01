import FoundationEssentials

/// A directory of one test's own, which goes away with it.
final class TemporaryDirectory: Sendable {
    let path: String
    private let isOwn: Bool

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/azure-keys-" + UUID().uuidString
        isOwn = true
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    /// One that something else has made and will remove.
    init(existing path: String) {
        self.path = path
        isOwn = false
    }

    deinit {
        if isOwn { try? FileManager.default.removeItem(atPath: path) }
    }

    func directory(_ name: String) throws -> TemporaryDirectory {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        return TemporaryDirectory(existing: "\(path)/\(name)")
    }

    /// Writes a file, and the directories above it.
    @discardableResult
    func write(_ content: some Sequence<UInt8>, to name: String) throws -> String {
        let url = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            atPath: url.deletingLastPathComponent().path, withIntermediateDirectories: true)
        try Data(content).write(to: url)
        return url.path
    }

    @discardableResult
    func write(_ content: String, to name: String) throws -> String {
        try write(content.utf8, to: name)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
    }
}
