import Rotation

/// A connection string as Azure hands it out: `endpoint=https://HOST/;accesskey=KEY`.
///
/// Reading follows Azure's own parser: parts end at `;`, a name ends at its *first* `=`, names in any case.
package struct ConnectionString: Hashable, Sendable {
    /// Copied often, and large.
    private final class Parts: Hashable, Sendable {
        let secret: Secret
        let endpoint: String
        let accessKey: AccessKey

        init(_ text: String, endpoint: String, _ accessKey: AccessKey) {
            secret = Secret(text)
            self.endpoint = endpoint
            self.accessKey = accessKey
        }

        /// Everything else follows from the text.
        static func == (left: Parts, right: Parts) -> Bool { left === right || left.secret == right.secret }

        func hash(into hasher: inout Hasher) {
            hasher.combine(secret)
        }
    }

    private let parts: Parts

    /// The text exactly as Azure wrote it.
    package var secret: Secret { parts.secret }
    /// The endpoint as written, without a slash at its end: `https://contoso.unitedstates.communication.azure.com`.
    package var endpoint: String { parts.endpoint }
    package var accessKey: AccessKey { parts.accessKey }

    /// Why a text is no connection string; it never repeats the text.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    package init(_ text: String) throws(Malformed) {
        let fields = try Self.fields(text.utf8Span.span)
        guard var endpoint = fields.first(where: { $0.name == "endpoint" })?.value,
            endpoint.hasPrefix("https://") || endpoint.hasPrefix("http://")
        else {
            throw Malformed(description: "the connection string has no 'endpoint=https://…'")
        }
        guard let key = fields.first(where: { $0.name == "accesskey" })?.value, let accessKey = AccessKey(key) else {
            throw Malformed(description: "the connection string has no 'accesskey=' with base64 of 32 bytes or more")
        }
        guard Self.isAllowed(text.utf8Span.span) else {
            throw Malformed(description: "the connection string has characters that no connection string has")
        }
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        parts = Parts(text, endpoint: endpoint, accessKey)
    }

    /// Byte by byte, for it is done again and again with the same few strings. Names in lower case.
    private static func fields(_ text: Span<UInt8>) throws(Malformed) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        var begin = 0
        while begin < text.count {
            var end = begin
            var equals: Int?
            while end < text.count, text[end] != UInt8(ascii: ";") {
                if equals == nil, text[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            if begin < end {
                guard let equals else {
                    throw Malformed(description: "a part of the connection string has no '='")
                }
                let name = string(text.extracting(begin..<equals)).lowercased()
                guard !fields.contains(where: { $0.name == name }) else {
                    throw Malformed(description: "the connection string has the same part twice")
                }
                fields.append((name, string(text.extracting((equals + 1)..<end))))
            }
            begin = end + 1
        }
        return fields
    }

    private static func string(_ bytes: Span<UInt8>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    private static func isAllowed(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where !isAllowed(text[index]) { return false }
        return true
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    package var fingerprint: Fingerprint { accessKey.fingerprint }
}
