import Rotation

/// What the ledger knows about one resource now. It never holds a key, only fingerprints.
package struct LedgerRow: Hashable, Codable, Sendable {
    /// The resource's name in the configuration; there is one row for each.
    package var resource: String
    /// The ARM resource id, as text.
    package var resourceID: String
    package var phase: String
    /// The phase's data: JSON text made by the caller and given back as it was.
    package var state: String
    package var updatedAt: Instant

    package init(resource: String, resourceID: String, phase: String, state: String, updatedAt: Instant) {
        self.resource = resource
        self.resourceID = resourceID
        self.phase = phase
        self.state = state
        self.updatedAt = updatedAt
    }
}
