/// The files that every resource has.
package enum UsualFile: String, CaseIterable, Sendable {
    /// Exactly Azure's text, without a newline.
    case connectionString = "connection-string"
    /// Only there while there is a previous one.
    case previousConnectionString = "previous-connection-string"
    case accessKey = "access-key"
    case endpoint
    case keyType = "key-type"
    /// One assignment for systemd's `EnvironmentFile=`.
    case environment = "env"
    /// `SecretMetadata` as JSON.
    case metadata = "metadata.json"
}
