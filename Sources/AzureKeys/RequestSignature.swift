import Crypto
import FoundationEssentials

/// The HMAC-SHA256 signature of a data-plane request (learn.microsoft.com/rest/api/communication/authentication).
struct RequestSignature: Hashable, Sendable {
    /// `GET`, in capitals.
    var method: String
    /// Exactly as on the wire.
    var pathAndQuery: String
    /// The value of the `Host` header.
    var host: String
    /// The value of `x-ms-date`: an HTTP date.
    var date: String
    /// The value of `x-ms-content-sha256`.
    var contentHash: String

    /// The SHA-256 of nothing, for requests without a body.
    static let emptyContentHash = contentHash(of: [])

    static func contentHash(of body: some Sequence<UInt8>) -> String {
        Data(SHA256.hash(data: Data(body))).base64EncodedString()
    }

    var stringToSign: String {
        "\(method)\n\(pathAndQuery)\n\(date);\(host);\(contentHash)"
    }

    /// The signature alone, in base64.
    func signature(with key: SymmetricKey) -> String {
        Self.hmac(stringToSign, with: key)
    }

    /// The value of `Authorization`.
    func authorization(with key: SymmetricKey) -> String {
        "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=\(signature(with: key))"
    }

    static func hmac(_ text: String, with key: SymmetricKey) -> String {
        Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)).base64EncodedString()
    }
}
