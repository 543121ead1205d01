import NIOHTTP1
import Rotation

/// Tokens for the managed identity of a virtual machine, from the instance metadata service (IMDS).
struct InstanceMetadataCredential: AccessTokenSource {
    let identity: ManagedIdentity
    /// Where IMDS is; nil: 169.254.169.254.
    let authorityHost: Endpoint?
    let tokens: TokenTransport
    /// How long to look whether there is a metadata service at all before asking for a token; nil: it is known to be there.
    let probeTimeout: Duration?

    private static let timeout: Duration = .seconds(10)
    private static let delays: [Duration] = [1600, 3200, 6400, 12800].map { .milliseconds($0) }
    /// IMDS answers 410 while it is being updated, which takes up to 70 s.
    private static let delaysWhileUpdating: [Duration] = [5, 10, 20, 40].map { .seconds($0) }

    private var host: Endpoint { authorityHost ?? .instanceMetadata }

    /// The service takes no claims. A new token is all that it can give.
    func requestToken(audience: String, claims: String?) async throws(Failure) -> AccessToken {
        if let probeTimeout { try await probe(probeTimeout) }
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
                try await tokens.clock.sleep(
                    max(setback.delays[attempt - 1], min(failure.retryAfter ?? .zero, .seconds(60))))
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

    private var url: String { "\(host)/metadata/identity/oauth2/token?api-version=2018-02-01" }

    /// Any answer proves that there is a metadata service; without its header the request is refused at once.
    private func probe(_ timeout: Duration) async throws(Failure) {
        do {
            _ = try await tokens.transport.send(
                HTTPCall(method: .GET, url: url, headers: [:], timeout: timeout, neverProxied: true))
        } catch {
            throw unreachable(error)
        }
    }

    private func askOnce(_ audience: String, attempt: Int) async throws(Setback) -> AccessToken {
        let answer: HTTPAnswer
        do {
            answer = try await tokens.send(call(audience), to: Self.service, attempt: attempt)
        } catch {
            // Where nothing listens, nothing will in half a minute.
            let isHopeless = error.kind == .connect || error.kind == .cancelled
            throw Setback(failure: unreachable(error), delays: isHopeless ? [] : Self.delays)
        }
        switch answer.status {
        case 200:
            do {
                return try AccessToken(answer, from: Self.service, now: tokens.clock.wall())
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
        let selection = identity.query(resourceIDName: "msi_res_id")
        return HTTPCall(
            method: .GET, url: "\(url)&resource=\(audience.percentEncoded)\(selection)",
            headers: ["Metadata": "true", "Accept": "application/json"], timeout: Self.timeout,
            neverProxied: true)
    }

    private func refusal(_ answer: HTTPAnswer) -> Failure {
        let said = ErrorEnvelope(answer.body, without: []).text.map { " (\($0))" } ?? ""
        let reason: Reason
        let detail: String
        switch (answer.status, identity) {
        case (400, .systemAssigned):
            reason = .unauthenticated
            detail = "no managed identity is assigned to this machine, or several are and none was named"
        case (400, _):
            (reason, detail) = (.unauthenticated, "\(identity.phrase) is not assigned to this machine")
        case (429, _):
            (reason, detail) = (.throttled, "\(Self.service) asks for fewer requests")
        case (500..., _):
            (reason, detail) = (.azureUnavailable, "\(Self.service) answered \(answer.status)")
        default:
            (reason, detail) = (.unauthenticated, "\(Self.service) gives no token: it answered \(answer.status)")
        }
        return Failure(
            reason, detail + said, retryAfter: RetryAfter.read(answer.headers, now: tokens.clock.wall()),
            requestID: answer.requestID)
    }

    private func unreachable(_ failure: TransportFailure) -> Failure {
        Failure(
            failure.reason,
            "\(Self.service) at \(host) gave no token: \(failure.detail);"
                + " is this a machine in Azure, and may this service reach that address?")
    }
}

extension ManagedIdentity {
    /// How a request names it: `&client_id=…`; empty for the system-assigned one.
    ///
    /// - Parameter resourceIDName: hosts differ in the name of that parameter.
    func query(resourceIDName: String) -> String {
        switch self {
        case .systemAssigned: ""
        case .clientID(let id): "&client_id=\(id.percentEncoded)"
        case .objectID(let id): "&object_id=\(id.percentEncoded)"
        case .resourceID(let id): "&\(resourceIDName)=\(id.percentEncoded)"
        }
    }
}
