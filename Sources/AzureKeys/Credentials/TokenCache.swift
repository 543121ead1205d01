import KeyMaterial
import Rotation
import Synchronization

/// Remembers the token of one audience and renews it before it expires.
///
/// Callers that need a token at the same time share one request: the first becomes the leader and makes it within its
/// own task, the others wait for what it learns. A leader that is cancelled hands the lead to one of them.
package final class TokenCache: Sendable {
    private let source: any AccessTokenSource
    private let audience: @Sendable () async throws(Failure) -> String
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// Time between two attempts to renew a token that is still good.
    private static let refreshSpacing: Duration = .seconds(30)
    /// A token this close to its end is not presented any more: it has to survive the way to Azure.
    private static let expiryMargin: Duration = .seconds(10)

    /// - Parameters:
    ///   - audience: what tokens are for, without `/.default`; asked before each request for one.
    ///   - now: a clock that never steps.
    package init(
        source: any AccessTokenSource, audience: @escaping @Sendable () async throws(Failure) -> String,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.source = source
        self.audience = audience
        self.now = now
    }

    private struct Held {
        var token: AccessToken
        var expiresAt: ContinuousClock.Instant
        var refreshAt: ContinuousClock.Instant
    }

    private enum WakeUp: Sendable {
        case token(AccessToken)
        case failed(Failure)
        /// The leader was cancelled: look again, and lead if need be.
        case lookAgain
        case cancelled
    }

    private struct State {
        var held: Held?
        var isLed = false
        /// What the next token has to fulfil, because Azure refused one that does not.
        var claims: String?
        var waiting: [Int: CheckedContinuation<WakeUp, Never>] = [:]
        var nextWaiter = 0
        /// The token service asked to be left alone until then.
        var refusal: (until: ContinuousClock.Instant, failure: Failure)?
    }

    private enum Step {
        case use(AccessToken)
        case lead(fallback: AccessToken?)
        case wait(Int)
        case refuse(Failure)
    }

    /// A token that is good for some time yet.
    package func token() async throws(Failure) -> AccessToken {
        while true {
            switch decide() {
            case .use(let token): return token
            case .refuse(let failure): throw failure
            case .lead(let fallback):
                return try await lead(fallback: fallback)
            case .wait(let waiter):
                switch await wait(as: waiter) {
                case .token(let token): return token
                case .failed(let failure): throw failure
                case .cancelled: throw Self.cancellation
                case .lookAgain: continue
                }
            }
        }
    }

    /// Forgets a token that Azure refused. A newer one, which somebody got meanwhile, is kept.
    ///
    /// - Parameter claims: JSON that the next token has to fulfil, when Azure said so.
    package func invalidate(_ token: AccessToken, claims: String? = nil) {
        state.withLock { state in
            guard state.held?.token.secret == token.secret else { return }
            state.held = nil
            state.claims = claims ?? state.claims
        }
    }

    private static let cancellation = Failure(.unreachable, "the call was cancelled while it waited for a token")

    private func decide() -> Step {
        let now = now()
        return state.withLock { state in
            if let held = state.held, now < held.expiresAt - Self.expiryMargin {
                guard now >= held.refreshAt, !state.isLed else { return .use(held.token) }
                // Set before the attempt, so that its failure does not lead to the next one at once.
                state.held?.refreshAt = now + Self.refreshSpacing
                state.isLed = true
                return .lead(fallback: held.token)
            }
            if let refusal = state.refusal {
                if now < refusal.until {
                    var failure = refusal.failure
                    failure.retryAfter = refusal.until - now
                    return .refuse(failure)
                }
                state.refusal = nil
            }
            guard state.isLed else {
                state.isLed = true
                return .lead(fallback: nil)
            }
            state.nextWaiter += 1
            return .wait(state.nextWaiter)
        }
    }

    private func lead(fallback: AccessToken?) async throws(Failure) -> AccessToken {
        do {
            let claims = state.withLock { $0.claims }
            let token = try await source.requestToken(audience: try await audience(), claims: claims)
            let held = hold(token)
            finish(.token(token)) { state in
                state.held = held
                // Another challenge may have come while this token was on its way.
                if state.claims == claims { state.claims = nil }
            }
            return token
        } catch {
            // A failure of a cancelled leader says nothing about the token service.
            guard !Task.isCancelled else {
                finish(.lookAgain) { _ in }
                guard let fallback else { throw error }
                return fallback
            }
            // No more than an hour: what is wrong may be mended long before.
            let refusal = error.retryAfter.map { (until: now() + min($0, .seconds(3600)), failure: error) }
            finish(.failed(error)) { $0.refusal = refusal }
            guard let fallback else { throw error }
            return fallback
        }
    }

    private func hold(_ token: AccessToken) -> Held {
        let now = now()
        let refreshIn =
            token.refreshIn
            ?? (token.expiresIn >= .seconds(7200)
                ? token.expiresIn / 2 : max(token.expiresIn - .seconds(300), .zero))
        return Held(
            token: token, expiresAt: now + token.expiresIn,
            refreshAt: now + max(refreshIn, min(Self.refreshSpacing, token.expiresIn / 2)))
    }

    private func finish(_ wakeUp: WakeUp, _ change: (inout sending State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            state.isLed = false
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(returning: wakeUp) }
    }

    private func wait(as waiter: Int) async -> WakeUp {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let wakeUp: WakeUp? = state.withLock { state in
                    // Between the decision to wait and here the leader may have finished, or this task been cancelled.
                    if Task.isCancelled { return .cancelled }
                    guard state.isLed else { return .lookAgain }
                    state.waiting[waiter] = continuation
                    return nil
                }
                if let wakeUp { continuation.resume(returning: wakeUp) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: waiter) }?.resume(returning: .cancelled)
        }
    }
}
