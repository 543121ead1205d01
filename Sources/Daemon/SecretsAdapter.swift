import KeyMaterial
import Rotation
import RotationEngine
import SecretsDirectory

/// The engine's view of the secrets directory.
struct SecretsAdapter: SecretPublisher {
    let running: RunningConfiguration

    func read(_ resource: ManagedResource) async throws(Failure) -> SecretsView? {
        let loaded = running.value
        return try await blocking(.publishFailed) { () throws(Failure) in
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
