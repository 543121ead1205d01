import AzureKeys
import KeyMaterial
import Rotation

/// Credentials that the environment describes, by the variables of the Azure SDKs (azure-identity,
/// `EnvironmentCredential` and `DefaultAzureCredential`).
extension CredentialSetup {
    /// An app registration: with a secret, or else with a certificate.
    func environmentCredential() throws(Failure) -> AzureCredential {
        let certificate = variable("AZURE_CLIENT_CERTIFICATE_PATH")
        let secret = variable("AZURE_CLIENT_SECRET")
        var missing = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID"].filter { variable($0) == nil }
        if secret == nil, certificate == nil {
            missing.append("AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH)")
        }
        guard missing.isEmpty, let tenant = variable("AZURE_TENANT_ID"), let client = variable("AZURE_CLIENT_ID") else {
            throw Failure(.unauthenticated, "not set in the environment: \(missing.joined(separator: ", "))")
        }
        if let secret {
            let secret = Secret(secret)
            return .clientSecret(tenant: tenant, clientID: client) { secret }
        }
        let sendsChain = ["1", "true"].contains(variable("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN")?.lowercased())
        return .clientCertificate(
            tenant: tenant, clientID: client,
            ClientCertificateFile(
                certificate: SecretFile(path: certificate ?? "", what: "the client certificate"),
                password: variable("AZURE_CLIENT_CERTIFICATE_PASSWORD").map { .text(Secret($0)) }, algorithm: .ps256,
                sendsChain: sendsChain))
    }

    private enum Kind: String, CaseIterable {
        case environment = "environmentcredential"
        case workloadIdentity = "workloadidentitycredential"
        case managedIdentity = "managedidentitycredential"
        case azureCLI = "azureclicredential"

        /// As the configuration calls it.
        var name: String {
            switch self {
            case .environment: "environment"
            case .workloadIdentity: "workload-identity"
            case .managedIdentity: "managed-identity"
            case .azureCLI: "azure-cli"
            }
        }
    }

    /// The kinds in the order of the Azure SDKs, or those that `AZURE_TOKEN_CREDENTIALS` leaves of them.
    func firstAvailable() throws(Failure) -> AzureCredential {
        .chain(try kinds().map { kind in AzureCredential.Link(kind.name, credential(kind)) })
    }

    private func kinds() throws(Failure) -> [Kind] {
        guard let text = variable("AZURE_TOKEN_CREDENTIALS") else { return Kind.allCases }
        switch text.lowercased() {
        case "prod": return [.environment, .workloadIdentity, .managedIdentity]
        case "dev": return [.azureCLI]
        case let name:
            guard let kind = Kind(rawValue: name) else {
                throw Failure(
                    .unauthenticated,
                    "AZURE_TOKEN_CREDENTIALS is '\(text)'; expected prod, dev, EnvironmentCredential,"
                        + " WorkloadIdentityCredential, ManagedIdentityCredential or AzureCliCredential")
            }
            return [kind]
        }
    }

    private func credential(_ kind: Kind) -> Result<AzureCredential, Failure> {
        do throws(Failure) {
            switch kind {
            case .environment: return .success(try environmentCredential())
            case .workloadIdentity: return .success(try workloadIdentity(nil, nil, nil))
            case .managedIdentity:
                let client = variable("AZURE_CLIENT_ID")
                return .success(try managedIdentity(client.map { .clientID($0) } ?? .systemAssigned))
            case .azureCLI: return .success(.commandLine(tenant: nil, environment: environment))
            }
        } catch {
            return .failure(error)
        }
    }
}
