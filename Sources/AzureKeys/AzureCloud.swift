/// One Azure cloud: where its resource manager and its token service are, and which data-plane hosts belong to it.
///
/// Values of the public clouds: azure-mgmt-core `get_arm_endpoints`, azure-cli-core `cloud.py`.
package struct AzureCloud: Hashable, Sendable {
    /// `AzureCloud`, `AzureUSGovernment`, `AzureChinaCloud`, or `custom`.
    package let name: String
    package let resourceManager: Endpoint
    /// The token service; nil: the resource manager is asked.
    package var login: Endpoint?
    /// What a token must be for, without `/.default`: `https://management.azure.com`; nil: the resource manager is asked.
    package let audience: String?
    package let dataPlaneHosts: DataPlaneHosts

    package static let azureCloud = AzureCloud(
        name: "AzureCloud", resourceManager: "management.azure.com", login: "login.microsoftonline.com",
        audience: "https://management.azure.com")

    package static let azureUSGovernment = AzureCloud(
        name: "AzureUSGovernment", resourceManager: "management.usgovcloudapi.net", login: "login.microsoftonline.us",
        audience: "https://management.core.usgovcloudapi.net")

    package static let azureChinaCloud = AzureCloud(
        name: "AzureChinaCloud", resourceManager: "management.chinacloudapi.cn", login: "login.chinacloudapi.cn",
        audience: "https://management.chinacloudapi.cn")

    package static let publicClouds = [azureCloud, azureUSGovernment, azureChinaCloud]

    /// The public cloud of this name, in any case; nil when there is none.
    package init?(named name: String) {
        guard let match = Self.publicClouds.first(where: { $0.name.lowercased() == name.lowercased() }) else {
            return nil
        }
        self = match
    }

    /// A cloud of one's own: an Azure Stack, an air-gapped cloud, or an emulator.
    ///
    /// - Parameters:
    ///   - login: the token service; nil: what the resource manager says (`/metadata/endpoints`).
    ///   - audience: with or without `/.default`; nil: the resource manager's URL when `login` is given, else what the
    ///     resource manager says.
    ///   - dataPlaneHosts: hosts that connection strings may name besides Azure's own: `acs.contoso.example`, or with a
    ///     leading dot all hosts below a domain. This machine is allowed exactly when the resource manager is on it.
    package init(
        resourceManager: String, login: String? = nil, audience: String? = nil, dataPlaneHosts: [String] = []
    ) throws(Endpoint.Malformed) {
        let resourceManager = try Endpoint(resourceManager)
        self.name = "custom"
        self.resourceManager = resourceManager
        self.login = if let login { try Endpoint(login) } else { nil }
        self.audience = (audience ?? login.map { _ in resourceManager.description }).map(Self.withoutDefaultScope)
        self.dataPlaneHosts = DataPlaneHosts(extra: dataPlaneHosts, allowsLoopback: resourceManager.isLoopback)
    }

    private init(name: String, resourceManager: String, login: String, audience: String) {
        self.name = name
        self.resourceManager = Endpoint(https: resourceManager)
        self.login = Endpoint(https: login)
        self.audience = audience
        self.dataPlaneHosts = DataPlaneHosts(extra: [], allowsLoopback: false)
    }

    private static func withoutDefaultScope(_ audience: String) -> String {
        let suffix = "/.default"
        return audience.hasSuffix(suffix) ? String(audience.dropLast(suffix.count)) : audience
    }
}
