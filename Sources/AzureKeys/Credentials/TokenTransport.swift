import Logging
import Rotation

/// What all sources of tokens share: the way to a token service, and how patient to be with it.
struct TokenTransport: Sendable {
    let transport: HTTPTransport
    /// For one call.
    let timeout: Duration
    /// How long to look for a metadata service that may not be there.
    let metadataProbeTimeout: Duration
    let retrying: Retrying
    let logger: Logger

    var clock: AzureClock { retrying.clock }

    /// Sends one request.
    ///
    /// - Parameter service: what to call the token service in the log.
    /// - Throws: what the network did.
    func send(_ call: HTTPCall, to service: String, attempt: Int = 1) async throws(TransportFailure) -> HTTPAnswer {
        let answer = try await transport.send(call)
        logger.debug(
            "asked \(service) for a token",
            [.status: "\(answer.status)", .attempt: "\(attempt)", .requestID: answer.requestID])
        return answer
    }
}
