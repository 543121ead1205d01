import AzureKeys
import EventCatalog
import KeyMaterial
import Rotation
import RotationEngine

/// The engine's view of Azure: each resource by the credential that the running configuration has for it.
struct AzureAdapter: KeyAuthority, KeyProbe {
    let fleet: AzureFleet
    let running: RunningConfiguration

    private func clients(_ resource: ManagedResource) -> AzureClients {
        fleet.clients(running.value.credentials[resource.name])
    }

    func listKeys(of resource: ManagedResource, urgency: Urgency) async throws(Failure) -> KeyListing {
        let result: Result<KeyListing, Failure> = await LogContext.$resource.withValue(resource.name) {
            do throws(Failure) {
                return .success(try await clients(resource).resourceManager.listKeys(resource.id, urgency: urgency))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func regenerateKey(_ keyType: KeyType, of resource: ManagedResource) async -> RegenerateOutcome {
        await LogContext.$resource.withValue(resource.name) {
            await clients(resource).resourceManager.regenerateKey(resource.id, keyType)
        }
    }

    func probe(_ connectionString: ConnectionString, of resource: ManagedResource) async -> ProbeOutcome {
        await LogContext.$resource.withValue(resource.name) { await clients(resource).probe.probe(connectionString) }
    }
}
