import NIOHTTP1
import Rotation
import Synchronization

/// Where the tokens of a cloud come from and what they are for: as configured, or as its resource manager says.
final class CloudAuthority: Sendable {
    struct Found: Hashable, Sendable {
        let login: Endpoint
        /// Without `/.default`.
        let audience: String
    }

    private let cloud: AzureCloud
    private let tokens: TokenTransport
    private let found = Mutex<Found?>(nil)

    init(_ cloud: AzureCloud, _ tokens: TokenTransport) {
        self.cloud = cloud
        self.tokens = tokens
    }

    /// Asked once for each cloud; repeated like other reads.
    ///
    /// - Throws: `badResponse` when the resource manager says nothing of use; else what the network did.
    func find() async throws(Failure) -> Found {
        if let login = cloud.login, let audience = cloud.audience { return Found(login: login, audience: audience) }
        if let found = found.withLock({ $0 }) { return found }
        let asked = try await ask()
        found.withLock { $0 = asked }
        return asked
    }

    private var service: String { "\(cloud.resourceManager)/metadata/endpoints" }

    private func ask() async throws(Failure) -> Found {
        let call = HTTPCall(
            method: .GET, url: "\(service)?api-version=2022-09-01", headers: ["Accept": "application/json"],
            timeout: tokens.timeout)
        let answer = try await tokens.retrying { _ throws(Retrying.Setback) in
            let answer: HTTPAnswer
            do throws(TransportFailure) {
                answer = try await tokens.transport.send(call)
            } catch {
                throw Retrying.Setback(
                    failure: Failure(error.reason, "\(service) did not answer: \(error.detail)"),
                    mayRetry: error.kind != .cancelled)
            }
            guard answer.status != 200 else { return answer }
            let isTransient = answer.status == 429 || answer.status >= 500
            throw Retrying.Setback(
                failure: Failure(
                    isTransient ? .azureUnavailable : .badResponse,
                    "\(service) answered \(answer.status); set login (and audience) of azure.cloud",
                    retryAfter: RetryAfter.read(answer.headers, now: tokens.clock.wall()), requestID: answer.requestID),
                mayRetry: isTransient)
        }
        return try read(answer)
    }

    private func read(_ answer: HTTPAnswer) throws(Failure) -> Found {
        guard let authentication = description(of: JSONValue(answer.body))?["authentication"],
            let text = authentication["loginEndpoint"]?.string
        else { throw useless("does not name the token service") }
        guard authentication["identityProvider"]?.string?.lowercased() != "adfs" else {
            throw useless(
                "says that identities are those of AD FS, which gives no tokens in the way of Microsoft Entra")
        }
        let login: Endpoint
        do throws(Endpoint.Malformed) {
            login = try Endpoint(text)
        } catch {
            throw useless("names a token service that cannot be used (\(error.description))")
        }
        guard !login.isLoopback || cloud.resourceManager.isLoopback else {
            throw useless("names this machine as the token service")
        }
        if let audience = cloud.audience { return Found(login: login, audience: audience) }
        let audiences = authentication["audiences"]?.elements.compactMap(\.string) ?? []
        // One that is the resource manager itself is as good in every cloud, and plain to who reads it.
        let own = audiences.first { Self.trimmed($0) == Self.trimmed("\(cloud.resourceManager)") }.map(Self.trimmed)
        guard let audience = own ?? audiences.first(where: { !$0.isEmpty && !$0.contains(" ") }) else {
            throw useless("does not say what tokens must be for")
        }
        return Found(login: login, audience: audience)
    }

    /// Of this cloud: the answer, or in the list that older versions answer with, the one of this resource manager.
    private func description(of json: JSONValue?) -> JSONValue? {
        guard let json, case .array(let clouds) = json else { return json }
        let own = Self.trimmed("\(cloud.resourceManager)")
        return clouds.first { Self.trimmed($0["resourceManager"]?.string ?? "") == own } ?? clouds.first
    }

    private static func trimmed(_ url: String) -> String {
        var url = url.lowercased()
        while url.hasSuffix("/") { url.removeLast() }
        return url
    }

    private func useless(_ what: String) -> Failure {
        Failure(.badResponse, "\(service) \(what); set login (and audience) of azure.cloud")
    }
}
