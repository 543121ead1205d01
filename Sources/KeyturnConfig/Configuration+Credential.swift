import Rotation

extension Configuration {
    /// Who the daemon is to Azure.
    package enum Credential: Hashable, Sendable {
        case managedIdentity(ManagedIdentity)
        /// An app registration with a client secret.
        case clientSecret(tenantID: String, clientID: String, secret: SecretSource)
        /// An app registration that trusts another issuer of tokens. What is nil comes from the environment:
        /// `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `AZURE_FEDERATED_TOKEN_FILE`.
        case workloadIdentity(tenantID: String?, clientID: String?, tokenFile: String?)
    }

    /// Which managed identity of those that the machine has.
    package enum ManagedIdentity: Hashable, Sendable {
        case systemAssigned
        /// The three ways to name a user-assigned one.
        case clientID(String)
        case objectID(String)
        case resourceID(String)
    }

    /// Where something secret is; never the secret itself.
    package enum SecretSource: Hashable, Sendable {
        case file(String)
        /// The name given in `LoadCredential=` or `LoadCredentialEncrypted=` (systemd.exec(5)).
        case systemdCredential(String)
    }
}
