import KeyMaterial
import Rotation
import RotationEngine
import Synchronization

/// A secrets directory in memory, by resource name. It keeps every version that ever stood there.
package final class MemoryPublisher: SecretPublisher {
    fileprivate struct State {
        var publications: [String: [MemoryPublication]] = [:]
        var tampered: Set<String> = []
        var failures: [String: [Failure]] = [:]
        var gates: [String: Gate] = [:]
        var frozen = false
        var violations: [String] = []
    }

    private let clock: ManualClock
    private let state = Mutex(State())

    package init(clock: ManualClock) {
        self.clock = clock
    }

    /// What breaks a law: a string that is not the ordered one, or a version that is not newer.
    package var violations: [String] { state.withLock { $0.violations } }

    /// What stands there now.
    package func current(_ name: String) -> MemoryPublication? { publications(name).last }

    /// Every version that stood there, oldest first.
    package func publications(_ name: String) -> [MemoryPublication] {
        state.withLock { $0.publications[name] ?? [] }
    }

    /// Until when a key that was published is promised to work, by `ManualClock.elapsed`; nil when it never was
    /// published, or is current.
    package func goodUntil(_ fingerprint: Fingerprint?, of name: String) -> Duration? {
        publications(name).last { $0.order.fingerprint == fingerprint }?.goodUntil
    }

    /// The next publications of the resource fail with these, in order, and change nothing.
    package func fail(_ failures: [Failure], of name: String) {
        state.withLock { $0.failures[name, default: []] += failures }
    }

    /// From now on publications of the resource wait there before they change anything.
    package func holdUp(_ name: String) -> Gate {
        let gate = Gate()
        state.withLock { $0.gates[name] = gate }
        return gate
    }

    /// Lets all publications through that are held up.
    package func openGates() {
        for gate in state.withLock({ $0.gates.values }) { gate.open() }
    }

    /// Another hand changed the files.
    package func tamper(_ name: String) {
        state.withLock { _ = $0.tampered.insert(name) }
    }

    /// Another hand removed the files.
    package func remove(_ name: String) {
        state.withLock { $0.publications[name] = nil }
    }

    /// While frozen every call fails: the machine is off.
    package func setFrozen(_ frozen: Bool) {
        state.withLock { $0.frozen = frozen }
    }

    package func read(_ resource: ManagedResource) async throws(Failure) -> SecretsView? {
        try state.withLock { state throws(Failure) in
            if state.frozen { throw Failure(.publishFailed, "frozen") }
            guard let publication = state.publications[resource.name]?.last else { return nil }
            let order = publication.order
            return SecretsView(
                fingerprint: publication.current.fingerprint, endpoint: publication.current.endpoint,
                keyType: order.keyType, version: order.version,
                publishedAt: order.publishedAt, previousGoodUntil: order.previousGoodUntil,
                intact: !state.tampered.contains(resource.name))
        }
    }

    package func publish(
        _ order: PublicationOrder, current: ConnectionString, previous: ConnectionString?, of resource: ManagedResource
    ) async throws(Failure) {
        let gate = state.withLock { $0.gates[resource.name] }
        await gate?.passUncancelled()
        let publication = MemoryPublication(
            order: order, current: current, previous: previous, at: clock.elapsed,
            overlap: resource.settings.policy.overlap)
        try state.withLock { state throws(Failure) in
            if state.frozen { throw Failure(.publishFailed, "frozen") }
            if let failure = state.failures[resource.name]?.first {
                state.failures[resource.name]?.removeFirst()
                throw failure
            }
            state.put(publication, resource.name)
        }
    }
}

extension MemoryPublisher.State {
    fileprivate mutating func put(_ publication: MemoryPublication, _ name: String) {
        let order = publication.order
        let last = publications[name]?.last
        tampered.remove(name)
        if order.fingerprint != publication.current.fingerprint || order.previous != publication.previous?.fingerprint {
            violations.append("\(name): version \(order.version) is not what was ordered")
        }
        guard last?.order != order else { return }
        if let last, last.order.version >= order.version {
            violations.append("\(name): version \(order.version) after version \(last.order.version)")
        }
        if let last, last.order.fingerprint != order.fingerprint {
            let count = publications[name]?.count ?? 0
            publications[name]?[count - 1].supersededAt = publication.at
        }
        publications[name, default: []].append(publication)
    }
}
