import AzureKeys
import FoundationEssentials
import Glibc
import KeyMaterial
import KeyturnConfig
import Logging
import NIOPosix
import Rotation

/// Makes the Azure clients that a configuration asks for.
package struct AzureSetup: Sendable {
    private let environment: [String: String]
    private let logger: Logger

    /// - Parameter environment: of the process; `AZURE_POD_IDENTITY_AUTHORITY_HOST` and `CREDENTIALS_DIRECTORY` count.
    package init(environment: [String: String], logger: Logger) {
        self.environment = environment
        self.logger = logger
    }

    /// For a command: what the configuration says; without one, the managed identity in AzureCloud.
    package func oneShot(_ azure: Configuration.Azure?) throws(Failure) -> AzureClients {
        if let azure { return try clients(azure) }
        return try AzureClients(
            cloud: .azureCloud,
            credential: .managedIdentity(
                clientID: environment["AZURE_CLIENT_ID"], authorityHost: try metadataHost()),
            group: MultiThreadedEventLoopGroup.singleton, logger: logger)
    }

    package func clients(_ azure: Configuration.Azure) throws(Failure) -> AzureClients {
        let cloud: AzureCloud
        var caFile: String?
        switch azure.cloud {
        case .known(let known):
            guard let named = AzureCloud(named: known.rawValue) else {
                throw Failure(.badResponse, "azure.cloud: there is no cloud \(known.rawValue)")
            }
            cloud = named
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
            cloud: cloud, credential: try credential(azure.credential), group: MultiThreadedEventLoopGroup.singleton,
            caFile: caFile, options: AzureOptions(subscriptionWrites: azure.subscriptionWrites), logger: logger)
    }

    private func credential(_ credential: Configuration.Credential) throws(Failure) -> AzureCredential {
        switch credential {
        case .managedIdentity(let clientID):
            return .managedIdentity(clientID: clientID, authorityHost: try metadataHost())
        case .clientSecret(let tenantID, let clientID, let source):
            let path = try secretPath(source)
            return .clientSecret(tenant: tenantID, clientID: clientID) { () async throws(Failure) in
                try await blocking(.unauthenticated) { () throws(Failure) in try Self.readSecret(path) }
            }
        }
    }

    private func metadataHost() throws(Failure) -> Endpoint? {
        guard let text = environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"], !text.isEmpty else { return nil }
        do {
            return try Endpoint(text)
        } catch {
            throw Failure(.badResponse, "AZURE_POD_IDENTITY_AUTHORITY_HOST: \(error.description)")
        }
    }

    private func secretPath(_ source: Configuration.ClientSecretSource) throws(Failure) -> String {
        switch source {
        case .file(let path): return path
        case .systemdCredential(let name):
            guard let directory = environment["CREDENTIALS_DIRECTORY"] else {
                throw Failure(
                    .unauthenticated,
                    "azure.credential: the systemd credential '\(name)' needs LoadCredential=\(name):PATH in the unit")
            }
            let path = "\(directory)/\(name)"
            guard access(path, F_OK) == 0 else {
                throw Failure(
                    .unauthenticated,
                    "azure.credential: systemd passed no credential '\(name)'; put the secret in /etc/credstore/\(name), "
                        + "mode 0600, or name its file with LoadCredential=\(name):PATH in the unit, then restart keyturn"
                )
            }
            return path
        }
    }

    private static func readSecret(_ path: String) throws(Failure) -> Secret {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.unauthenticated, "\(path): the client secret cannot be read")
        }
        let text = String(decoding: data, as: UTF8.self).trimmingSuffix(while: {
            $0 == "\n" || $0 == "\r\n" || $0 == "\r"
        })
        guard !text.isEmpty else { throw Failure(.unauthenticated, "\(path): the client secret is empty") }
        return Secret(String(text))
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> SubSequence {
        var rest = self[...]
        while let last = rest.last, predicate(last) { rest.removeLast() }
        return rest
    }
}
