import FoundationEssentials
import Glibc

/// Reads as an application would: plain open(2), links followed.
enum Consumer {
    /// nil when there is no such file.
    static func read(_ path: String) throws -> [UInt8]? {
        try read(at: AT_FDCWD, path)
    }

    static func read(at directory: Int32, _ name: String) throws -> [UInt8]? {
        let file = openat(directory, name, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw TestError("open \(name): errno \(errno)") }
            return nil
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw TestError("read \(name): errno \(errno)") }
        return Array(bytes.prefix(count))
    }

    /// Every file of a resource by its name; what leads nowhere is left out.
    static func readAll(_ directory: String) throws -> [String: [UInt8]] {
        guard access(directory, F_OK) == 0 else { return [:] }
        var files: [String: [UInt8]] = [:]
        for name in try names(directory) where !name.hasPrefix("..") {
            files[name] = try read("\(directory)/\(name)")
        }
        return files
    }

    /// Every file that one look at `..data` leads to; nil when there is no `..data`.
    static func readGeneration(_ directory: String) throws -> [String: [UInt8]]? {
        let data = open("\(directory)/..data", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard data >= 0 else {
            guard errno == ENOENT else { throw TestError("open ..data: errno \(errno)") }
            return nil
        }
        defer { close(data) }
        var files: [String: [UInt8]] = [:]
        for name in try names("/proc/self/fd/\(data)") {
            guard let bytes = try read(at: data, name) else { throw TestError("\(name) vanished from its generation") }
            files[name] = bytes
        }
        return files
    }

    static func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }
}
