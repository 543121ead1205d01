/// A regenerate that is still to come, as far as everything goes well until then.
package struct PlannedRotation: Hashable, Sendable {
    /// Why it begins at its instant. The raw values are stable.
    package enum Cause: String, Codable, CaseIterable, Sendable {
        case every
        case calendar
        case jitter
        case windowOpens = "window opens"
        case freezeEnds = "freeze ends"
        case deadline
        /// It was due before; nothing could be rotated then.
        case overdue
        /// A superseded connection string is promised to work until then.
        case overlapEnds = "overlap ends"
        /// An operator asked for it.
        case requested
        /// The policy's canary rotates first.
        case canary
        /// The superseded key is regenerated too (`retire: true`).
        case retire

        init(_ cause: Due.Cause?) {
            self = cause.flatMap { Cause(rawValue: $0.rawValue) } ?? .every
        }
    }

    /// When it begins.
    package var at: Instant
    /// The resource's name in the configuration.
    package var resource: String
    package var keyType: KeyType
    package var cause: Cause

    package init(at: Instant, resource: String, keyType: KeyType, cause: Cause) {
        self.at = at
        self.resource = resource
        self.keyType = keyType
        self.cause = cause
    }
}

/// Calls to Azure Resource Manager that count as writes, in one hour of one subscription.
package struct PlannedCalls: Hashable, Sendable {
    package var subscription: String
    /// The hour's beginning.
    package var hour: Instant
    /// Of rotations, and of retirements.
    package var rotations: Int
    /// Looks whether another hand changed a key.
    package var driftChecks: Int

    package var all: Int { rotations + driftChecks }
}
