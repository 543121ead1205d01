import KeyMaterial
import NIOHTTP1
import Rotation

/// Tokens for the managed identity of a machine under Azure Arc, from its agent.
///
/// The agent's endpoint is open to every process, so it challenges: it writes a file that only `himds` and root can read,
/// names it in the answer, and gives a token to who knows its content. Whoever answers in the agent's stead must not be
/// able to have any other file read and sent, so the path is checked, and the file is opened below the one directory.
struct ArcCredential: AccessTokenSource {
    let identity: ManagedIdentity
    let endpoint: Endpoint
    /// Where challenges are; absolute.
    let directory: String
    let tokens: TokenTransport

    private static let service = "the Azure Arc agent"
    private static let apiVersion = "2020-06-01"
    private static let largestKey = 4096

    /// The agent takes no claims. A new token is all that it can give.
    func requestToken(audience: String, claims: String?) async throws(Failure) -> AccessToken {
        guard identity == .systemAssigned else {
            throw Failure(
                .unauthenticated,
                "a machine under Azure Arc has a system-assigned identity only; remove the id from the credential")
        }
        let answer = try await tokens.retrying { attempt throws(Retrying.Setback) in
            let challenge = try await ask(audience, attempt: attempt, key: nil)
            guard challenge.status == 401 else {
                throw refusal(challenge, "did not challenge the request")
            }
            let key: Secret
            do throws(Failure) {
                key = try await readKey(challenge)
            } catch {
                throw Retrying.Setback(failure: error, mayRetry: false)
            }
            let answer = try await ask(audience, attempt: attempt, key: key)
            guard answer.status == 200 else { throw refusal(answer, "gives no token") }
            return answer
        }
        return try AccessToken(answer, from: Self.service, now: tokens.clock.wall())
    }

    private func ask(_ audience: String, attempt: Int, key: Secret?) async throws(Retrying.Setback) -> HTTPAnswer {
        var headers: HTTPHeaders = ["Metadata": "true", "Accept": "application/json"]
        if let key { headers.add(name: "Authorization", value: key.withExposedText { "Basic \($0)" }) }
        let call = HTTPCall(
            method: .GET, url: "\(endpoint)?api-version=\(Self.apiVersion)&resource=\(audience.percentEncoded)",
            headers: headers, timeout: tokens.timeout, neverProxied: true)
        do {
            return try await tokens.send(call, to: Self.service, attempt: attempt)
        } catch {
            let hint = error.kind == .connect ? "; is himds.service running?" : ""
            throw Retrying.Setback(
                failure: Failure(
                    error.reason, "\(Self.service) at \(endpoint) gave no token: \(error.detail)\(hint)"),
                mayRetry: error.kind != .cancelled && error.kind != .connect)
        }
    }

    private func readKey(_ challenge: HTTPAnswer) async throws(Failure) -> Secret {
        let path = try keyPath(challenge)
        let bytes: [UInt8]
        do {
            bytes = try await SmallFile.read(path, limit: Self.largestKey, insideOf: directory)
        } catch {
            let hint =
                error.isPermission
                ? "; add the user of this service to the group himds (SupplementaryGroups=himds)" : ""
            throw Failure(.unauthenticated, "\(Self.service) names a key file that is refused: \(error)\(hint)")
        }
        // What goes into a header: a line end or a control character would be somebody's trick.
        guard !bytes.isEmpty, bytes.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw Failure(.unauthenticated, "\(path): this is no key of \(Self.service)")
        }
        return Secret(String(decoding: bytes, as: UTF8.self))
    }

    /// The path in `WWW-Authenticate: Basic realm=PATH`, when it is one that the agent would name.
    private func keyPath(_ challenge: HTTPAnswer) throws(Failure) -> String {
        let realms = challenge.headers[canonicalForm: "www-authenticate"].compactMap { value -> String? in
            guard value.lowercased().hasPrefix("basic realm=") else { return nil }
            let realm = value.dropFirst("basic realm=".count)
            return realm.hasPrefix("\"") && realm.hasSuffix("\"") && realm.count > 1
                ? String(realm.dropFirst().dropLast()) : String(realm)
        }
        guard let path = realms.first else {
            throw Failure(.badResponse, "\(Self.service) challenged the request without naming a key file")
        }
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard path == "\(directory)/\(name)", name.hasSuffix(".key"), name.utf8.count > ".key".utf8.count,
            name.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            throw Failure(
                .badResponse,
                "\(Self.service) names a key file that is not \(directory)/NAME.key; it was not read")
        }
        return path
    }

    private func refusal(_ answer: HTTPAnswer, _ what: String) -> Retrying.Setback {
        let said = ErrorEnvelope(answer.body, without: []).text.map { " (\($0))" } ?? ""
        let reason: Reason =
            switch answer.status {
            case 429: .throttled
            case 408, 500...: .azureUnavailable
            case 400, 401, 403, 404: .unauthenticated
            default: .badResponse
            }
        let failure = Failure(
            reason, "\(Self.service) \(what): it answered \(answer.status)\(said)",
            retryAfter: RetryAfter.read(answer.headers, now: tokens.clock.wall()), requestID: answer.requestID)
        return Retrying.Setback(failure: failure, mayRetry: reason == .throttled || reason == .azureUnavailable)
    }
}
