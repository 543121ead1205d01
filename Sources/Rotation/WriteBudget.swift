/// What is left of a subscription's `WriteLimit`, estimated from what was sent and corrected by what Azure answers.
///
/// `now` is the time since any fixed start, by a clock that is never set; where it runs back all the same, no time has
/// passed. Azure counts for each of its regions apart, so its answers only ever lower the estimate.
package struct WriteBudget: Hashable, Sendable {
    /// What becomes of a call that wants to go out.
    package enum Reservation: Hashable, Sendable {
        /// A token is taken: it may go out after that time.
        case granted(after: Duration)
        /// Nothing is taken: it is to ask again after that time.
        case askAgain(after: Duration)
        /// Nothing is taken: it would have to wait that long, which is longer than it may.
        case refused(wait: Duration)
    }

    private var all: TokenBucket
    /// Charged beside the other one, so that nobody who waits for work notices drift checks.
    private var driftChecks: TokenBucket
    private var blocked: Duration = .zero
    private var latest: Duration

    /// The part of the limit that drift checks may use.
    private static let driftCheckShare = 4
    /// No window of Azure's is longer; whoever asks again too early is only told again.
    private static let longestBlock: Duration = .seconds(3600)
    /// Far beyond any clock, and far from where durations overflow.
    private static let horizon: Duration = .seconds(1 << 60)

    /// Full at first.
    package init(_ limit: WriteLimit, now: Duration) {
        // Rounded up, so that not the smallest part of a token is taken too early.
        let interval =
            Duration(secondsComponent: 3600, attosecondsComponent: Int64(limit.perHour) - 1) / limit.perHour
        all = TokenBucket(capacity: limit.bucket, interval: interval)
        driftChecks = TokenBucket(
            capacity: max(1, limit.bucket / Self.driftCheckShare), interval: interval * Self.driftCheckShare)
        latest = Self.bounded(now)
    }

    /// Asks for one call. Work takes a token that is still to come, and waits for it; a drift check takes only one that
    /// is there and that no work waits for.
    ///
    /// - Parameter patience: the longest that the call may wait.
    package mutating func reserve(_ urgency: Urgency, patience: Duration, now: Duration) -> Reservation {
        pass(now)
        let wait = urgency == .work ? all.wait : max(all.wait, driftChecks.wait)
        guard wait <= min(patience, Self.horizon) else { return .refused(wait: wait) }
        if urgency == .driftCheck {
            guard wait == .zero else { return .askAgain(after: wait) }
            driftChecks.take()
        }
        all.take()
        return .granted(after: wait)
    }

    /// Azure said how many writes are left (`x-ms-ratelimit-remaining-subscription-writes`).
    package mutating func remaining(_ tokens: Int, now: Duration) {
        pass(now)
        all.lower(to: tokens)
        driftChecks.lower(to: tokens / Self.driftCheckShare)
    }

    /// Azure answered 429 and asked to be left alone for that time: its bucket is empty, and has a token after it.
    package mutating func throttled(retryAfter: Duration, now: Duration) {
        pass(now)
        let wait = min(max(retryAfter, .zero), Self.longestBlock)
        blocked = max(blocked, wait)
        all.delay(wait)
        driftChecks.delay(wait)
    }

    /// Nothing may go out, not even what was granted before: it has to ask anew.
    package func isBlocked(now: Duration) -> Bool { blocked > elapsed(now) }

    /// Calls that could go out at once.
    package func available(now: Duration) -> Int {
        var passed = self
        passed.pass(now)
        return passed.blocked > .zero ? 0 : passed.all.tokens
    }

    private func elapsed(_ now: Duration) -> Duration { max(.zero, Self.bounded(now) - latest) }

    private mutating func pass(_ now: Duration) {
        let elapsed = elapsed(now)
        latest = Self.bounded(now)
        blocked = max(.zero, blocked - elapsed)
        all.refill(elapsed)
        driftChecks.refill(elapsed)
    }

    private static func bounded(_ now: Duration) -> Duration { min(max(now, .zero - horizon), horizon) }
}
