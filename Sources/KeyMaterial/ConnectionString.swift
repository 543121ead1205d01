import Rotation

/// A connection string as Azure hands it out: `endpoint=https://HOST/;accesskey=KEY`.
///
/// Reading follows Azure's own parser: parts end at `;`, a name ends at its *first* `=`, names in any case.
package struct ConnectionString: Hashable, Sendable {
    /// The text exactly as Azure wrote it.
    package let secret: Secret
    /// The endpoint as written, without a slash at its end: `https://contoso.unitedstates.communication.azure.com`.
    package let endpoint: String
    package let accessKey: AccessKey

    /// Why a text is no connection string; it never repeats the text.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    package init(_ text: String) throws(Malformed) {
        var fields: [String: String] = [:]
        for part in text.utf8.split(separator: UInt8(ascii: ";")).map(Substring.init) {
            guard let equals = part.utf8.firstIndex(of: UInt8(ascii: "=")) else {
                throw Malformed(description: "a part of the connection string has no '='")
            }
            let name = part[..<equals].lowercased()
            guard fields.updateValue(String(part[part.utf8.index(after: equals)...]), forKey: name) == nil else {
                throw Malformed(description: "the connection string has the same part twice")
            }
        }
        guard var endpoint = fields["endpoint"], endpoint.hasPrefix("https://") || endpoint.hasPrefix("http://") else {
            throw Malformed(description: "the connection string has no 'endpoint=https://…'")
        }
        guard let key = fields["accesskey"], let accessKey = AccessKey(key) else {
            throw Malformed(description: "the connection string has no 'accesskey=' with base64 of 32 bytes or more")
        }
        guard text.utf8.allSatisfy(Self.isAllowed) else {
            throw Malformed(description: "the connection string has characters that no connection string has")
        }
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        self.secret = Secret(text)
        self.endpoint = endpoint
        self.accessKey = accessKey
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    package var fingerprint: Fingerprint { accessKey.fingerprint }
}
