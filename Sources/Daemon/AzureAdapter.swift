import AzureKeys
import EventCatalog
import KeyMaterial
import Rotation
import RotationEngine

/// The engine's view of Azure.
struct AzureAdapter: KeyAuthority, KeyProbe {
    let clients: AzureClients

    func listKeys(of resource: ManagedResource, urgency: Urgency) async throws(Failure) -> KeyListing {
        let result: Result<KeyListing, Failure> = await LogContext.$resource.withValue(resource.name) {
            do throws(Failure) {
                return .success(try await clients.resourceManager.listKeys(resource.id, urgency: urgency))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func regenerateKey(_ keyType: KeyType, of resource: ManagedResource) async -> RegenerateOutcome {
        await LogContext.$resource.withValue(resource.name) {
            await clients.resourceManager.regenerateKey(resource.id, keyType)
        }
    }

    func probe(_ connectionString: ConnectionString, of resource: ManagedResource) async -> ProbeOutcome {
        await LogContext.$resource.withValue(resource.name) { await clients.probe.probe(connectionString) }
    }
}
