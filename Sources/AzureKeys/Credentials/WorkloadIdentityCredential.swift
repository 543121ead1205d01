import KeyMaterial
import Rotation

/// Tokens for an app registration that trusts another issuer of tokens, such as a Kubernetes cluster (workload identity
/// federation): its token is presented as it is.
struct WorkloadIdentityCredential: AccessTokenSource {
    let service: LoginService
    /// Read at each request: the issuer renews it long before its end.
    let token: @Sendable () async throws(Failure) -> Secret

    func requestToken(audience: String, claims: String?) async throws(Failure) -> AccessToken {
        try await service.requestToken(audience: audience, claims: claims) { _ async throws(Failure) in
            LoginService.Proof(.assertion, try await token(), name: "the federated token")
        }
    }
}
