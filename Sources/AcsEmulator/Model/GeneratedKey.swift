import Crypto
import FoundationEssentials

/// A new access key: 84 characters of base64 over 63 random bytes, the length that Azure makes since 2024.
struct GeneratedKey: Sendable {
    let text: String
    let signingKey: SymmetricKey

    init() {
        signingKey = SymmetricKey(size: SymmetricKeySize(bitCount: 63 * 8))
        text = signingKey.withUnsafeBytes { Data($0).base64EncodedString() }
    }

    var fingerprint: String { Self.fingerprint(of: text) }

    /// The first 16 hex digits of SHA-256 over the key as Azure writes it.
    static func fingerprint(of text: String) -> String {
        let digits = Array("0123456789abcdef")
        let digest = SHA256.hash(data: Data(text.utf8))
        return String(digest.prefix(8).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
