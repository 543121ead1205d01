import Rotation

/// Asks a token service for a token, each time anew. `TokenCache` remembers them.
package protocol AccessTokenSource: Sendable {
    /// - Parameters:
    ///   - audience: what the token is for, without `/.default`: `https://management.azure.com`.
    ///   - claims: JSON that the token has to fulfil, as the resource manager's challenge gave it; nil: nothing special.
    /// - Throws: `unauthenticated` when the identity is refused; `unreachable`, `timeout`, `throttled`,
    ///   `azureUnavailable` or `badResponse` when the token service gave no token for another reason.
    func requestToken(audience: String, claims: String?) async throws(Failure) -> AccessToken
}
