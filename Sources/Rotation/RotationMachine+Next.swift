extension RotationMachine {
    /// The next step that is due at `now`, when nothing is awaited.
    mutating func next(_ now: Instant) -> Action? {
        reportAge(now)
        healClock(now)
        awaitOpening(now)
        reportPeers(now)
        endIdleTrouble(now)
        guard let wake = nextWake, wake <= now else { return nil }
        switch record.phase {
        case .adopting, .settled, .publishing: return look()
        case .regenerating: return nil
        case .uncertain, .confirming:
            waitUntil = nil
            return .listKeys
        case .verifying(let candidate):
            // After a failure, or with nothing listed since the start, the key may have moved, or the current one died.
            guard policy.verification != nil, listed?[candidate.keyType] == candidate.fingerprint,
                candidate.deniedSince == nil, trouble(with: .verify) == nil, lookInstant > now
            else { return look() }
            waitUntil = nil
            return .probe(candidate.keyType, candidate.fingerprint)
        case .delivering:
            return lookInstant <= now ? look() : deliver(now)
        }
    }

    /// When to be woken at the latest; nil while an action is awaited or only a command can change anything.
    package var nextWake: Instant? {
        guard awaited == nil else { return nil }
        let waited = waitUntil ?? .distantPast
        switch record.phase {
        case .regenerating: return nil
        case .adopting: return gate(.look)
        case .uncertain, .confirming: return max(waited, gate(.look))
        case .verifying: return min(max(waited, gate(.look), gate(.verify)), lookInstant)
        case .publishing: return max(waited, gate(.look), gate(.publish))
        case .delivering: return min(gate(.deliver), lookInstant)
        case .settled:
            var wake = lookInstant
            if let work = workInstant {
                wake = min(wake, max(work, waited, gate(.look), gate(.regenerate), gate(.verify)))
            }
            if !record.ageReported, let ageLimit { wake = min(wake, ageLimit) }
            if let until = record.pausedUntil { wake = min(wake, max(until, pauseLook, gate(.look))) }
            return wake
        }
    }

    /// The earliest instant for a step: when its last failure may be retried.
    func gate(_ step: Trouble.Step) -> Instant {
        for trouble in record.troubles where trouble.step == step { return trouble.retryAt }
        return .distantPast
    }

    private var lookInstant: Instant {
        max(min(nextLook, record.watch.first ?? .distantFuture), gate(.look))
    }

    /// Azure's clock has told when the current publication was, as far as that matters.
    var isDated: Bool { record.unconfirmedOverlap == nil && record.current?.isUndated != true }

    /// Sets when the next look is due and drops the watch instants that have passed.
    mutating func looked(_ now: Instant) {
        nextLook = now + (isDated && !waitsToBeHealed(now) ? lookInterval : min(lookInterval, .seconds(60)))
        // A record that stays as it is need be neither copied nor compared.
        guard let first = record.watch.first, first <= now else { return }
        record.watch.removeFirst()
        // The machine slept, or its clock was set ahead, which brings no duplicate forward.
        if let next = record.watch.first, next <= now { record.watch = record.watch.map { $0 + (now - first) } }
    }

    /// When the published key becomes older than the policy allows.
    package var ageLimit: Instant? {
        guard let publishedAt = record.current?.publishedAt else { return nil }
        let limit = publishedAt + maxAge
        // Where windows or a calendar decide and no age is given, a key is too old when half a period has gone by since
        // it was due.
        guard let ageAfterDue, let due = record.due else { return limit }
        // What is late was due before.
        let dueAt = due.cause == .overdue ? settings.due(publishedAt: publishedAt)?.at : due.at
        return dueAt.map { max(limit, $0 + ageAfterDue) } ?? limit
    }

    private mutating func reportAge(_ now: Instant) {
        guard let ageLimit, let current = record.current else { return }
        guard ageLimit <= now else {
            // It was told by a clock that was ahead, and is told again when it is so.
            if record.ageReported { record.ageReported = false }
            return
        }
        guard !record.ageReported else { return }
        record.ageReported = true
        note(
            Note(
                .keyTooOld, reason: .keyTooOld, keyType: current.keyType, version: current.version,
                detail: "published \(current.publishedAt), older than the policy's maxAge since \(ageLimit)"))
    }

    /// What is not wanted any more is not in trouble any more: a publication that was given up, a regenerate or the
    /// probe before it.
    private mutating func endIdleTrouble(_ now: Instant) {
        guard !record.troubles.isEmpty, record.phase.isSettled else { return }
        recovered(.publish)
        // What waits for a window or for others goes on then.
        guard work(now) == nil, !awaitsOpening, peers == nil || isPaused else { return }
        for step in [Trouble.Step.regenerate, .verify] {
            // For how long Azure asked to be left alone counts for whatever is wanted next.
            guard let trouble = trouble(with: step), trouble.failure.retryAfter == nil || trouble.retryAt <= now else {
                continue
            }
            recovered(step)
        }
    }

    /// A wall clock that was set back leaves instants in the future that waits were counted from.
    private mutating func healClock(_ now: Instant) {
        if hasWaitFromTheFuture(now) { healPhase(now) }
        if hasOverdueTooFarAhead(now) { reschedule() }
        if !record.troubles.isEmpty { healRetries(now) }
        // Most waits are short.
        if let wait = waitUntil, wait - now > .seconds(60),
            wait - now > max(policy.settle, policy.verification?.spacing ?? .zero)
        {
            waitUntil = now
        }
        if let last = record.watch.last, last - now > .seconds(900) { watchForDuplicates(now) }
        if nextLook - now > policy.driftCheck { nextLook = now + policy.driftCheck }
        if pauseLook - now > .seconds(60) { pauseLook = now }
    }

    private func hasOverdueTooFarAhead(_ now: Instant) -> Bool {
        guard record.due?.cause == .overdue, let at = record.due?.at else { return false }
        return at - now > settings.spread
    }

    // Apart from what changes something: who does both has the whole record copied first.

    private func hasWaitFromTheFuture(_ now: Instant) -> Bool {
        switch record.phase {
        case .uncertain(_, let uncertainty): uncertainty.since > now || uncertainty.seenSince ?? now > now
        case .confirming(_, _, let since): since > now
        default: false
        }
    }

    private mutating func healPhase(_ now: Instant) {
        switch record.phase {
        case .uncertain(let intent, var uncertainty):
            uncertainty.since = min(uncertainty.since, now)
            uncertainty.seenSince = uncertainty.seenSince.map { min($0, now) }
            record.phase = .uncertain(intent, uncertainty)
        case .confirming(let intent, let answered, let since):
            record.phase = .confirming(intent, answered: answered, since: min(since, now))
        default: break
        }
    }

    private mutating func healRetries(_ now: Instant) {
        let longest = policy.retry.max() ?? .seconds(3600)
        for (index, trouble) in record.troubles.enumerated()
        where trouble.retryAt > now + max(longest, trouble.failure.retryAfter ?? .zero) {
            record.troubles[index].retryAt = now
        }
    }
}
