import KeyMaterial
import Rotation
import RotationEngine
import Synchronization

/// Azure as far as keys go: two keys a resource, what becomes of each regenerate by script, propagation, lost and late
/// requests. It does not trap on an order that breaks the laws but records it in `violations`.
package final class ModelAzure: KeyAuthority, KeyProbe {
    struct State {
        var services: [ResourceID: ModelService] = [:]
        var keysMade = 0
        /// By subscription.
        var callsUnderWay: [String: Int] = [:]
        var mostCallsUnderWay = 0
        var mostCallsOfOneSubscription = 0
        var calls: [ModelCall: Int] = [:]
        var violations: [String] = []
    }

    let clock: ManualClock
    let publisher: MemoryPublisher
    let delivery: RecordingDelivery
    let state = Mutex(State())

    /// - Parameter publisher: tells what consumers are told to use, to see whether a regenerate is lawful.
    /// - Parameter delivery: tells whether consumers were told.
    package init(clock: ManualClock, publisher: MemoryPublisher, delivery: RecordingDelivery) {
        self.clock = clock
        self.publisher = publisher
        self.delivery = delivery
    }

    /// Every order seen so far that breaks a law, as a sentence.
    package var violations: [String] { state.withLock { $0.violations } }

    /// The most calls there ever were at a time.
    package var mostCallsUnderWay: Int { state.withLock { $0.mostCallsUnderWay } }

    /// The most calls there ever were at a time about resources of one subscription.
    package var mostCallsOfOneSubscription: Int { state.withLock { $0.mostCallsOfOneSubscription } }

    package func calls(_ call: ModelCall) -> Int { state.withLock { $0.calls[call] ?? 0 } }

    package func listKeys(of resource: ManagedResource, urgency: Urgency) async throws(Failure) -> KeyListing {
        withService(resource.id) { $0.urgencies.append(urgency) }
        do {
            try await enter(.list, resource.id)
        } catch {
            throw Failure(.unreachable, "the listing was cut short")
        }
        defer { leave(resource.id) }
        return try withService(resource.id) { service throws(Failure) in
            if !service.listFailures.isEmpty { throw service.listFailures.removeFirst() }
            if let failure = service.listFailure { throw failure }
            guard let primary = service.living(.primary), let secondary = service.living(.secondary) else {
                throw Failure(.notFound, "the model has no such resource")
            }
            return KeyListing(
                primary: primary.connectionString, secondary: secondary.connectionString, serverDate: clock.trueNow)
        }
    }

    package func probe(_ connectionString: ConnectionString, of resource: ManagedResource) async -> ProbeOutcome {
        do {
            try await enter(.probe, resource.id)
        } catch {
            return .inconclusive(Failure(.probeUnreachable, "the probe was cut short"))
        }
        defer { leave(resource.id) }
        return withService(resource.id) { service in
            if !service.probeOutcomes.isEmpty { return service.probeOutcomes.removeFirst() }
            if let outcome = service.probeOutcome { return outcome }
            let key = service.keys.last { $0.connectionString == connectionString && $0.diedAt == nil }
            let isFirst = service.keys.prefix(2).contains { $0.connectionString == connectionString }
            guard let key, isFirst || clock.elapsed - key.bornAt >= service.propagation else {
                return .denied(Failure(.keyDenied, "401 Denied"))
            }
            return .succeeded
        }
    }

    /// Waits at the gate, if any, and counts the call.
    func enter(_ call: ModelCall, _ id: ResourceID) async throws {
        let gate = state.withLock { state in
            state.calls[call, default: 0] += 1
            let ofSubscription = state.callsUnderWay[id.subscription, default: 0] + 1
            state.callsUnderWay[id.subscription] = ofSubscription
            state.mostCallsOfOneSubscription = max(state.mostCallsOfOneSubscription, ofSubscription)
            state.mostCallsUnderWay = max(state.mostCallsUnderWay, state.callsUnderWay.values.reduce(0, +))
            return state.services[id]?.gates[call]
        }
        guard let gate else { return }
        if call == .regenerate { return await gate.passUncancelled() }
        do {
            try await gate.pass()
        } catch {
            leave(id)
            throw error
        }
    }

    func leave(_ id: ResourceID) {
        state.withLock { $0.callsUnderWay[id.subscription, default: 1] -= 1 }
    }

    /// Hands out the resource as it is now: made when it is new, and with everything that landed meanwhile.
    func withService<Result, Failure: Error>(
        _ id: ResourceID, _ body: (inout ModelService) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try state.withLock { state throws(Failure) in
            var service = state.services[id] ?? ModelService()
            if service.keys.isEmpty {
                for keyType in KeyType.allCases { state.make(keyType, in: &service, id, at: .zero, .anotherHand) }
            }
            let elapsed = clock.elapsed
            for landing in service.landings.filter({ $0.at <= elapsed }).sorted(by: { $0.at < $1.at }) {
                state.make(landing.keyType, in: &service, id, at: landing.at, .lateLanding)
            }
            service.landings.removeAll { $0.at <= elapsed }
            defer { state.services[id] = service }
            return try body(&service)
        }
    }
}

extension ModelAzure.State {
    /// Replaces the key of that type by the next one.
    mutating func make(
        _ keyType: KeyType, in service: inout ModelService, _ id: ResourceID, at elapsed: Duration,
        _ death: ModelKey.Death
    ) {
        keysMade += 1
        service.replace(keyType, of: id, number: keysMade, at: elapsed, death)
    }
}
