/// What `SecretsDirectory.publish` did.
package enum PublishOutcome: Hashable, Sendable {
    /// The version with this number was put in place.
    case written(Int)
    /// It was there already, to the last byte, mode and owner.
    case unchanged
}
