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

    /// Closes idle connections. Calls that are under way fail.
    package func shutdown() async {
        await general.shutdown()
        for clients in named.values { await clients.shutdown() }
    }
}
