import Glibc
import NIOPosix
import Rotation

/// Reads files that hold secrets: small, regular, and read anew each time because somebody else renews them.
enum SmallFile {
    /// Why a file was not read; names the file, never shows its content.
    struct Unreadable: Error, Hashable, CustomStringConvertible {
        let description: String
        /// Whether this process may not read it.
        var isPermission = false
    }

    /// All of the file.
    ///
    /// - Parameters:
    ///   - limit: a longer file is refused.
    ///   - directory: when given, the path is below it by one name, and neither of the two may be a symbolic link.
    static func read(
        _ path: String, limit: Int, insideOf directory: String? = nil
    ) async throws(Unreadable) -> [UInt8] {
        let result: Result<[UInt8], Unreadable>
        do {
            result = try await NIOThreadPool.singleton.runIfActive {
                do throws(Unreadable) {
                    return .success(try readNow(path, limit: limit, insideOf: directory))
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw Unreadable(description: "\(path): this process is ending")
        }
        return try result.get()
    }

    private static func readNow(
        _ path: String, limit: Int, insideOf directory: String?
    ) throws(Unreadable) -> [UInt8] {
        let descriptor: CInt
        if let directory {
            let parent = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard parent >= 0 else { throw unreadable(directory, errno) }
            defer { close(parent) }
            let name = String(path.dropFirst(directory.count + 1))
            descriptor = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        } else {
            descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        }
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Unreadable(description: "\(path): not a regular file") }
        guard status.st_size <= limit else { throw tooLong(path, limit) }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, errno) }
            guard count > 0 else { return Array(bytes.prefix(filled)) }
            filled += count
        }
        throw tooLong(path, limit)
    }

    private static func tooLong(_ path: String, _ limit: Int) -> Unreadable {
        Unreadable(description: "\(path): longer than \(limit) bytes")
    }

    private static func unreadable(_ path: String, _ error: CInt) -> Unreadable {
        let what =
            switch error {
            case ENOENT, ENOTDIR: "there is no such file"
            case EACCES, EPERM: "this service may not read it"
            case ELOOP: "it is a symbolic link"
            default: "cannot be read (errno \(error))"
            }
        return Unreadable(description: "\(path): \(what)", isPermission: error == EACCES || error == EPERM)
    }
}
