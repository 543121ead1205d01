import Rotation

extension Configuration {
    /// How to reach Azure, and as whom.
    package struct Azure: Hashable, Sendable {
        package let cloud: Cloud
        /// What is used where nothing else is said.
        package let credential: Credential
        /// Others, by their names.
        package let credentials: [String: Credential]
        /// The names of those that count for all resources of a subscription, by its UUID in lower case.
        package let subscriptions: [String: String]
        /// What Azure lets this identity send to one subscription.
        package let subscriptionWrites: WriteLimit
        package let timeouts: Timeouts
    }

    /// How long each phase of a call to Azure may take.
    package struct Timeouts: Hashable, Sendable {
        /// Until there is a connection: proxy and TLS included.
        package let connect: Duration
        /// From the connection to the last byte of the answer.
        package let call: Duration
        /// The same for regenerateKey.
        package let regenerate: Duration

        package init(
            connect: Duration = .seconds(10), call: Duration = .seconds(30), regenerate: Duration = .seconds(60)
        ) {
            self.connect = connect
            self.call = call
            self.regenerate = regenerate
        }
    }

    package enum Cloud: Hashable, Sendable {
        case known(KnownCloud)
        case custom(CustomCloud)
    }

    /// The public clouds by the names that `az cloud list` gives them.
    package enum KnownCloud: String, CaseIterable, Sendable {
        case azureCloud = "AzureCloud"
        case azureUSGovernment = "AzureUSGovernment"
        case azureChinaCloud = "AzureChinaCloud"
    }

    /// An Azure of one's own, or an emulator.
    package struct CustomCloud: Hashable, Sendable {
        /// `https://HOST[:PORT]`, or `http://` on this machine.
        package let resourceManager: String
        /// The same for the token service; nil: the resource manager is asked.
        package let login: String?
        /// What tokens are for; nil: the resource manager when `login` is given, else it is asked.
        package let audience: String?
        /// A PEM file of certificate authorities to trust besides the system's.
        package let caFile: String?
        /// Hosts that connection strings may name besides Azure's; with a leading dot, all below a domain.
        package let dataPlaneHosts: [String]
    }
}

extension Configuration {
    /// The name of the credential that counts for a resource, whether the configuration has it or not: the resource's own,
    /// else its subscription's; nil: the general one.
    package func credentialName(for id: ResourceID) -> String? {
        if let resource = resources.first(where: { $0.id == id }) { return resource.credential }
        return azure.subscriptions[id.subscription.lowercased()]
    }
}
