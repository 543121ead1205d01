import KeyMaterial
import NIOHTTP1
import Rotation

/// Tokens for the managed identity of App Service, Functions or Container Apps
/// (learn.microsoft.com/azure/app-service/overview-managed-identity, "Connect to Azure services in app code").
struct AppServiceCredential: AccessTokenSource {
    let identity: ManagedIdentity
    let endpoint: Endpoint
    /// `IDENTITY_HEADER`: shows that the request comes from within the app.
    let header: Secret
    let tokens: TokenTransport

    private static let service = "the identity endpoint of App Service"

    /// The service takes no claims. A new token is all that it can give.
    func requestToken(audience: String, claims: String?) async throws(Failure) -> AccessToken {
        let selection = identity.query(resourceIDName: "mi_res_id")
        let call = HTTPCall(
            method: .GET,
            url: "\(endpoint)?api-version=2019-08-01&resource=\(audience.percentEncoded)\(selection)",
            headers: ["X-IDENTITY-HEADER": header.withExposedText { $0 }, "Accept": "application/json"],
            timeout: tokens.timeout, neverProxied: true)
        let answer = try await tokens.retrying { attempt throws(Retrying.Setback) in
            let answer: HTTPAnswer
            do throws(TransportFailure) {
                answer = try await tokens.send(call, to: Self.service, attempt: attempt)
            } catch {
                throw Retrying.Setback(
                    failure: Failure(error.reason, "\(Self.service) at \(endpoint) gave no token: \(error.detail)"),
                    mayRetry: error.kind != .cancelled)
            }
            guard answer.status != 200 else { return answer }
            throw refusal(answer)
        }
        return try AccessToken(answer, from: Self.service, now: tokens.clock.wall())
    }

    private func refusal(_ answer: HTTPAnswer) -> Retrying.Setback {
        let said = ErrorEnvelope(answer.body, without: [header]).text.map { " (\($0))" } ?? ""
        let reason: Reason
        let detail: String
        switch answer.status {
        case 429: (reason, detail) = (.throttled, "\(Self.service) asks for fewer requests")
        case 500...: (reason, detail) = (.azureUnavailable, "\(Self.service) answered \(answer.status)")
        case 401, 403: (reason, detail) = (.unauthenticated, "\(Self.service) refuses IDENTITY_HEADER")
        case 400, 404: (reason, detail) = (.unauthenticated, "\(identity.phrase) is not assigned to this app")
        default: (reason, detail) = (.badResponse, "\(Self.service) answered \(answer.status) to a token request")
        }
        let failure = Failure(
            reason, detail + said, retryAfter: RetryAfter.read(answer.headers, now: tokens.clock.wall()),
            requestID: answer.requestID)
        return Retrying.Setback(failure: failure, mayRetry: reason == .throttled || reason == .azureUnavailable)
    }
}
