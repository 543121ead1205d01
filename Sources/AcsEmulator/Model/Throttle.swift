import FoundationEssentials

/// What Resource Manager counts calls as. A POST is a write, whatever it does.
enum ThrottledKind: String, Sendable {
    case read, write, delete

    init(method: String) {
        switch method {
        case "GET", "HEAD": self = .read
        case "DELETE": self = .delete
        default: self = .write
        }
    }
}

/// Resource Manager's buckets: for each subscription and kind one of the principal's own, and one of all principals
/// together that is fifteen times as large; for what is in no subscription, one of the tenant's. (The emulator has one
/// region and one principal.)
struct Throttle: Sendable {
    /// What is left after a call.
    struct Remaining: Equatable, Sendable {
        let own: Int
        /// nil for a call in no subscription.
        let global: Int?
    }

    enum Decision: Equatable, Sendable {
        case taken(Remaining)
        /// Seconds until a call will be taken again, rounded up.
        case empty(retryAfter: Int)
    }

    private static let globalFactor = 15
    private var buckets: [String: TokenBucket] = [:]

    /// - Parameter subscription: nil for the tenant's bucket.
    mutating func charge(
        subscription: String?, _ kind: ThrottledKind, _ limit: EmulatorConfiguration.Limit, now: Date
    ) -> Decision {
        let scope = subscription.map { "subscriptions/\($0.lowercased())" } ?? "tenant"
        let decision = take("\(scope)/\(kind.rawValue)s", limit, now: now)
        guard case .taken(let own) = decision, subscription != nil else { return Self.decision(decision, global: nil) }
        let all = EmulatorConfiguration.Limit(
            capacity: limit.capacity * Self.globalFactor, refillPerSecond: limit.refillPerSecond * Self.globalFactor)
        switch take("\(scope)/global-\(kind.rawValue)s", all, now: now) {
        case .taken(let global): return .taken(Remaining(own: own, global: global))
        case .empty(let retryAfter): return .empty(retryAfter: retryAfter)
        }
    }

    private static func decision(_ decision: TokenBucket.Decision, global: Int?) -> Decision {
        switch decision {
        case .taken(let own): .taken(Remaining(own: own, global: global))
        case .empty(let retryAfter): .empty(retryAfter: retryAfter)
        }
    }

    private mutating func take(
        _ name: String, _ limit: EmulatorConfiguration.Limit, now: Date
    ) -> TokenBucket.Decision {
        buckets[
            name, default: TokenBucket(capacity: limit.capacity, refillPerSecond: limit.refillPerSecond, now: now)
        ].take(now: now)
    }
}
