import AzureKeys

/// The clients of each credential.
package struct AzureFleet: Sendable {
    /// Those of `azure.credential`.
    package let general: AzureClients
    /// Those of `azure.credentials`, by name.
    package let named: [String: AzureClients]

    /// - Parameter name: of a credential; nil, or the name of none: the general one.
    package func clients(_ name: String?) -> AzureClients {
        name.flatMap { named[$0] } ?? general
    }

    /// Calls that Azure's limit of writes for the subscription leaves room for now, and at most, to the identity of those
    /// in use that has the least left: each has a limit of its own.
    func availableWrites(subscription: String) -> (writes: Int, of: Int) {
        ([general] + named.values).map { $0.resourceManager.availableWrites(subscription: subscription) }
            .min { $0.writes < $1.writes } ?? general.resourceManager.availableWrites(subscription: subscription)
    }

    /// Closes idle connections. Calls that are under way fail.
    package func shutdown() async {
        await general.shutdown()
        for clients in named.values { await clients.shutdown() }
    }
}
