import KeyMaterial
import Rotation
import RotationEngine

extension EnginePorts {
    /// The same ports, with what goes through them counted and measured.
    func measured(by metrics: PortMetrics) -> EnginePorts {
        EnginePorts(
            authority: MeasuredAuthority(port: authority, metrics: metrics),
            probe: MeasuredProbe(port: probe, metrics: metrics),
            publisher: MeasuredPublisher(port: publisher, metrics: metrics),
            ledger: MeasuredLedger(port: ledger, metrics: metrics),
            delivery: MeasuredDelivery(port: delivery, metrics: metrics), clock: clock)
    }
}

private struct MeasuredAuthority: KeyAuthority {
    let port: any KeyAuthority
    let metrics: PortMetrics

    func listKeys(of resource: ManagedResource, urgency: Urgency) async throws(Failure) -> KeyListing {
        try await port.listKeys(of: resource, urgency: urgency)
    }

    func regenerateKey(_ keyType: KeyType, of resource: ManagedResource) async -> RegenerateOutcome {
        let outcome = await port.regenerateKey(keyType, of: resource)
        metrics.regenerated(outcome)
        return outcome
    }
}

private struct MeasuredProbe: KeyProbe {
    let port: any KeyProbe
    let metrics: PortMetrics

    func probe(_ connectionString: ConnectionString, of resource: ManagedResource) async -> ProbeOutcome {
        let start = ContinuousClock.now
        let outcome = await port.probe(connectionString, of: resource)
        metrics.probed(outcome, since: start)
        return outcome
    }
}

private struct MeasuredPublisher: SecretPublisher {
    let port: any SecretPublisher
    let metrics: PortMetrics

    func read(_ resource: ManagedResource) async throws(Failure) -> SecretsView? {
        try await port.read(resource)
    }

    func publish(
        _ order: PublicationOrder, current: ConnectionString, previous: ConnectionString?, of resource: ManagedResource
    ) async throws(Failure) {
        let start = ContinuousClock.now
        do {
            try await port.publish(order, current: current, previous: previous, of: resource)
            metrics.published(.success, since: start)
        } catch {
            metrics.published(.failure, since: start)
            throw error
        }
    }
}

private struct MeasuredLedger: RotationLedger {
    let port: any RotationLedger
    let metrics: PortMetrics

    func load() async throws(Failure) -> [String: StoredRotation] {
        try await port.load()
    }

    func save(_ rotation: StoredRotation, notes: [Note], at now: Instant) async throws(Failure) {
        let start = ContinuousClock.now
        do {
            try await port.save(rotation, notes: notes, at: now)
            metrics.saved(.success, since: start)
        } catch {
            metrics.saved(.failure, since: start)
            throw error
        }
    }
}

private struct MeasuredDelivery: ConsumerDelivery {
    let port: any ConsumerDelivery
    let metrics: PortMetrics

    func deliver(
        _ published: Publication, to consumers: [String], of resource: ManagedResource
    ) async -> [String: Failure?] {
        let start = ContinuousClock.now
        let results = await port.deliver(published, to: consumers, of: resource)
        metrics.delivered(results, since: start)
        return results
    }
}
