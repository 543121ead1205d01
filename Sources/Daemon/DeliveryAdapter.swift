import Delivery
import Rotation
import RotationEngine
import Synchronization

/// Tells the consumers that the running configuration names.
struct DeliveryAdapter: ConsumerDelivery {
    let deliverer: Deliverer
    let running: RunningConfiguration

    func deliver(
        _ published: Publication, to consumers: [String], of resource: ManagedResource
    ) async -> [String: Failure?] {
        guard let known = running.value.consumers[resource.name] else {
            // It comes back, perhaps, and nobody was told.
            let failure = Failure(.deliveryFailed, "\(resource.name) is not in the configuration any more")
            return Dictionary(consumers.map { ($0, failure) }, uniquingKeysWith: { first, _ in first })
        }
        let wanted = known.filter { consumers.contains($0.id.rawValue) }
        let context = DeliveryContext(
            resource: resource.name, keyType: published.keyType, version: published.version,
            publishedAt: published.publishedAt,
            secretsDirectory: running.value.secretsDirectory + "/" + resource.name)
        let results = await deliverer.deliver(to: wanted, context: context)
        // A consumer that the configuration no longer names has nothing to be told.
        var outcome: [String: Failure?] = Dictionary(
            consumers.map { ($0, nil) }, uniquingKeysWith: { first, _ in first })
        for result in results { outcome.updateValue(result.failure, forKey: result.consumer.id.rawValue) }
        return outcome
    }
}

/// The configuration in force; a reload swaps the whole value.
final class RunningConfiguration: Sendable {
    private let box: Mutex<LoadedConfiguration>

    init(_ loaded: LoadedConfiguration) {
        box = Mutex(loaded)
    }

    var value: LoadedConfiguration {
        get { box.withLock { $0 } }
        set { box.withLock { $0 = newValue } }
    }
}
