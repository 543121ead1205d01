import ArgumentParser
import FoundationEssentials
import Glibc

/// Files that are there whole or not at all.
enum AtomicFile {
    /// Writes beside `path`, then renames.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws {
        let temporary = "\(path).\(UUID().uuidString)"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw problem(path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let problem = problem(path)
                unlink(temporary)
                throw problem
            }
            rest = rest.dropFirst(count)
        }
        guard rename(temporary, path) == 0 else {
            let problem = problem(path)
            unlink(temporary)
            throw problem
        }
    }

    private static func problem(_ path: String) -> Problem {
        Problem(description: "cannot write \(path): \(String(cString: strerror(errno)))")
    }

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }
}

/// The file that a client secret is given in.
enum ClientSecretFile {
    /// The content without the newline at its end.
    static func read(_ path: String) throws -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw ValidationError("--client-secret-file: cannot read \(path)")
        }
        var bytes = Array(data)
        while let last = bytes.last, last == 0x0a || last == 0x0d { bytes.removeLast() }
        guard let secret = String(validating: bytes, as: UTF8.self), !secret.isEmpty else {
            throw ValidationError("--client-secret-file: \(path) is empty or no text")
        }
        return secret
    }
}
