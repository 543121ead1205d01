import KeyMaterial
import Rotation

/// Who the daemon is to Azure.
package enum AzureCredential: Sendable {
    /// A managed identity of what the daemon runs on.
    case managedIdentity(ManagedIdentity, ManagedIdentityHost)
    /// An app registration with a client secret, read anew at each token request.
    case clientSecret(
        tenant: String, clientID: String, secret: @Sendable () async throws(Failure) -> Secret)
    /// An app registration with a certificate, read anew at each token request.
    case clientCertificate(tenant: String, clientID: String, ClientCertificateFile)
    /// An app registration that trusts the tokens of another issuer, such as Kubernetes; read anew at each token request.
    ///
    /// - token: the issuer's token, which is the assertion as it is.
    case workloadIdentity(
        tenant: String, clientID: String, token: @Sendable () async throws(Failure) -> Secret)
    /// Whoever is signed in to the Azure CLI.
    ///
    /// - tenant: nil: the CLI's own choice.
    /// - environment: for the command.
    case commandLine(tenant: String?, environment: [String: String])
    /// The first of these that is there.
    indirect case chain([Link])
    /// Tokens from elsewhere.
    case source(any AccessTokenSource)

    /// One of several kinds of credential.
    package struct Link: Sendable {
        /// For messages: `environment`.
        package let name: String
        /// Or why there is none.
        package let credential: Result<AzureCredential, Failure>

        package init(_ name: String, _ credential: Result<AzureCredential, Failure>) {
            self.name = name
            self.credential = credential
        }
    }
}

/// Which of the managed identities that a machine has.
package enum ManagedIdentity: Hashable, Sendable {
    /// The system-assigned one; where there is none, the only user-assigned one.
    case systemAssigned
    /// User-assigned, by the id of its application.
    case clientID(String)
    /// User-assigned, by the id of its service principal.
    case objectID(String)
    /// User-assigned, by its ARM resource id.
    case resourceID(String)

    /// For messages: `the managed identity with the client id …`.
    var phrase: String {
        switch self {
        case .systemAssigned: "the system-assigned managed identity"
        case .clientID(let id): "the managed identity with the client id \(id)"
        case .objectID(let id): "the managed identity with the object id \(id)"
        case .resourceID(let id): "the managed identity \(id)"
        }
    }
}
