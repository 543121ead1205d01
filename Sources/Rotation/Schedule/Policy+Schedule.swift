extension Policy {
    /// Names the schedule, so that a due time is computed anew only when the schedule itself changed.
    package var schedule: String {
        var text = "every \(every.wholeMicroseconds)us jitter \(jitter.wholeMicroseconds)us"
        if let timing { text += " \(timing.signature)" }
        if timing?.calendar != nil { text += " overlap \(overlap.wholeMicroseconds)us" }
        if onDeadline == .rotate { text += " deadline \(effectiveMaxAge.wholeMicroseconds)us" }
        return text
    }

    /// The age past which a published key is shouted about.
    package var effectiveMaxAge: Duration {
        maxAge ?? every + every / 2 + jitter
    }

    /// How long a rotation usually takes from its first call to its publication; what a window has to have room for.
    package var rotationTime: Duration {
        probingTime + .seconds(60)
    }

    /// From the first probe of a new key to the last, when all of them succeed.
    package var probingTime: Duration {
        verification.map { $0.spacing * ($0.probes - 1) } ?? .zero
    }

    /// Calls of one rotation that count against ARM's write budget: `listKeys` before the regenerate, after it, before
    /// the publication and after it, and `regenerateKey` itself.
    package static let writesOfRotation = 5

    /// From one look to the next: `driftCheck`, shortened by up to a quarter so that resources do not look together.
    package func lookInterval(name: String) -> Duration {
        driftCheck - StableShare.of(driftCheck / 4, name)
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
}

/// The part of a time that a resource takes for itself: another one for each name, the same every time.
enum StableShare {
    /// From nothing up to all of `duration`.
    static func of(_ duration: Duration, _ name: String) -> Duration {
        let hash = StableHash.value(name)
        // FNV's low bits vary least between names that differ in their last letter only.
        let mixed = (hash ^ (hash >> 29)) &* 0x9e37_79b9_7f4a_7c15
        let fraction = Double(mixed >> 11) / Double(UInt64(1) << 53)
        return .microseconds(Int64(Double(duration.wholeMicroseconds) * fraction))
    }
}
