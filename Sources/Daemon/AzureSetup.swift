import AzureKeys
import KeyturnConfig
import Logging
import NIOPosix
import Rotation

/// Makes the Azure clients that a configuration asks for.
package struct AzureSetup: Sendable {
    private let environment: [String: String]
    private let logger: Logger

    /// - Parameter environment: of the process; the variables of the Azure SDKs and `CREDENTIALS_DIRECTORY` count.
    package init(environment: [String: String], logger: Logger) {
        self.environment = environment
        self.logger = logger
    }

    /// For a command: what the configuration says; without one, the managed identity in AzureCloud.
    package func oneShot(_ azure: Configuration.Azure?) throws(Failure) -> AzureClients {
        if let azure { return try clients(azure) }
        let identity = environment["AZURE_CLIENT_ID"].flatMap { $0.isEmpty ? nil : $0 }
        return try AzureClients(
            cloud: .azureCloud,
            credential: try credentials.managedIdentity(identity.map { .clientID($0) } ?? .systemAssigned),
            group: MultiThreadedEventLoopGroup.singleton, logger: logger)
    }

    package func clients(_ azure: Configuration.Azure) throws(Failure) -> AzureClients {
        var cloud: AzureCloud
        var caFile: String?
        switch azure.cloud {
        case .known(let known):
            guard let named = AzureCloud(named: known.rawValue) else {
                throw Failure(.badResponse, "azure.cloud: there is no cloud \(known.rawValue)")
            }
            cloud = named
            if azure.credential.readsEnvironment, let login = try credentials.authorityHost() { cloud.login = login }
        case .custom(let custom):
            caFile = custom.caFile
            do {
                cloud = try AzureCloud(
                    resourceManager: custom.resourceManager, login: custom.login, audience: custom.audience,
                    dataPlaneHosts: custom.dataPlaneHosts)
            } catch {
                throw Failure(.badResponse, "azure.cloud: \(error.description)")
            }
        }
        return try AzureClients(
            cloud: cloud, credential: try credentials.credential(azure.credential),
            group: MultiThreadedEventLoopGroup.singleton, caFile: caFile,
            options: AzureOptions(subscriptionWrites: azure.subscriptionWrites), logger: logger)
    }

    private var credentials: CredentialSetup { CredentialSetup(environment: environment) }
}
