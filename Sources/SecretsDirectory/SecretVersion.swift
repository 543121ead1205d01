import KeyMaterial
import Rotation

/// One version of what is published for a resource.
package struct SecretVersion: Hashable, Sendable {
    /// The resource's name in the config; its directory is named so.
    package var name: String
    package var version: Int
    /// Of `current`.
    package var keyType: KeyType
    package var current: ConnectionString
    /// What consumers may still hold.
    package var previous: ConnectionString?
    package var publishedAt: Instant
    package var previousGoodUntil: Instant?
    package var nextRotation: Instant?

    package init(
        name: String, version: Int, keyType: KeyType, current: ConnectionString, previous: ConnectionString? = nil,
        publishedAt: Instant, previousGoodUntil: Instant? = nil, nextRotation: Instant? = nil
    ) {
        self.name = name
        self.version = version
        self.keyType = keyType
        self.current = current
        self.previous = previous
        self.publishedAt = publishedAt
        self.previousGoodUntil = previousGoodUntil
        self.nextRotation = nextRotation
    }
}
