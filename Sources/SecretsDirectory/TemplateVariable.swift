/// The variables that a template of the user's own can name. All but the previous ones, `previousGoodUntil` and
/// `nextRotation` always have a value.
package enum TemplateVariable: String, CaseIterable, Sendable {
    case connectionString
    case previousConnectionString
    case accessKey
    case previousAccessKey
    /// As in the connection string, with `https://`.
    case endpoint
    /// The endpoint's host name.
    case host
    /// `Primary` or `Secondary`.
    case keyType
    case version
    case fingerprint
    /// RFC 3339 in UTC, as are the other two instants.
    case publishedAt
    case previousGoodUntil
    case nextRotation
    /// The resource's name in the config.
    case name
}
