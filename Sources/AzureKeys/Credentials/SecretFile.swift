import KeyMaterial
import Rotation

/// A file with something secret in it, read anew each time because somebody else renews it.
package struct SecretFile: Hashable, Sendable {
    package let path: String
    /// What is in it, for messages: `the client secret`.
    package let what: String

    /// More than any secret, token or certificate chain has.
    private static let limit = 1 << 20

    package init(path: String, what: String) {
        self.path = path
        self.what = what
    }

    /// The content without the line ends after it.
    ///
    /// - Throws: `unauthenticated` when the file cannot be read, is empty or is no text; names the file.
    package func text() async throws(Failure) -> Secret {
        var bytes = try await bytes()[...]
        while let last = bytes.last, last == 0x0a || last == 0x0d { bytes.removeLast() }
        guard !bytes.isEmpty else { throw Failure(.unauthenticated, "\(path): \(what) is empty") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.unauthenticated, "\(path): \(what) is no text in UTF-8")
        }
        return Secret(text)
    }

    /// - Throws: `unauthenticated` when the file cannot be read; names the file.
    func bytes() async throws(Failure) -> [UInt8] {
        do {
            return try await SmallFile.read(path, limit: Self.limit)
        } catch {
            throw Failure(.unauthenticated, "\(what) cannot be read: \(error)")
        }
    }
}
