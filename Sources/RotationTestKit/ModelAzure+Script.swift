import KeyMaterial
import Rotation
import RotationEngine
import Synchronization

extension ModelAzure {
    /// What becomes of the next regenerates of the resource, in order; later ones run.
    package func script(_ outcomes: [ModelOutcome], for id: ResourceID) {
        withService(id) { $0.outcomes += outcomes }
    }

    /// The next listings of the resource fail with these, in order.
    package func failListings(_ failures: [Failure], of id: ResourceID) {
        withService(id) { $0.listFailures += failures }
    }

    /// Every listing of the resource fails with this; nil ends it.
    package func setListingFailure(_ failure: Failure?, of id: ResourceID) {
        withService(id) { $0.listFailure = failure }
    }

    /// The next probes of the resource end with these, in order.
    package func scriptProbes(_ outcomes: [ProbeOutcome], of id: ResourceID) {
        withService(id) { $0.probeOutcomes += outcomes }
    }

    /// Every probe of the resource ends with this; nil ends it.
    package func setProbeOutcome(_ outcome: ProbeOutcome?, of id: ResourceID) {
        withService(id) { $0.probeOutcome = outcome }
    }

    /// How long the data plane refuses a new key.
    package func setPropagation(_ propagation: Duration, of id: ResourceID) {
        withService(id) { $0.propagation = propagation }
    }

    /// Calls of that kind wait there from now on. A regenerate has been sent then, but has not run.
    package func holdUp(_ call: ModelCall, of id: ResourceID) -> Gate {
        let gate = Gate()
        withService(id) { $0.gates[call] = gate }
        return gate
    }

    /// Lets all calls through that are held up.
    package func openGates() {
        for gate in state.withLock({ $0.services.values.flatMap(\.gates.values) }) { gate.open() }
    }

    /// Another hand regenerates the key.
    package func regenerateByAnotherHand(_ keyType: KeyType, of id: ResourceID) {
        change([keyType], of: id, .anotherHand)
    }

    /// The key as it is now.
    package func key(_ keyType: KeyType, of id: ResourceID) -> ModelKey? {
        withService(id) { $0.living(keyType) }
    }

    /// Every key the resource ever had, oldest first.
    package func keys(of id: ResourceID) -> [ModelKey] {
        withService(id) { $0.keys }
    }

    /// The key types of the regenerates that were sent, in order.
    package func sent(_ id: ResourceID) -> [KeyType] {
        withService(id) { $0.sent }
    }

    /// Who waited for each listing of the resource, in order.
    package func urgencies(_ id: ResourceID) -> [Urgency] {
        withService(id) { $0.urgencies }
    }

    /// True when what is published for the resource is one of its keys now.
    package func isPublishedKeyAlive(_ resource: ManagedResource) -> Bool {
        guard let published = publisher.current(resource.name) else { return false }
        return key(published.order.keyType, of: resource.id)?.fingerprint == published.order.fingerprint
    }

    /// Did every published key live as long as was promised? What was killed by another hand, or by a request that
    /// landed after its answer, is not counted.
    package func brokenPromises(_ resource: ManagedResource) -> [String] {
        let keys = keys(of: resource.id)
        return publisher.publications(resource.name).compactMap { publication in
            let order = publication.order
            let what = "\(resource.name): version \(order.version), \(order.keyType)"
            guard let key = keys.first(where: { $0.fingerprint == order.fingerprint }) else {
                return "\(what), was never a key"
            }
            guard let diedAt = key.diedAt, case .regenerated = key.death else { return nil }
            if diedAt <= publication.at { return "\(what), was dead when it was published" }
            guard let end = publisher.goodUntil(order.fingerprint, of: resource.name) else {
                return "\(what), was killed while it was published"
            }
            return diedAt < end ? "\(what), died \(end - diedAt) too early" : nil
        }
    }
}
