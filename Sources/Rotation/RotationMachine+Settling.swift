/// A wait that listings tell the end of.
struct Settling {
    let since: Instant
    /// Azure's time in its first listing that told it.
    var date: Instant?
    /// Of the last listing, by this machine's clock.
    var last: Instant
    /// What counts where listings tell no time.
    var begin: Instant

    init(since: Instant) {
        self.since = since
        last = since
        begin = since
    }
}

extension RotationMachine {
    /// Whether what has been so since `since` was so for `settle`: by this machine's clock, which may be set meanwhile, and
    /// by Azure's, where listings tell it. Where they do not, this machine's counts anew from where it may have been set.
    mutating func hasSettled(_ since: Instant, _ now: Instant) -> Bool {
        var wait = settling
        defer { settling = wait }
        return isOver(&wait, since, now, pause: policy.pollInterval, length: policy.settle)
    }

    /// The same for the wait of listings that show a value that was replaced before, which may come in between.
    mutating func hasStayedStale(_ since: Instant, _ now: Instant) -> Bool {
        var wait = stale
        defer { stale = wait }
        return isOver(&wait, since, now, pause: longestRetry, length: policy.settle)
    }

    /// Whether a key that has been refused since then was so for as long as a new one may be; every call with it comes
    /// after a listing.
    mutating func hasStayedRefused(_ since: Instant, _ now: Instant, _ verification: Policy.Verification) -> Bool {
        var wait = refusal
        defer { refusal = wait }
        return isOver(&wait, since, now, pause: verification.pauseAfterRefusal, length: verification.timeout)
    }

    /// The same for calls that have said nothing about the key since then, also over a restart.
    ///
    /// - Parameter date: Azure's time then; nil: no listing has told it.
    mutating func hasStayedSilent(
        _ since: Instant, from date: Instant?, _ now: Instant, _ verification: Policy.Verification
    ) -> Bool {
        var wait: Settling? = silence
        if silence?.since != since {
            // Before a restart another clock may have counted.
            var begun = Settling(since: since)
            (begun.begin, begun.last) = (now, now)
            wait = begun
        }
        defer { silence = wait }
        wait?.date = date
        // As long as it was to wait for this call.
        let pause = trouble(with: .verify).map { $0.retryAt - (wait?.last ?? now) } ?? .zero
        return isOver(&wait, since, now, pause: max(.zero, pause), length: verification.timeout)
    }

    private var longestRetry: Duration { policy.retry.max() ?? .seconds(3600) }

    /// - Parameters:
    ///   - pause: between one listing and the next, at most.
    ///   - length: of the wait.
    private func isOver(
        _ settling: inout Settling?, _ since: Instant, _ now: Instant, pause: Duration, length: Duration
    ) -> Bool {
        var wait = settling ?? Settling(since: since)
        if wait.since != since { wait = Settling(since: since) }
        defer { settling = wait }
        if now - wait.last > pause + Self.longestCall { wait.begin = now }
        wait.last = now
        guard let date = listingDate else { return askedAfter(wait.begin, now) >= length }
        let first = wait.date ?? date
        wait.date = first
        return askedAfter(since, now) >= length && date - first >= length
    }

    /// A listing is answered sooner than that.
    static let longestCall = Duration.seconds(120)
}
