import Logging
import NIOHTTP1
import Rotation

/// Tokens for the managed identity of the virtual machine, from the instance metadata service (IMDS).
struct ManagedIdentityCredential: AccessTokenSource {
    /// nil: the system-assigned identity, or the only user-assigned one.
    let clientID: String?
    /// Where IMDS is; nil: 169.254.169.254.
    let authorityHost: Endpoint?
    let transport: HTTPTransport
    let clock: AzureClock
    let logger: Logger

    private static let timeout: Duration = .seconds(10)
    private static let delays: [Duration] = [1600, 3200, 6400, 12800].map { .milliseconds($0) }
    /// IMDS answers 410 while it is being updated, which takes up to 70 s.
    private static let delaysWhileUpdating: [Duration] = [5, 10, 20, 40].map { .seconds($0) }

    func requestToken(audience: String) async throws(Failure) -> AccessToken {
        var attempt = 1
        while true {
            let setback: Setback
            do {
                return try await askOnce(audience, attempt: attempt)
            } catch {
                setback = error
            }
            let failure = setback.failure
            guard attempt <= setback.delays.count, !Task.isCancelled else { throw failure }
            do {
                try await clock.sleep(max(setback.delays[attempt - 1], min(failure.retryAfter ?? .zero, .seconds(60))))
            } catch {
                throw failure
            }
            attempt += 1
        }
    }

    private struct Setback: Error {
        var failure: Failure
        /// Waiting times before the second, third, … try; none: do not try again.
        var delays: [Duration] = []
    }

    private func askOnce(_ audience: String, attempt: Int) async throws(Setback) -> AccessToken {
        let answer: HTTPAnswer
        do {
            answer = try await transport.send(call(audience))
        } catch {
            // Where nothing listens, nothing will in half a minute.
            let isHopeless = error.kind == .connect || error.kind == .cancelled
            throw Setback(failure: unreachable(error), delays: isHopeless ? [] : Self.delays)
        }
        logger.debug(
            "asked the instance metadata service for a token", [.status: "\(answer.status)", .attempt: "\(attempt)"])
        switch answer.status {
        case 200:
            do {
                return try AccessToken(answer, from: Self.service)
            } catch {
                throw Setback(failure: error)
            }
        case 410: throw Setback(failure: refusal(answer), delays: Self.delaysWhileUpdating)
        case 404, 429, 500...: throw Setback(failure: refusal(answer), delays: Self.delays)
        default: throw Setback(failure: refusal(answer))
        }
    }

    private static let service = "the instance metadata service"

    private func call(_ audience: String) -> HTTPCall {
        var url = "\(authorityHost ?? .instanceMetadata)/metadata/identity/oauth2/token?api-version=2018-02-01"
        url += "&resource=\(audience.percentEncoded)"
        if let clientID { url += "&client_id=\(clientID.percentEncoded)" }
        return HTTPCall(
            method: .GET, url: url, headers: ["Metadata": "true", "Accept": "application/json"], timeout: Self.timeout)
    }

    private func refusal(_ answer: HTTPAnswer) -> Failure {
        let said = ErrorEnvelope(answer.body, without: []).text.map { " (\($0))" } ?? ""
        let reason: Reason
        let detail: String
        switch answer.status {
        case 400:
            reason = .unauthenticated
            detail =
                clientID.map { "no managed identity with the client id \($0) is assigned to this machine" }
                ?? "no managed identity is assigned to this machine, or several are and none was named"
        case 429:
            (reason, detail) = (.throttled, "\(Self.service) asks for fewer requests")
        case 500...:
            (reason, detail) = (.azureUnavailable, "\(Self.service) answered \(answer.status)")
        default:
            (reason, detail) = (.unauthenticated, "\(Self.service) gives no token: it answered \(answer.status)")
        }
        return Failure(
            reason, detail + said, retryAfter: RetryAfter.read(answer.headers, now: clock.wall()),
            requestID: answer.requestID)
    }

    private func unreachable(_ failure: TransportFailure) -> Failure {
        Failure(
            failure.reason,
            "\(Self.service) at \(authorityHost ?? .instanceMetadata) gave no token: \(failure.detail);"
                + " is this a machine in Azure, and may this service reach that address?")
    }
}
