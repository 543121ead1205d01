import FoundationEssentials
import KeyMaterial
import Rotation

/// What `metadata.json` says: nothing secret. Every key is always there, null when there is nothing to say; instants
/// are RFC 3339.
package struct SecretMetadata: Hashable, Codable, Sendable {
    package var version: Int
    package var keyType: KeyType
    package var fingerprint: Fingerprint
    package var publishedAt: Instant
    package var previousFingerprint: Fingerprint?
    package var previousGoodUntil: Instant?
    package var nextRotation: Instant?

    private init(
        version: Int, keyType: KeyType, fingerprint: Fingerprint, publishedAt: Instant,
        previousFingerprint: Fingerprint?, previousGoodUntil: Instant?, nextRotation: Instant?
    ) {
        self.version = version
        self.keyType = keyType
        self.fingerprint = fingerprint
        self.publishedAt = publishedAt
        self.previousFingerprint = previousFingerprint
        self.previousGoodUntil = previousGoodUntil
        self.nextRotation = nextRotation
    }

    init(_ secret: SecretVersion) {
        version = secret.version
        keyType = secret.keyType
        fingerprint = secret.current.fingerprint
        publishedAt = secret.publishedAt
        previousFingerprint = secret.previous?.fingerprint
        previousGoodUntil = secret.previousGoodUntil
        nextRotation = secret.nextRotation
    }

    /// nil when the bytes are no such JSON.
    init?(json: [UInt8]) {
        // Nearly always it is as it was written here.
        if let written = SecretMetadata(written: json) {
            self = written
            return
        }
        guard let metadata = try? JSONDecoder().decode(SecretMetadata.self, from: Data(json)) else { return nil }
        self = metadata
    }

    /// Indented, keys sorted, a newline at its end: the same bytes for the same values.
    var json: [UInt8] {
        // None of the values has a character that JSON wants escaped.
        var json: [UInt8] = []
        json.reserveCapacity(384)
        func add(_ key: String, _ value: String?) {
            json += key.utf8
            if let value {
                json.append(UInt8(ascii: "\""))
                json += value.utf8
                json.append(UInt8(ascii: "\""))
            } else {
                json += "null".utf8
            }
        }
        add("{\n  \"fingerprint\" : ", fingerprint.hex)
        add(",\n  \"keyType\" : ", keyType.rawValue)
        add(",\n  \"nextRotation\" : ", nextRotation?.description)
        add(",\n  \"previousFingerprint\" : ", previousFingerprint?.hex)
        add(",\n  \"previousGoodUntil\" : ", previousGoodUntil?.description)
        add(",\n  \"publishedAt\" : ", publishedAt.description)
        json += ",\n  \"version\" : \(version)\n}\n".utf8
        return json
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(keyType, forKey: .keyType)
        try container.encode(fingerprint, forKey: .fingerprint)
        try container.encode(publishedAt, forKey: .publishedAt)
        // Not encodeIfPresent: a reader in a strict language wants the key, with null.
        try container.encode(previousFingerprint, forKey: .previousFingerprint)
        try container.encode(previousGoodUntil, forKey: .previousGoodUntil)
        try container.encode(nextRotation, forKey: .nextRotation)
    }
}

extension SecretMetadata {
    /// Reads what `json` wrote, without a JSON decoder, which is most of what a look at the secrets directory would cost;
    /// nil when the bytes are anything else.
    private init?(written json: [UInt8]) {
        var values: [String?] = []
        values.reserveCapacity(7)
        json.withUnsafeBufferPointer { bytes in
            var begin = 0
            for end in bytes.indices where bytes[end] == UInt8(ascii: "\n") {
                if let value = Self.value(bytes, begin, end) { values.append(value == "null" ? nil : value) }
                begin = end + 1
            }
        }
        guard values.count == 7, let fingerprint = values[0].flatMap({ Fingerprint(hex: $0) }),
            let keyType = values[1].flatMap({ KeyType(rawValue: $0) }),
            let publishedAt = values[5].flatMap({ Instant(rfc3339: $0) }), let version = values[6].flatMap({ Int($0) })
        else { return nil }
        self.init(
            version: version, keyType: keyType, fingerprint: fingerprint, publishedAt: publishedAt,
            previousFingerprint: values[3].flatMap { Fingerprint(hex: $0) },
            previousGoodUntil: values[4].flatMap { Instant(rfc3339: $0) },
            nextRotation: values[2].flatMap { Instant(rfc3339: $0) })
        // What was left out above, or has another form, shows here.
        guard self.json == json else { return nil }
    }

    /// What stands behind the first colon of a line, without quotes and the comma; nil when there is none.
    private static func value(_ bytes: UnsafeBufferPointer<UInt8>, _ begin: Int, _ end: Int) -> String? {
        var first = begin
        while first < end, bytes[first] != UInt8(ascii: ":") { first += 1 }
        first += 2
        var last = end
        if last > first, bytes[last - 1] == UInt8(ascii: ",") { last -= 1 }
        if last > first + 1, bytes[first] == UInt8(ascii: "\""), bytes[last - 1] == UInt8(ascii: "\"") {
            first += 1
            last -= 1
        }
        return first <= last ? String(decoding: UnsafeBufferPointer(rebasing: bytes[first..<last]), as: UTF8.self) : nil
    }
}
