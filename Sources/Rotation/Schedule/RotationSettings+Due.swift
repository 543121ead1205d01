/// When the keys of one resource turn.
extension RotationSettings {
    /// Names the schedule of this very resource; see `Policy.schedule`.
    package var schedule: String {
        spread == .zero ? policy.schedule : policy.schedule + " spread \(spread.wholeMicroseconds)us"
    }

    /// When a key published at `publishedAt` is to be replaced; nil: never.
    ///
    /// Without a calendar that is `every` after the scheduled rotation that published it, or after its publication when
    /// that was not scheduled or came late; with one, its first elapse that leaves time for `overlap`. What is due
    /// outside the windows or in a freeze waits for the next opening. Then the resource's share of `jitter` is added, as
    /// far as there is room.
    ///
    /// - Parameter last: the due time of the scheduled rotation that published the key; nil: somebody asked for it.
    package func due(publishedAt: Instant, after last: Due? = nil) -> Due? {
        // A rotation that began when it was due keeps the schedule on its grid: what it took does not add up.
        if let last, let base = last.base, (.zero...usualDelay).contains(publishedAt - last.at),
            last.cause?.isLate != true, let due = due(counted: base, publishedAt)
        {
            // Its share of the jitter may be smaller this time, for want of room, or under another name.
            let isEarly = policy.timing?.calendar == nil && due.at < publishedAt + policy.every - usualDelay
            if !isEarly { return due }
        }
        return due(counted: publishedAt, publishedAt)
    }

    /// What may pass from when a rotation is due to its publication for it to count as in time.
    private var usualDelay: Duration { min(policy.every / 4, .seconds(3600)) }

    private func due(counted: Instant, _ publishedAt: Instant) -> Due? {
        guard let base = base(counted) else { return nil }
        let slot = slot(from: base)
        if let deadline = deadline(publishedAt: publishedAt, base: base), deadline < slot?.at ?? .distantFuture {
            return Due(at: deadline, schedule: schedule, base: base, cause: .deadline)
        }
        return slot.map { Due(at: $0.at, schedule: schedule, base: $0.base, cause: $0.cause) }
    }

    private func base(_ counted: Instant) -> Instant? {
        guard let timing = policy.timing, let calendar = timing.calendar else { return counted + policy.every }
        return calendar.next(after: counted + policy.overlap - .microseconds(1), in: timing.calendarZone)
    }

    /// By how much this resource is put off.
    private func delay(within room: Duration) -> Duration {
        // The others wait for it.
        if policy.canary == name { return .zero }
        return StableShare.of(min(max(policy.jitter, spread), room), name)
    }

    private func slot(from base: Instant) -> (base: Instant, at: Instant, cause: Due.Cause)? {
        guard let openings = policy.timing?.openings, !openings.areAlways else {
            let delay = delay(within: .seconds(Int64.max))
            return (base, base + delay, usualCause(delay))
        }
        guard let interval = fitting(from: base) else { return nil }
        let delay = delay(within: interval.length - policy.rotationTime)
        guard interval.start > base else {
            return (base, base + delay, usualCause(delay))
        }
        let isFrozen =
            !openings.freezes.isEmpty && openings.withoutFreezes.interval(from: base)?.start != interval.start
        return (interval.start, interval.start + delay, isFrozen ? .freezeEnds : .windowOpens)
    }

    /// Of what nothing moved.
    private func usualCause(_ delay: Duration) -> Due.Cause {
        if delay > .zero, policy.jitter > .zero { return .jitter }
        return policy.timing?.calendar == nil ? .every : .calendar
    }

    /// The next interval, from `instant` on, in which a rotation has room.
    private func fitting(from instant: Instant) -> Openings.Interval? {
        guard let openings = policy.timing?.openings else { return nil }
        var place = instant
        // The proof at load has found one within two years.
        for _ in 0..<2000 {
            guard let interval = openings.interval(from: place) else { return nil }
            if interval.length >= policy.rotationTime { return interval }
            place = interval.end
        }
        return nil
    }

    /// When a rotation begins although nothing is open; nil: never.
    private func deadline(publishedAt: Instant, base: Instant) -> Instant? {
        guard policy.onDeadline == .rotate else { return nil }
        let ahead = policy.rotationTime + StableShare.of(spread, name)
        return max(publishedAt + policy.effectiveMaxAge - ahead, base)
    }

    /// When a rotation that is due may begin: then, or in a later opening when it was missed; nil: never.
    ///
    /// - Parameters:
    ///   - barrier: nothing begins before.
    ///   - publishedAt: of the key that it replaces.
    package func begin(_ due: Due, notBefore barrier: Instant, publishedAt: Instant, _ now: Instant) -> Instant? {
        let ready = max(due.at, barrier)
        guard due.cause != .deadline else { return ready }
        let opening = opening(from: ready, now)
        guard let deadline = deadline(publishedAt: publishedAt, base: due.base ?? due.at) else { return opening }
        return min(max(deadline, barrier), opening ?? .distantFuture)
    }

    /// The instant itself when it is open and not over yet, else the resource's place in the next opening that has not
    /// passed at `now`; nil: there is none.
    package func opening(from instant: Instant, _ now: Instant) -> Instant? {
        guard let openings = policy.timing?.openings, !openings.areAlways else { return instant }
        guard var interval = openings.interval(from: instant) else { return nil }
        var at = interval.start == instant ? instant : nil
        // Intervals are hours apart at the least; a longer stand-still than these make begins anew at `now`.
        for _ in 0..<2000 {
            let begin = at ?? interval.start + delay(within: max(.zero, interval.length - policy.rotationTime))
            // What is woken for it in time has a minute for the calls that come before.
            let start = now - begin <= .seconds(60) ? begin : now
            if start + policy.rotationTime <= interval.end { return begin }
            guard let next = openings.interval(from: interval.end) else { return nil }
            (interval, at) = (next, nil)
        }
        return fitting(from: now)?.start
    }

    /// Where many resources are late together, they begin one after the other; nil when this one may begin at once.
    package func overdue(_ due: Due, _ now: Instant) -> Due? {
        guard spread > .zero, due.cause != .overdue, due.cause != .deadline else { return nil }
        var room = Duration.seconds(Int64.max)
        if let openings = policy.timing?.openings, !openings.areAlways {
            guard let interval = openings.interval(from: now) else { return nil }
            room = max(.zero, interval.length - policy.rotationTime)
        }
        let delay = policy.canary == name ? .zero : StableShare.of(min(spread, room), name)
        return Due(at: now + delay, schedule: schedule, base: due.base, cause: .overdue)
    }

    /// How far apart resources of one subscription begin when all of them are due together, so that what they ask of
    /// Azure Resource Manager is half of what it allows: nothing for a handful of them.
    ///
    /// - Parameter perSecond: what the budget refills.
    package static func spread(resources: Int, perSecond: Double) -> Duration {
        guard resources > 10, perSecond > 0 else { return .zero }
        let seconds = Double(resources * Policy.writesOfRotation) / (perSecond / 2)
        // In steps, so that one resource more does not move the others.
        var step = 16.0
        while step < seconds { step *= 2 }
        return .seconds(Int64(step))
    }
}
