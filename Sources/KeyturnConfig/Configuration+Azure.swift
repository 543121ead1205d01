import Rotation

extension Configuration {
    /// How to reach Azure, and as whom.
    package struct Azure: Hashable, Sendable {
        package let cloud: Cloud
        package let credential: Credential
        /// What Azure lets this identity send to one subscription.
        package let subscriptionWrites: WriteLimit
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
        /// The same for the token service.
        package let login: String
        /// What tokens are for; nil: the resource manager.
        package let audience: String?
        /// A PEM file of certificate authorities to trust besides the system's.
        package let caFile: String?
        /// Hosts that connection strings may name besides Azure's; with a leading dot, all below a domain.
        package let dataPlaneHosts: [String]
    }
}
