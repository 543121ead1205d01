import Crypto
import FoundationEssentials
import Rotation

/// One access key of a resource: standard base64 of at least 32 bytes (84 or 88 characters as Azure makes them today).
package struct AccessKey: Hashable, Sendable {
    package let secret: Secret
    /// The first 16 hex digits of SHA-256 over the key as Azure writes it.
    package let fingerprint: Fingerprint

    /// nil when the text is not standard base64 of 32 bytes or more.
    package init?(_ text: String) {
        guard let bytes = Data(base64Encoded: text), bytes.count >= 32 else { return nil }
        secret = Secret(text)
        let digest = SHA256.hash(data: Data(text.utf8))
        fingerprint = Fingerprint(value: digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// The bytes that key the HMAC of a data-plane call: the decoded base64, not its text.
    package func withSigningKey<Result>(_ body: (SymmetricKey) throws -> Result) rethrows -> Result {
        let bytes = secret.withExposedText { Data(base64Encoded: $0) ?? Data() }
        return try body(SymmetricKey(data: bytes))
    }
}
