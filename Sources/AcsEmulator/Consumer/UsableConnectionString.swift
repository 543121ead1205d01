import Crypto
import FoundationEssentials

/// A connection string that a call can be made with.
struct UsableConnectionString: Sendable {
    /// Without a slash at its end.
    let endpoint: String
    /// The endpoint's authority.
    let host: String
    let signingKey: SymmetricKey
    let fingerprint: String

    /// Why a file has none; never says what is in it.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    init(contentsOf path: String) throws(Unreadable) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw Unreadable(description: "cannot be read")
        }
        guard !data.isEmpty else { throw Unreadable(description: "is empty") }
        try self.init(String(decoding: data, as: UTF8.self))
    }

    init(_ text: String) throws(Unreadable) {
        var fields: [String: String] = [:]
        for part in text.split(separator: ";") {
            guard let equals = part.firstIndex(of: "=") else { throw Unreadable(description: "has a part without '='") }
            fields[part[..<equals].lowercased()] = String(part[part.index(after: equals)...])
        }
        guard var endpoint = fields["endpoint"],
            let scheme = ["https://", "http://"].first(where: { endpoint.lowercased().hasPrefix($0) })
        else { throw Unreadable(description: "has no endpoint") }
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        // Base64 that was cut off may decode all the same; keys of Azure have 63 or 64 bytes.
        guard let key = fields["accesskey"], let bytes = Data(base64Encoded: key), bytes.count >= 63 else {
            throw Unreadable(description: "has no whole access key")
        }
        self.endpoint = endpoint
        host = endpoint.dropFirst(scheme.count).lowercased()
        signingKey = SymmetricKey(data: bytes)
        fingerprint = GeneratedKey.fingerprint(of: key)
    }
}
