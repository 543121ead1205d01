import KeyMaterial
import Rotation
import RotationEngine
import SecretsDirectory
import Synchronization

/// The engine's view of the secrets directory.
struct SecretsAdapter: SecretPublisher {
    let running: RunningConfiguration
    private let durable = DurableDirectories()

    init(running: RunningConfiguration) {
        self.running = running
    }

    func read(_ resource: ManagedResource) async throws(Failure) -> SecretsView? {
        let loaded = running.value
        return try await blocking(.publishFailed) { [durable] () throws(Failure) in
            // A run of before may have ended in the middle of a publication.
            let directory = "\(loaded.secrets.path)/\(resource.name)"
            if !durable.paths.withLock({ $0.contains(directory) }) {
                try loaded.secrets.makeDurable(resource.name)
                durable.paths.withLock { _ = $0.insert(directory) }
            }
            let layout = loaded.layouts[resource.name] ?? ResourceLayout()
            guard let published = try loaded.secrets.read(resource.name, layout: layout) else {
                return nil
            }
            return SecretsView(
                fingerprint: published.fingerprint, endpoint: published.endpoint, keyType: published.keyType,
                version: published.version, publishedAt: published.publishedAt,
                previousGoodUntil: published.previousGoodUntil, intact: published.intact)
        }
    }

    func publish(
        _ order: PublicationOrder, current: ConnectionString, previous: ConnectionString?, of resource: ManagedResource
    ) async throws(Failure) {
        let loaded = running.value
        guard let layout = loaded.layouts[resource.name] else {
            throw Failure(.publishFailed, "\(resource.name) has left the configuration")
        }
        let version = SecretVersion(
            name: resource.name, version: order.version, keyType: order.keyType, current: current,
            previous: previous, publishedAt: order.publishedAt, previousGoodUntil: order.previousGoodUntil,
            nextRotation: order.nextRotation)
        try await blocking(.publishFailed) { () throws(Failure) in
            _ = try loaded.secrets.publish(version, layout: layout)
        }
    }
}

/// The directories of resources that were made durable since the start.
private final class DurableDirectories: Sendable {
    let paths = Mutex<Set<String>>([])
}
