import FoundationEssentials

/// ARM's throttle: every call takes one token, tokens come back at a steady rate.
struct TokenBucket: Sendable {
    private let capacity: Double
    private let refillPerSecond: Double
    private var level: Double
    private var filledAt: Date

    init(capacity: Int, refillPerSecond: Int, now: Date) {
        self.capacity = Double(capacity)
        self.refillPerSecond = Double(refillPerSecond)
        level = Double(capacity)
        filledAt = now
    }

    enum Decision: Equatable, Sendable {
        case taken(remaining: Int)
        /// Seconds until a token is there again, rounded up.
        case empty(retryAfter: Int)
    }

    mutating func take(now: Date) -> Decision {
        // A wall clock that is set back gives nothing and takes nothing.
        level = min(capacity, level + max(0, now.timeIntervalSince(filledAt)) * refillPerSecond)
        filledAt = now
        guard level >= 1 else {
            return .empty(retryAfter: max(1, Int(((1 - level) / refillPerSecond).rounded(.up))))
        }
        level -= 1
        return .taken(remaining: Int(level))
    }
}
