import Rotation

/// What consumers are told about: a version that was published. It holds no secret; a command reads the connection
/// string from the secrets directory.
package struct DeliveryContext: Hashable, Sendable {
    package let resource: String
    package let keyType: KeyType
    package let version: Int
    /// When the key of this version was first published.
    package let publishedAt: Instant
    /// The directory with this resource's files, whose `connection-string` is the new one.
    package let secretsDirectory: String

    package init(resource: String, keyType: KeyType, version: Int, publishedAt: Instant, secretsDirectory: String) {
        self.publishedAt = publishedAt
        self.resource = resource
        self.keyType = keyType
        self.version = version
        self.secretsDirectory = secretsDirectory
    }

    /// All that a command finds in its environment; nothing of the daemon's own reaches it.
    var environment: [String: String] {
        [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "KEYTURN_RESOURCE": resource,
            "KEYTURN_KEY_TYPE": keyType.rawValue,
            "KEYTURN_VERSION": String(version),
            "KEYTURN_SECRETS_DIRECTORY": secretsDirectory,
        ]
    }
}
