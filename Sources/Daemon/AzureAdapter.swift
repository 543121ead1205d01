import AzureKeys
import KeyMaterial
import Rotation
import RotationEngine

/// The engine's view of Azure.
struct AzureAdapter: KeyAuthority, KeyProbe {
    let clients: AzureClients

    func listKeys(of resource: ManagedResource, urgency: Urgency) async throws(Failure) -> KeyListing {
        try await clients.resourceManager.listKeys(resource.id, urgency: urgency)
    }

    func regenerateKey(_ keyType: KeyType, of resource: ManagedResource) async -> RegenerateOutcome {
        await clients.resourceManager.regenerateKey(resource.id, keyType)
    }

    func probe(_ connectionString: ConnectionString, of resource: ManagedResource) async -> ProbeOutcome {
        await clients.probe.probe(connectionString)
    }
}
