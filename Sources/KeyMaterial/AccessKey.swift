import Crypto
import FoundationEssentials
import Rotation

/// One access key of a resource: standard base64 of at least 32 bytes (84 or 88 characters as Azure makes them today).
package struct AccessKey: Hashable, Sendable {
    package let secret: Secret

    /// nil when the text is not standard base64 of 32 bytes or more.
    package init?(_ text: String) {
        guard let bytes = Data(base64Encoded: text), bytes.count >= 32 else { return nil }
        secret = Secret(text)
    }

    /// The first 16 hex digits of SHA-256 over the key as Azure writes it.
    package var fingerprint: Fingerprint {
        let digest = secret.withExposedText { SHA256.hash(data: Data($0.utf8)) }
        let digits = Array("0123456789abcdef")
        let hex = String(digest.prefix(8).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        guard let fingerprint = Fingerprint(hex: hex) else {
            preconditionFailure("eight bytes are always sixteen hex digits")
        }
        return fingerprint
    }

    /// The bytes that key the HMAC of a data-plane call: the decoded base64, not its text.
    package func withSigningKey<Result>(_ body: (SymmetricKey) throws -> Result) rethrows -> Result {
        let bytes = secret.withExposedText { Data(base64Encoded: $0) ?? Data() }
        return try body(SymmetricKey(data: bytes))
    }
}
