import KeyMaterial
import Rotation

/// Where managed identities get their tokens on this machine.
package enum ManagedIdentityHost: Hashable, Sendable {
    /// A virtual machine: the instance metadata service; nil: at 169.254.169.254.
    case virtualMachine(Endpoint?)
    /// App Service, Functions or Container Apps: an endpoint and a secret that proves who asks.
    case appService(Endpoint, Secret)
    /// A machine of one's own under Azure Arc: its agent, and the directory of the files by which it knows who asks.
    case arc(Endpoint, directory: String)

    /// Where the Arc agent puts its challenges; a path anywhere else is refused (learn.microsoft.com/azure/azure-arc/servers/
    /// managed-identity-authentication).
    package static let arcDirectory = "/var/opt/azcmagent/tokens"
    /// The Arc agent's program; where it is, there is an agent.
    package static let arcAgent = "/opt/azcmagent/bin/himds"
    private static let arcEndpoint = "http://localhost:40342/metadata/identity/oauth2/token"

    /// As the Azure SDKs find out: by the variables that each of the hosts sets.
    ///
    /// - Parameter hasArcAgent: whether `arcAgent` is there.
    /// - Throws: `badResponse` when a variable is no URL, or when the host is one whose tokens cannot be had.
    package init(environment: [String: String], hasArcAgent: Bool) throws(Failure) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let text = value("IDENTITY_ENDPOINT") {
            if let header = value("IDENTITY_HEADER") {
                guard value("IDENTITY_SERVER_THUMBPRINT") == nil else {
                    throw Failure(
                        .badResponse, "the managed identity of Service Fabric cannot be used; name another credential")
                }
                self = .appService(try Self.endpoint(text, "IDENTITY_ENDPOINT"), Secret(header))
                return
            }
            if value("IMDS_ENDPOINT") != nil {
                self = .arc(try Self.endpoint(text, "IDENTITY_ENDPOINT"), directory: Self.arcDirectory)
                return
            }
        }
        if value("MSI_ENDPOINT") != nil {
            throw Failure(
                .badResponse,
                "MSI_ENDPOINT is set: the managed identity of Cloud Shell and Azure Machine Learning cannot be used")
        }
        if let text = value("AZURE_POD_IDENTITY_AUTHORITY_HOST") {
            self = .virtualMachine(try Self.endpoint(text, "AZURE_POD_IDENTITY_AUTHORITY_HOST"))
        } else if hasArcAgent {
            self = .arc(try Self.endpoint(Self.arcEndpoint, "the agent"), directory: Self.arcDirectory)
        } else {
            self = .virtualMachine(nil)
        }
    }

    private static func endpoint(_ text: String, _ name: String) throws(Failure) -> Endpoint {
        do {
            return try Endpoint(identityEndpoint: text)
        } catch {
            throw Failure(.badResponse, "\(name): \(error.description)")
        }
    }
}
