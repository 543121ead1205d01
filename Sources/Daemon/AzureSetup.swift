import AzureKeys
import KeyturnConfig
import Logging
import NIOPosix
import Rotation

/// Makes the Azure clients that a configuration asks for.
package struct AzureSetup: Sendable {
    private let environment: [String: String]
    private let trace: WireTrace?
    private let logger: Logger

    /// - Parameters:
    ///   - environment: of the process; the variables of the Azure SDKs, of proxies and `CREDENTIALS_DIRECTORY` count.
    ///   - trace: where requests and answers are shown; nil: nowhere.
    package init(environment: [String: String], trace: WireTrace? = nil, logger: Logger) {
        self.trace = trace
        self.environment = environment
        self.logger = logger
    }

    /// For a command about one resource.
    ///
    /// - Parameters:
    ///   - configuration: nil: there is none, and the cloud is AzureCloud.
    ///   - credential: a name in the configuration, or a kind that needs nothing else; nil: what the configuration has for
    ///     the resource; without a configuration, the managed identity.
    package func oneShot(
        _ configuration: Configuration?, credential name: String?, for id: ResourceID
    ) throws(Failure) -> AzureClients {
        try oneShot(configuration, credential: name, otherwise: configuration?.credentialName(for: id))
    }

    /// For a command about whatever there is.
    ///
    /// - Parameter otherwise: the name of the configuration's credential that counts when none is given.
    package func oneShot(
        _ configuration: Configuration?, credential name: String?, otherwise usual: String?
    ) throws(Failure) -> AzureClients {
        if let configuration, let named = name ?? usual,
            let credential = configuration.azure.credentials[named]
        {
            return try clients(configuration.azure, credential, "credential '\(named)'")
        }
        if let name {
            guard let kind = Self.bareKinds[name] else {
                let names = (configuration?.azure.credentials.keys.sorted() ?? []) + Self.bareKinds.keys.sorted()
                throw Failure(
                    .unauthenticated, "there is no credential '\(name)'; there are \(names.joined(separator: ", "))")
            }
            if let configuration { return try clients(configuration.azure, kind, "credential '\(name)'") }
            return try publicClients(try credentials.credential(kind), readsEnvironment: kind.readsEnvironment)
        }
        if let configuration {
            return try clients(configuration.azure, configuration.azure.credential, "azure.credential")
        }
        let identity = environment["AZURE_CLIENT_ID"].flatMap { $0.isEmpty ? nil : $0 }
        return try publicClients(
            try credentials.managedIdentity(identity.map { .clientID($0) } ?? .systemAssigned), readsEnvironment: false)
    }

    /// What a command may name without a configuration.
    private static let bareKinds: [String: Configuration.Credential] = [
        "managed-identity": .managedIdentity(.systemAssigned), "azure-cli": .azureCLI(tenantID: nil),
        "environment": .environment, "default": .firstAvailable,
        "workload-identity": .workloadIdentity(tenantID: nil, clientID: nil, tokenFile: nil),
    ]

    private func publicClients(
        _ credential: AzureCredential, readsEnvironment: Bool
    ) throws(Failure) -> AzureClients {
        var cloud = AzureCloud.azureCloud
        if readsEnvironment, let login = try credentials.authorityHost() { cloud.login = login }
        return try AzureClients(
            cloud: cloud, credential: credential, group: MultiThreadedEventLoopGroup.singleton,
            proxies: try ProxySettings(environment: environment), options: AzureOptions(userAgent: Self.userAgent),
            trace: trace, logger: logger)
    }

    /// All that the configuration has, for the daemon.
    package func fleet(_ azure: Configuration.Azure) throws(Failure) -> AzureFleet {
        var named: [String: AzureClients] = [:]
        for (name, credential) in azure.credentials {
            named[name] = try clients(azure, credential, "credential '\(name)'")
        }
        return AzureFleet(general: try clients(azure, azure.credential, "azure.credential"), named: named)
    }

    /// For one of the configuration's credentials, so that what is wrong with another does not matter.
    ///
    /// - Parameter name: nil, or the name of none: the general one.
    package func clients(
        _ azure: Configuration.Azure, credential name: String?
    ) throws(Failure) -> AzureClients {
        if let name, let credential = azure.credentials[name] {
            return try clients(azure, credential, "credential '\(name)'")
        }
        return try clients(azure, azure.credential, "azure.credential")
    }

    /// - Parameter what: to call the credential in messages.
    private func clients(
        _ azure: Configuration.Azure, _ credential: Configuration.Credential, _ what: String
    ) throws(Failure) -> AzureClients {
        var cloud: AzureCloud
        var caFile: String?
        switch azure.cloud {
        case .known(let known):
            guard let named = AzureCloud(named: known.rawValue) else {
                throw Failure(.badResponse, "azure.cloud: there is no cloud \(known.rawValue)")
            }
            cloud = named
            if credential.readsEnvironment, let login = try credentials.authorityHost() { cloud.login = login }
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
        let made: AzureCredential
        do throws(Failure) {
            made = try credentials.credential(credential)
        } catch {
            var failure = error
            failure.detail = "\(what): \(error.detail)"
            throw failure
        }
        return try AzureClients(
            cloud: cloud, credential: made, group: MultiThreadedEventLoopGroup.singleton, caFile: caFile,
            proxies: try ProxySettings(environment: environment),
            options: AzureOptions(
                connectTimeout: azure.timeouts.connect, callTimeout: azure.timeouts.call,
                regenerateTimeout: azure.timeouts.regenerate, subscriptionWrites: azure.subscriptionWrites,
                subscriptionReads: azure.cloud == .known(.azureChinaCloud) ? .azureChinaReads : .azureReads,
                userAgent: Self.userAgent),
            trace: trace, logger: logger)
    }

    private static let userAgent = "keyturn/\(KeyturnVersion.current)"

    private var credentials: CredentialSetup { CredentialSetup(environment: environment) }
}
