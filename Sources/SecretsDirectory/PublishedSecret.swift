import KeyMaterial
import Rotation

/// What stands in the secrets directory for one resource, read from what a consumer would read.
package struct PublishedSecret: Hashable, Sendable {
    /// Of the key in the `connection-string` file; nil when there is no such file or it is no connection string.
    package var fingerprint: Fingerprint?
    /// The endpoint that the `connection-string` file names.
    package var endpoint: String?
    /// As `metadata.json` says or, when that cannot be read, `key-type`.
    package var keyType: KeyType?
    package var version: Int?
    package var publishedAt: Instant?
    /// Of the key in the `previous-connection-string` file.
    package var previousFingerprint: Fingerprint?
    package var previousGoodUntil: Instant?
    package var nextRotation: Instant?
    /// How it differs from what `publish` writes, each with the path from the resource's directory; holds no secret.
    package var problems: [String]
    /// Names that a later `publish` removes: of a run that was cut short, or of files that are not wanted any more.
    package var leftovers: [String]

    /// Every file, link, owner and mode is as it was published, and they agree with each other.
    package var intact: Bool { problems.isEmpty }
}
