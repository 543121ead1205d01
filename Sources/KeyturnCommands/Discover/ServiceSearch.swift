import AzureKeys
import Daemon
import KeyturnConfig
import Rotation

/// Lists CommunicationServices wherever a credential sees some. One subscription's failure does not stop the others.
struct ServiceSearch: Sendable {
    let setup: AzureSetup
    /// nil: there is none, and the cloud is AzureCloud.
    let configuration: Configuration?
    /// As given; nil: what the configuration has for each subscription.
    let credential: String?
    /// None: all that the credential sees.
    let subscriptions: [String]
    let resourceGroup: String?
    let tags: [String: String]

    struct Result: Sendable {
        /// Sorted by id.
        var services: [ListedService] = []
        var failures: [Failure] = []
    }

    func run() async -> Result {
        var result = Result()
        var fleet: [String?: AzureClients] = [:]
        do throws(Failure) {
            if subscriptions.isEmpty {
                let clients = try setup.oneShot(configuration, credential: credential, otherwise: nil)
                fleet[nil] = clients
                for subscription in try await clients.resourceManager.subscriptions() {
                    await list(.subscription(subscription), clients, &result)
                }
            }
            for subscription in subscriptions {
                let usual = configuration?.azure.subscriptions[subscription.lowercased()]
                let clients: AzureClients
                if let made = fleet[usual] {
                    clients = made
                } else {
                    clients = try setup.oneShot(configuration, credential: credential, otherwise: usual)
                    fleet[usual] = clients
                }
                let group = resourceGroup.map { ARMScope.resourceGroup(subscription: subscription, name: $0) }
                await list(group ?? .subscription(subscription), clients, &result)
            }
        } catch {
            result.failures.append(error)
        }
        for clients in fleet.values { await clients.shutdown() }
        var seen: Set<ResourceID> = []
        result.services = result.services.filter { seen.insert($0.id).inserted }
            .sorted { "\($0.id)".lowercased() < "\($1.id)".lowercased() }
        return result
    }

    private func list(_ scope: ARMScope, _ clients: AzureClients, _ result: inout Result) async {
        do throws(Failure) {
            result.services += try await clients.resourceManager.services(in: scope).filter(isWanted)
        } catch {
            result.failures.append(error)
        }
    }

    private func isWanted(_ service: ListedService) -> Bool {
        tags.allSatisfy { wanted in
            service.tags.contains { $0.key.lowercased() == wanted.key.lowercased() && $0.value == wanted.value }
        }
    }
}
