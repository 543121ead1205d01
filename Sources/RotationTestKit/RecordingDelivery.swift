import Rotation
import RotationEngine
import Synchronization

/// Consumers that write down what they are told, and fail when told to.
package final class RecordingDelivery: ConsumerDelivery {
    /// One call.
    package struct Delivery: Hashable, Sendable {
        package let resource: String
        package let version: Int
        package let keyType: KeyType
        package let consumers: [String]
    }

    private struct State {
        var deliveries: [Delivery] = []
        var failures: [String: [Failure]] = [:]
        var told: [String: [Int: Set<String>]] = [:]
        var gates: [String: Gate] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var deliveries: [Delivery] { state.withLock { $0.deliveries } }

    /// The next times a consumer is told, it fails with these, in order.
    package func fail(_ failures: [Failure], of consumer: String) {
        state.withLock { $0.failures[consumer, default: []] += failures }
    }

    /// From now on telling this consumer takes until the gate is open; a cancelled delivery fails.
    package func holdUp(_ consumer: String) -> Gate {
        let gate = Gate()
        state.withLock { $0.gates[consumer] = gate }
        return gate
    }

    /// Who of the resource's consumers was not told of the version.
    package func untold(of resource: ManagedResource, version: Int) -> [String] {
        let told = state.withLock { $0.told[resource.name]?[version] ?? [] }
        return resource.settings.consumers.filter { !told.contains($0) }
    }

    package func deliver(
        _ published: Publication, to consumers: [String], of resource: ManagedResource
    ) async -> [String: Failure?] {
        state.withLock {
            $0.deliveries.append(
                Delivery(
                    resource: resource.name, version: published.version, keyType: published.keyType,
                    consumers: consumers))
        }
        return await withTaskGroup(of: (String, Failure?).self) { group in
            for consumer in consumers {
                group.addTask { (consumer, await self.tell(consumer, version: published.version, of: resource)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = .some($1.1) }
        }
    }

    private func tell(_ consumer: String, version: Int, of resource: ManagedResource) async -> Failure? {
        do {
            try await state.withLock { $0.gates[consumer] }?.pass()
        } catch {
            return Failure(.deliveryFailed, "\(consumer) was cut short")
        }
        return state.withLock { state in
            if let failure = state.failures[consumer]?.first {
                state.failures[consumer]?.removeFirst()
                return failure
            }
            state.told[resource.name, default: [:]][version, default: []].insert(consumer)
            return nil
        }
    }
}
