import AzureKeys
import FoundationEssentials
import Glibc
import KeyMaterial
import KeyturnConfig
import Rotation

/// Makes credentials of what the configuration says about them and what the environment adds.
struct CredentialSetup: Sendable {
    let environment: [String: String]

    func credential(_ credential: Configuration.Credential) throws(Failure) -> AzureCredential {
        switch credential {
        case .managedIdentity(let identity): return try managedIdentity(Self.identity(identity))
        case .clientSecret(let tenantID, let clientID, let source):
            let file = try secretFile(source, "the client secret")
            return .clientSecret(tenant: tenantID, clientID: clientID) { () async throws(Failure) in
                try await file.text()
            }
        case .clientCertificate(let tenantID, let clientID, let certificate):
            return .clientCertificate(
                tenant: tenantID, clientID: clientID,
                ClientCertificateFile(
                    certificate: try secretFile(certificate.certificate, "the client certificate"),
                    password: try certificate.password.map { source throws(Failure) in
                        .file(try secretFile(source, "the password of the client certificate"))
                    }, algorithm: certificate.algorithm == .ps256 ? .ps256 : .rs256, sendsChain: certificate.sendsChain)
            )
        case .workloadIdentity(let tenantID, let clientID, let tokenFile):
            return try workloadIdentity(tenantID, clientID, tokenFile)
        case .azureCLI(let tenantID): return .commandLine(tenant: tenantID, environment: environment)
        case .environment: return try environmentCredential()
        case .firstAvailable: return try firstAvailable()
        }
    }

    func workloadIdentity(
        _ tenantID: String?, _ clientID: String?, _ tokenFile: String?
    ) throws(Failure) -> AzureCredential {
        let file = SecretFile(
            path: try setting(tokenFile, "tokenFile", "AZURE_FEDERATED_TOKEN_FILE"), what: "the federated token")
        return .workloadIdentity(
            tenant: try setting(tenantID, "tenantId", "AZURE_TENANT_ID"),
            clientID: try setting(clientID, "clientId", "AZURE_CLIENT_ID")
        ) { () async throws(Failure) in try await file.text() }
    }

    func managedIdentity(_ identity: ManagedIdentity) throws(Failure) -> AzureCredential {
        let hasArcAgent = access(ManagedIdentityHost.arcAgent, F_OK) == 0
        return .managedIdentity(
            identity, try ManagedIdentityHost(environment: environment, hasArcAgent: hasArcAgent))
    }

    /// The token service that the environment names; nil: the cloud's.
    func authorityHost() throws(Failure) -> Endpoint? {
        guard let text = variable("AZURE_AUTHORITY_HOST") else { return nil }
        do {
            return try Endpoint(text.contains("://") ? text : "https://\(text)")
        } catch {
            throw Failure(.badResponse, "AZURE_AUTHORITY_HOST: \(error.description)")
        }
    }

    private static func identity(_ identity: Configuration.ManagedIdentity) -> ManagedIdentity {
        switch identity {
        case .systemAssigned: .systemAssigned
        case .clientID(let id): .clientID(id)
        case .objectID(let id): .objectID(id)
        case .resourceID(let id): .resourceID(id)
        }
    }

    /// A variable that is set to something.
    func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private func setting(_ value: String?, _ key: String, _ name: String) throws(Failure) -> String {
        guard let value = value ?? variable(name) else {
            throw Failure(
                .unauthenticated, "neither \(key) nor the environment variable \(name) is set")
        }
        return value
    }

    private func secretFile(_ source: Configuration.SecretSource, _ what: String) throws(Failure) -> SecretFile {
        switch source {
        case .file(let path): return SecretFile(path: path, what: what)
        case .systemdCredential(let name):
            guard let directory = variable("CREDENTIALS_DIRECTORY") else {
                throw Failure(
                    .unauthenticated,
                    "the systemd credential '\(name)' needs LoadCredential=\(name):PATH in the unit")
            }
            let path = "\(directory)/\(name)"
            guard access(path, F_OK) == 0 else {
                throw Failure(
                    .unauthenticated,
                    "systemd passed no credential '\(name)'; put the secret in /etc/credstore/\(name), mode 0600, or name its"
                        + " file with LoadCredential=\(name):PATH in the unit, then restart keyturn")
            }
            return SecretFile(path: path, what: what)
        }
    }
}

extension Configuration.Credential {
    /// Whether the environment says what the configuration leaves open, as for the Azure SDKs.
    var readsEnvironment: Bool {
        switch self {
        case .managedIdentity, .clientSecret, .clientCertificate: false
        case .workloadIdentity, .azureCLI, .environment, .firstAvailable: true
        }
    }
}
