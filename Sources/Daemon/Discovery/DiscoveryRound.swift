import AzureKeys
import KeyturnConfig
import Rotation

/// What a round of listings makes of the resources that are known: the rules of discovery, without Azure.
///
/// Nothing goes because it is missing in a list: a list leaves out, without a word, what the identity may not read. What is
/// missing is a *suspect*, and goes when Azure, asked for it by name, says that it is not there.
struct DiscoveryRound: Sendable {
    /// One complete list.
    struct Listing: Sendable {
        let rule: Configuration.DiscoveryRule
        let services: [Found]
    }

    /// A resource in a list.
    struct Found: Hashable, Sendable {
        let id: ResourceID
        let tags: [String: String]
        /// It is not being made or deleted.
        let isSettled: Bool

        init(id: ResourceID, tags: [String: String] = [:], isSettled: Bool = true) {
            self.id = id
            self.tags = tags
            self.isSettled = isSettled
        }

        init(_ listed: ListedService) {
            let state = listed.service.provisioningState?.lowercased()
            self.init(id: listed.id, tags: listed.tags, isSettled: state == nil || state == "succeeded")
        }
    }

    struct Suspect: Hashable, Sendable {
        let id: ResourceID
        /// Of the rule whose list lacks it.
        let credential: String?
    }

    struct Outcome: Hashable, Sendable {
        /// What is known from now on.
        var known: [DiscoveredResource]
        var appeared: [ResourceID] = []
        /// Azure does not have them any more.
        var vanished: [ResourceID] = []
        /// They are there, but no rule covers them any more.
        var released: [ResourceID] = []
    }

    private let rules: [Configuration.DiscoveryRule]
    private let configured: Set<ResourceID>
    private let known: [DiscoveredResource]
    private let listings: [Listing]
    private let found: [ResourceID: Found]

    /// - Parameters:
    ///   - rules: all of the configuration, in its order.
    ///   - configured: what its files name is not discovered.
    ///   - listings: of those rules whose lists are complete; the others are as if they had not been asked.
    init(
        rules: [Configuration.DiscoveryRule], configured: Set<ResourceID>, known: [DiscoveredResource],
        listings: [Listing]
    ) {
        self.rules = rules
        self.configured = configured
        self.known = known
        self.listings = listings
        found = Dictionary(
            listings.flatMap(\.services).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Those of the known resources to ask Azure for by name.
    var suspects: [Suspect] {
        known.compactMap { resource in
            guard resource.pruning == nil, !configured.contains(resource.id), found[resource.id] == nil,
                let listing = listings.first(where: { $0.rule.spans(resource.id) })
            else { return nil }
            return Suspect(id: resource.id, credential: listing.rule.credential)
        }
    }

    /// - Parameters:
    ///   - gone: the suspects that Azure does not have.
    ///   - names: under which the known resources run now.
    func outcome(gone: Set<ResourceID>, names: [ResourceID: String], now: Instant) -> Outcome {
        var outcome = Outcome(known: [])
        for var resource in known where !configured.contains(resource.id) && isSought(resource) {
            if let found = found[resource.id] {
                // Made anew before its files were removed.
                if resource.pruning != nil, !found.isSettled {
                    outcome.known.append(resource)
                    continue
                }
                if resource.pruning != nil { outcome.appeared.append(resource.id) }
                resource.tags = found.tags
                resource.pruning = nil
                if covered(resource) {
                    outcome.known.append(resource)
                } else {
                    outcome.released.append(resource.id)
                }
            } else if gone.contains(resource.id), resource.pruning == nil {
                outcome.vanished.append(resource.id)
                if prunes(resource), let name = names[resource.id] {
                    resource.pruning = name
                    outcome.known.append(resource)
                }
            } else {
                outcome.known.append(resource)
            }
        }
        let before = Set(known.map(\.id))
        for found in found.values.sorted(by: { "\($0.id)" < "\($1.id)" })
        where found.isSettled && !before.contains(found.id) && !configured.contains(found.id) {
            let resource = DiscoveredResource(id: found.id, tags: found.tags, since: now)
            guard covered(resource) else { continue }
            outcome.appeared.append(found.id)
            outcome.known.append(resource)
        }
        return outcome
    }

    /// Where a rule looks; else it left with its rule, at a reload.
    private func isSought(_ resource: DiscoveredResource) -> Bool {
        resource.pruning != nil || rules.contains { $0.spans(resource.id) }
    }

    private func covered(_ resource: DiscoveredResource) -> Bool {
        rules.contains { $0.covers(resource.id, tags: resource.tags) }
    }

    private func prunes(_ resource: DiscoveredResource) -> Bool {
        rules.first { $0.covers(resource.id, tags: resource.tags) }?.prune == true
    }
}
