import HTTPTypes
import Hummingbird

/// What everybody who asks the listener has to keep to: only look, and, where the listener is for this machine alone, ask
/// it by an address of this machine.
///
/// A web page of somebody else's may make a browser on this machine ask here, by a host name of its own that it lets
/// stand for this machine (DNS rebinding), and read what comes back. An IP address, and `localhost`, can be no such name.
struct ReadOnly: RouterMiddleware {
    /// The listener's address is one of this machine alone.
    let isLoopback: Bool
    let refused: @Sendable (HTTPResponse.Status, String) -> Response
    let notFound: @Sendable (Request) -> Response

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get || request.method == .head else {
            var response = refused(.methodNotAllowed, "nothing can be changed here; see keyturn(8)")
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        if isLoopback, let host = request.head.authority, !Self.isOfThisMachine(host) {
            return refused(
                .misdirectedRequest,
                "metrics.listen is an address of this machine alone, so ask for it by IP address or as localhost")
        }
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            return notFound(request)
        }
    }

    /// - Parameter authority: `Host:`, an address or a name with a port or without.
    static func isOfThisMachine(_ authority: String) -> Bool {
        // IPv6; no name begins so.
        if authority.hasPrefix("[") { return true }
        let host = authority.prefix { $0 != ":" }.lowercased()
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
