import KeyMaterial
import Rotation

/// Who the daemon is to Azure.
package enum AzureCredential: Sendable {
    /// The managed identity of the virtual machine.
    ///
    /// - clientID: of a user-assigned identity; nil: the system-assigned one, or the only one.
    /// - authorityHost: where the metadata service is, when not at 169.254.169.254
    ///   (`AZURE_POD_IDENTITY_AUTHORITY_HOST`).
    case managedIdentity(clientID: String?, authorityHost: Endpoint?)
    /// An app registration with a client secret, read anew at each token request.
    case clientSecret(
        tenant: String, clientID: String, secret: @Sendable () async throws(Failure) -> Secret)
    /// Tokens from elsewhere.
    case source(any AccessTokenSource)
}
