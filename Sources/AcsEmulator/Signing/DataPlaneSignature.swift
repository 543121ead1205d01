import Crypto
import FoundationEssentials

/// The HMAC-SHA256 scheme of the Communication Services data plane
/// (learn.microsoft.com/azure/communication-services, "Sign an HTTP request").
struct DataPlaneSignature: Sendable {
    let method: String
    /// Path and query exactly as on the wire; `/` for an empty path.
    let target: String
    /// As in `x-ms-date`.
    let date: String
    /// The authority: lower case, without the default port.
    let host: String
    let contentHash: String

    static let signedHeaders = "x-ms-date;host;x-ms-content-sha256"

    /// Base64 of the SHA-256 of a body.
    static func contentHash(of body: [UInt8]) -> String {
        Data(SHA256.hash(data: body)).base64EncodedString()
    }

    private var stringToSign: Data {
        Data("\(method)\n\(target)\n\(date);\(host);\(contentHash)".utf8)
    }

    /// Base64 of the signature.
    func signature(with key: SymmetricKey) -> String {
        Data(HMAC<SHA256>.authenticationCode(for: stringToSign, using: key)).base64EncodedString()
    }

    /// Takes the same time wherever the two differ.
    func isSigned(by signature: String, with key: SymmetricKey) -> Bool {
        guard let code = Data(base64Encoded: signature) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: stringToSign, using: key)
    }

    /// The value of the `Authorization` header.
    func authorization(with key: SymmetricKey) -> String {
        "HMAC-SHA256 SignedHeaders=\(Self.signedHeaders)&Signature=\(signature(with: key))"
    }

    /// The parts of an `Authorization` header; nil when it is none of this scheme.
    static func parse(authorization: String) -> (signedHeaders: String, signature: String)? {
        guard authorization.hasPrefix("HMAC-SHA256 ") else { return nil }
        var fields: [String: String] = [:]
        for part in authorization.dropFirst("HMAC-SHA256 ".count).split(separator: "&") {
            guard let equals = part.firstIndex(of: "=") else { return nil }
            fields[part[..<equals].lowercased()] = String(part[part.index(after: equals)...])
        }
        guard let headers = fields["signedheaders"], let signature = fields["signature"] else { return nil }
        return (headers, signature)
    }
}
