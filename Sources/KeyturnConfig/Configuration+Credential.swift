import Rotation

extension Configuration {
    /// Who the daemon is to Azure.
    package enum Credential: Hashable, Sendable {
        case managedIdentity(ManagedIdentity)
        /// An app registration with a client secret.
        case clientSecret(tenantID: String, clientID: String, secret: SecretSource)
        /// An app registration with a certificate.
        case clientCertificate(tenantID: String, clientID: String, ClientCertificate)
        /// An app registration that trusts another issuer of tokens. What is nil comes from the environment:
        /// `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `AZURE_FEDERATED_TOKEN_FILE`.
        case workloadIdentity(tenantID: String?, clientID: String?, tokenFile: String?)
        /// Whoever is signed in to the Azure CLI; nil: in the tenant that the CLI has chosen.
        case azureCLI(tenantID: String?)
        /// An app registration as the variables of the Azure SDKs describe it.
        case environment
        /// The first kind that is there, in the order of the Azure SDKs.
        case firstAvailable
    }

    /// Which managed identity of those that the machine has.
    package enum ManagedIdentity: Hashable, Sendable {
        case systemAssigned
        /// The three ways to name a user-assigned one.
        case clientID(String)
        case objectID(String)
        case resourceID(String)
    }

    package struct ClientCertificate: Hashable, Sendable {
        /// The certificate with its private key.
        package let certificate: SecretSource
        /// What the private key is encrypted with; nil: nothing.
        package let password: SecretSource?
        package let algorithm: AssertionAlgorithm
        /// Whether the token service is sent the certificates themselves, not only a thumbprint.
        package let sendsChain: Bool
    }

    /// How an assertion is signed (RFC 7518, section 3).
    package enum AssertionAlgorithm: String, CaseIterable, Sendable {
        case ps256 = "PS256"
        case rs256 = "RS256"
    }

    /// Where something secret is; never the secret itself.
    package enum SecretSource: Hashable, Sendable {
        case file(String)
        /// The name given in `LoadCredential=` or `LoadCredentialEncrypted=` (systemd.exec(5)).
        case systemdCredential(String)
    }
}
