import EventCatalog
import FoundationEssentials
import KeyMaterial
import Logging
import NIOHTTP1
import Rotation

/// Shows whether a key works, by one signed read-only call to the resource's data plane.
package struct DataPlaneProbe: Sendable {
    let request: ProbeRequest
    let hosts: DataPlaneHosts
    let transport: HTTPTransport
    let timeout: Duration
    let clock: AzureClock
    let logger: Logger

    /// One probe. Nothing of the answer's body is logged or kept: it may hold phone numbers.
    ///
    /// When Azure says that this machine's clock is wrong, the call is signed once more with Azure's time.
    package func probe(_ connectionString: ConnectionString) async -> ProbeOutcome {
        let endpoint: Endpoint
        do {
            endpoint = try hosts.endpoint(of: connectionString)
        } catch {
            return .inconclusive(error)
        }
        do {
            let first = try await send(connectionString, to: endpoint, at: clock.wall())
            guard isClockSkew(first) else { return outcome(first, of: endpoint) }
            return try await repeated(after: first, connectionString, to: endpoint)
        } catch {
            return .inconclusive(Failure(.probeUnreachable, "no answer from \(endpoint.authority): \(error.detail)"))
        }
    }

    private func repeated(
        after first: HTTPAnswer, _ connectionString: ConnectionString, to endpoint: Endpoint
    ) async throws(TransportFailure) -> ProbeOutcome {
        guard let serverDate = first.headers.first(name: "date").flatMap(HTTPDate.parse) else {
            return .inconclusive(skewFailure(first, endpoint, offset: nil))
        }
        let offset = serverDate - clock.wall()
        let second = try await send(connectionString, to: endpoint, at: serverDate)
        guard !isClockSkew(second) else { return .inconclusive(skewFailure(second, endpoint, offset: offset)) }
        logger.log(
            .clockOff,
            [.host: endpoint.host, .clockOffset: offset.formattedSeconds])
        return outcome(second, of: endpoint)
    }

    private func send(
        _ connectionString: ConnectionString, to endpoint: Endpoint, at instant: Instant
    ) async throws(TransportFailure) -> HTTPAnswer {
        let signature = RequestSignature(
            method: "GET", pathAndQuery: request.pathAndQuery, host: endpoint.authority, date: HTTPDate.format(instant),
            contentHash: RequestSignature.emptyContentHash)
        let clientRequestID = UUID().uuidString.lowercased()
        let call = HTTPCall(
            method: .GET, url: "\(endpoint)\(request.pathAndQuery)",
            headers: [
                "Host": endpoint.authority,
                "x-ms-date": signature.date,
                "x-ms-content-sha256": signature.contentHash,
                "Authorization": connectionString.accessKey.withSigningKey { signature.authorization(with: $0) },
                "Accept": "application/json",
                "x-ms-client-request-id": clientRequestID,
                "x-ms-return-client-request-id": "true",
            ],
            timeout: timeout, bodyLimit: 1 << 16, truncatesBody: true)
        let answer = try await transport.send(call)
        logger.debug(
            "probed the data plane",
            [
                .host: endpoint.host, .status: "\(answer.status)", .requestID: answer.requestID,
                .clientRequestID: clientRequestID,
            ])
        return answer
    }

    private func outcome(_ answer: HTTPAnswer, of endpoint: Endpoint) -> ProbeOutcome {
        guard answer.status != 200 else { return .succeeded }
        // Only the code: a message may repeat personal data of the resource.
        let code = ErrorEnvelope(answer.body, without: []).code.map { " (\($0))" } ?? ""
        let said = "\(endpoint.authority) answered \(answer.status)\(code)"
        let retryAfter = RetryAfter.read(answer.headers, now: clock.wall())
        func failure(_ reason: Reason, _ detail: String) -> Failure {
            Failure(reason, "\(said) \(detail)", retryAfter: retryAfter, requestID: answer.requestID)
        }
        switch answer.status {
        case 401: return .denied(failure(.keyDenied, "to a call signed with the key"))
        case 429: return .inconclusive(failure(.throttled, "to a probe: it asks for fewer calls"))
        case 408, 500...: return .inconclusive(failure(.probeUnreachable, "to a probe"))
        default:
            return .inconclusive(
                failure(.probeUnusable, "to GET \(request.pathAndQuery): no key can change that, so it proves nothing"))
        }
    }

    private func isClockSkew(_ answer: HTTPAnswer) -> Bool {
        guard answer.status == 401 else { return false }
        return ErrorEnvelope(answer.body, without: []).message?.lowercased().contains("time difference") == true
    }

    private func skewFailure(_ answer: HTTPAnswer, _ endpoint: Endpoint, offset: Duration?) -> Failure {
        let amount = offset.map { " by \($0.formattedSeconds)" } ?? ""
        return Failure(
            .clockSkew, "the clocks of this machine and of \(endpoint.authority) differ\(amount); check NTP",
            requestID: answer.requestID)
    }
}
