import KeyturnConfig
import Rotation

/// A resource that was found in Azure, as the ledger keeps it: so that a start without Azure knows it, too.
package struct DiscoveredResource: Codable, Hashable, Sendable {
    package var id: ResourceID
    /// As last listed: they decide which rule it belongs to.
    package var tags: [String: String]
    package var since: Instant
    /// Azure does not have it any more, and the files that were published under this name are to go; nil: it is there.
    package var pruning: String?

    package init(id: ResourceID, tags: [String: String], since: Instant, pruning: String? = nil) {
        self.id = id
        self.tags = tags
        self.since = since
        self.pruning = pruning
    }
}

extension Configuration {
    /// Takes up those that are there.
    package func enrolling(_ discovered: [DiscoveredResource]) -> Enrolment {
        enrolling(discovered.filter { $0.pruning == nil }.map { ($0.id, $0.tags) })
    }
}
