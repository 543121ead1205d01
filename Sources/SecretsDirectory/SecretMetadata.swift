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
        guard let metadata = try? JSONDecoder().decode(SecretMetadata.self, from: Data(json)) else { return nil }
        self = metadata
    }

    /// Indented, keys sorted, a newline at its end: the same bytes for the same values.
    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return try [UInt8](encoder.encode(self)) + [UInt8(ascii: "\n")]
        } catch {
            preconditionFailure("strings, an integer and null always have a JSON form")
        }
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
