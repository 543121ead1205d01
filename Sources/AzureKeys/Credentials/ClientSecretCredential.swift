import KeyMaterial
import Rotation

/// Tokens for an app registration with a client secret.
struct ClientSecretCredential: AccessTokenSource {
    let service: LoginService
    /// Read at each request, so that a renewed secret is picked up.
    let secret: @Sendable () async throws(Failure) -> Secret

    func requestToken(audience: String, claims: String?) async throws(Failure) -> AccessToken {
        try await service.requestToken(audience: audience, claims: claims) { _ async throws(Failure) in
            LoginService.Proof(.secret, try await secret(), name: "the client secret")
        }
    }
}
