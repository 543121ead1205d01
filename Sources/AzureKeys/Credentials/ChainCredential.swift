import Logging
import Rotation
import Synchronization

/// The first of several sources that is there. Once one gave a token, it is asked alone.
final class ChainCredential: AccessTokenSource {
    struct Link: Sendable {
        /// For messages: `environment`.
        let name: String
        /// Why it cannot be used here at all, or what asks for its tokens.
        let source: Result<any AccessTokenSource, Failure>
        /// Whether a failure may mean that it is not there, so that the next one is asked.
        let mayBeAbsent: Bool
    }

    private let links: [Link]
    private let logger: Logger
    private let chosen = Mutex<Int?>(nil)

    init(_ links: [Link], logger: Logger) {
        self.links = links
        self.logger = logger
    }

    func requestToken(audience: String, claims: String?) async throws(Failure) -> AccessToken {
        if let index = chosen.withLock({ $0 }) {
            return try await links[index].source.get().requestToken(audience: audience, claims: claims)
        }
        var said: [String] = []
        var last = Failure(.unauthenticated, "no kind of credential was tried")
        for (index, link) in links.enumerated() {
            do throws(Failure) {
                let token = try await link.source.get().requestToken(audience: audience, claims: claims)
                chosen.withLock { $0 = index }
                logger.debug("this kind of credential is used from now on", [.credential: link.name])
                return token
            } catch {
                last = error
                said.append("\(link.name): \(error.detail)")
                guard isAbsent(link, error), !Task.isCancelled else {
                    guard said.count > 1 else { throw error }
                    var failure = error
                    failure.detail = said.joined(separator: "; ")
                    throw failure
                }
            }
        }
        last.reason = .unauthenticated
        last.detail = "no credential was found. \(said.joined(separator: "; "))"
        throw last
    }

    private func isAbsent(_ link: Link, _ failure: Failure) -> Bool {
        if case .failure = link.source { return true }
        guard link.mayBeAbsent else { return false }
        // A service that answers so is there, and will answer otherwise.
        return failure.reason != .throttled && failure.reason != .azureUnavailable
    }
}
