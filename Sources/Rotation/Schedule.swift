extension Policy {
    /// When a key published at `publishedAt` is to be replaced: after `every` and this resource's share of `jitter`.
    package func due(name: String, publishedAt: Instant) -> Due {
        Due(at: publishedAt + every + share(of: jitter, name: name), schedule: schedule)
    }

    /// Names the schedule, so that a due time is computed anew only when the schedule itself changed.
    package var schedule: String {
        "every \(every.wholeMicroseconds)us jitter \(jitter.wholeMicroseconds)us"
    }

    /// The age past which a published key is shouted about.
    package var effectiveMaxAge: Duration {
        maxAge ?? every + every / 2 + jitter
    }

    /// From one look to the next: `driftCheck`, shortened by up to a quarter so that resources do not look together.
    package func lookInterval(name: String) -> Duration {
        driftCheck - share(of: driftCheck / 4, name: name)
    }

    /// How often an undecided key is looked at: an eighth of `settle`, from 200 ms to 15 s.
    package var pollInterval: Duration {
        max(.milliseconds(200), min(settle / 8, .seconds(15)))
    }

    /// The waiting time after the `count`-th failure in a row (from 1). What only a person can mend is retried slowly
    /// from the start: from the third entry of the table on.
    package func backoff(count: Int, reason: Reason) -> Duration {
        let slow: Set<Reason> = [.forbidden, .unauthenticated, .notFound, .locked, .clockSkew, .probeUnusable]
        let step = count - 1 + (slow.contains(reason) ? 2 : 0)
        guard let last = retry.last else { return .seconds(60) }
        return step < retry.count ? retry[max(0, step)] : last
    }

    /// A share of `duration` from nothing up to all of it that depends on the name alone.
    private func share(of duration: Duration, name: String) -> Duration {
        let hash = StableHash.value(name)
        // FNV's low bits vary least between names that differ in their last letter only.
        let mixed = (hash ^ (hash >> 29)) &* 0x9e37_79b9_7f4a_7c15
        let fraction = Double(mixed >> 11) / Double(UInt64(1) << 53)
        return .microseconds(Int64(Double(duration.wholeMicroseconds) * fraction))
    }
}
