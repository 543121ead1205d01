import Logging
import NIOHTTP1
import Rotation
import Synchronization

/// The budget of calls of each subscription, shared by all calls of one client: holds requests back that Azure would
/// refuse. Reads and writes have one each, which Azure counts alike.
///
/// The resource manager answers 429 to what goes beyond its limit, to every caller of the same identity: a rotation that
/// is due would wait because of many looks, or the other way round.
final class CallBudgets: Sendable {
    enum Kind: String, Sendable {
        case reads, writes
    }

    private let kind: Kind
    private let limit: WriteLimit
    private let patience: Duration
    /// In place of a subscription, for calls that are about none.
    private static let tenant = ""
    private let clock: AzureClock
    private let logger: Logger
    private let start: ContinuousClock.Instant
    private let budgets = Mutex<[String: WriteBudget]>([:])

    /// - Parameter patience: the longest that a request may be held back.
    init(_ kind: Kind, limit: WriteLimit, patience: Duration, clock: AzureClock, logger: Logger) {
        self.kind = kind
        self.limit = limit
        self.patience = patience
        self.clock = clock
        self.logger = logger
        start = clock.monotonic()
    }

    /// Returns when a request may go out, which has to follow at once.
    ///
    /// - Throws: `throttled`, without waiting, when that would take too long; `unreachable` when cancelled meanwhile.
    func turn(_ operation: ARMOperation, _ scope: ARMScope, _ urgency: Urgency) async throws(Failure) {
        let deadline = now() + patience
        while true {
            switch reserve(scope.subscription ?? Self.tenant, urgency, until: deadline) {
            case .granted(let wait):
                guard wait > .zero else { return }
                try await sleep(wait, operation, scope)
                guard isBlocked(scope.subscription ?? Self.tenant) else { return }
            case .askAgain(let wait):
                try await sleep(wait, operation, scope)
            case .refused(let wait):
                throw Failure(
                    .throttled,
                    "\(operation.rawValue) of \(scope.name) was not sent: Azure's limit of \(kind.rawValue) for its subscription"
                        + " leaves room for it in \(wait.formattedSeconds)", retryAfter: wait)
            }
        }
    }

    /// Takes notice of what an answer says about the limit.
    func answered(_ headers: HTTPHeaders, _ scope: ARMScope) {
        // What this identity has left, and what all identities together have.
        for whose in ["", "global-"] {
            let name = "x-ms-ratelimit-remaining-subscription-\(whose)\(kind.rawValue)"
            guard let remaining = headers.first(name: name).flatMap({ Int($0) }) else { continue }
            change(scope.subscription ?? Self.tenant) { $0.remaining(remaining, now: $1) }
        }
    }

    /// Azure refused a request for being one too many.
    func refused(retryAfter: Duration, _ scope: ARMScope) {
        change(scope.subscription ?? Self.tenant) { $0.throttled(retryAfter: retryAfter, now: $1) }
    }

    /// What could go out at once to a subscription, and the most that ever can.
    func available(_ subscription: String) -> (writes: Int, of: Int) {
        let now = now()
        let budget = budgets.withLock { $0[subscription.lowercased()] }
        return (budget?.available(now: now) ?? limit.bucket, limit.bucket)
    }

    private func reserve(
        _ subscription: String, _ urgency: Urgency, until deadline: Duration
    ) -> WriteBudget.Reservation {
        change(subscription) { $0.reserve(urgency, patience: deadline - $1, now: $1) }
    }

    private func isBlocked(_ subscription: String) -> Bool {
        change(subscription) { $0.isBlocked(now: $1) }
    }

    private func change<Result: Sendable>(
        _ subscription: String, _ body: (inout WriteBudget, Duration) -> Result
    ) -> Result {
        let now = now()
        return budgets.withLock { budgets in
            body(&budgets[subscription.lowercased(), default: WriteBudget(limit, now: now)], now)
        }
    }

    private func now() -> Duration { start.duration(to: clock.monotonic()) }

    private func sleep(_ wait: Duration, _ operation: ARMOperation, _ scope: ARMScope) async throws(Failure) {
        logger.debug(
            "call to the resource manager is held back",
            [
                .operation: operation.rawValue, .resource: scope.description, .duration: wait.formattedSeconds,
            ])
        do {
            try await clock.sleep(wait)
        } catch {
            throw Failure(
                .unreachable, "\(operation.rawValue) of \(scope.name) was cancelled while it waited for its turn")
        }
    }
}
