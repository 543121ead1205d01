import KeyMaterial
import Logging
import NIOCore
import NIOHTTP1
import Rotation

/// Tokens for an app registration with a client secret.
struct ClientSecretCredential: AccessTokenSource {
    let tenant: String
    let clientID: String
    /// Read at each request, so that a renewed secret is picked up.
    let secret: @Sendable () async throws(Failure) -> Secret
    let login: Endpoint
    let transport: HTTPTransport
    let timeout: Duration
    let retrying: Retrying
    let logger: Logger

    func requestToken(audience: String) async throws(Failure) -> AccessToken {
        let secret = try await secret()
        let form = secret.withExposedText { text in
            [
                ("client_id", clientID), ("grant_type", "client_credentials"), ("client_secret", text),
                ("scope", audience + "/.default"),
            ].map { "\($0)=\($1.percentEncoded)" }.joined(separator: "&")
        }
        let call = HTTPCall(
            method: .POST, url: "\(login)/\(tenant.percentEncoded)/oauth2/v2.0/token",
            headers: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"],
            body: ByteBuffer(string: form), timeout: timeout)
        let answer = try await retrying { attempt throws(Retrying.Setback) in
            try await send(call, attempt: attempt, secret: secret)
        }
        return try AccessToken(answer, from: "\(login)")
    }

    private func send(_ call: HTTPCall, attempt: Int, secret: Secret) async throws(Retrying.Setback) -> HTTPAnswer {
        let answer: HTTPAnswer
        do {
            answer = try await transport.send(call)
        } catch {
            let failure = Failure(error.reason, "\(login) gave no token: \(error.detail)")
            throw Retrying.Setback(failure: failure, mayRetry: error.kind != .cancelled)
        }
        logger.debug(
            "asked the token service for a token",
            [.host: login.host, .status: "\(answer.status)", .attempt: "\(attempt)", .requestID: answer.requestID])
        guard answer.status != 200 else { return answer }
        throw refusal(answer, secret: secret)
    }

    private func refusal(_ answer: HTTPAnswer, secret: Secret) -> Retrying.Setback {
        let envelope = ErrorEnvelope(answer.body, without: [secret])
        let said = envelope.text.map { " (\($0))" } ?? ""
        let reason: Reason
        let detail: String
        switch (answer.status, envelope.code) {
        case (429, _):
            (reason, detail) = (.throttled, "\(login) asks for fewer requests")
        case (500..., _), (_, "temporarily_unavailable"), (408, _):
            (reason, detail) = (.azureUnavailable, "\(login) answered \(answer.status)")
        case (_, "invalid_client"):
            reason = .unauthenticated
            detail = "\(login) refuses the client secret of \(clientID) in tenant \(tenant); renew it if it expired"
        case (400, _), (401, _), (403, _):
            reason = .unauthenticated
            detail = "\(login) gives no token for the client \(clientID) in tenant \(tenant)"
        default:
            (reason, detail) = (.badResponse, "\(login) answered \(answer.status) to a token request")
        }
        let failure = Failure(
            reason, detail + said, retryAfter: RetryAfter.read(answer.headers, now: retrying.clock.wall()),
            requestID: answer.requestID)
        return Retrying.Setback(failure: failure, mayRetry: reason == .throttled || reason == .azureUnavailable)
    }
}
