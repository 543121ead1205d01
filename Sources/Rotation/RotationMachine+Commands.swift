extension RotationMachine {
    /// Why an operator's rotation is refused now; nil when it would begin: at once, or, when keys are compromised, after
    /// what is left of a shortened overlap.
    package func rotationRefusal(_ now: Instant, _ kind: RotationKind = .ordinary) -> RotationBlocker? {
        let blocker = rotationBlocker(now, requested: true)
        if case .compromised = kind, case .overlap = blocker { return nil }
        return blocker
    }

    mutating func rotationRequested(
        _ actor: String, _ kind: RotationKind, _ reason: String?, _ now: Instant
    ) -> Action? {
        guard rotationRefusal(now, kind) == nil else { return nil }
        switch kind {
        case .ordinary:
            guard record.request == nil else { return nil }
            record.request = Request(actor: actor, at: now)
            note(Note(.rotationRequested, actor: actor, keyType: nextKeyType, detail: reason))
        case .compromised(let reason):
            // Said again when the first of the two is published, it means the key that is published now as well.
            guard record.request?.compromise?.rotationsLeft != 2 else { return nil }
            record.request = Request(actor: actor, at: now, compromise: Compromise(reason: reason, rotationsLeft: 2))
            note(
                Note(
                    .rotationRequested, actor: actor, keyType: nextKeyType,
                    detail: "both keys, one after the other, for they are compromised: \(reason)"))
            if let action = shortenOverlap(now) { return action }
        }
        return retryNow(now)
    }

    /// The superseded string dies sooner than consumers were told, so they are told anew.
    private mutating func shortenOverlap(_ now: Instant) -> Action? {
        // What a listing is yet to confirm is no longer than that either.
        if let unconfirmed = record.unconfirmedOverlap, unconfirmed > overlap { record.unconfirmedOverlap = overlap }
        let shortened = byTheClockAhead(now) + overlap
        guard let until = record.previousGoodUntil, until > shortened, let current = record.current else { return nil }
        record.previousGoodUntil = shortened
        // Which clock is ahead may be another one by now: the next listing tells.
        record.unconfirmedOverlap = overlap
        hurry(now)
        guard awaited == nil else {
            nextLook = .distantPast
            return nil
        }
        return beginPublishing(Candidate(repairing: current), now)
    }

    /// What is superseded now works for so long.
    var overlap: Duration {
        guard let compromise = record.request?.compromise else { return policy.overlap }
        // The last of the two rotations supersedes what the first one made, which is known to nobody else.
        if compromise.rotationsLeft == 1, isRotationUnderWay { return policy.overlap }
        return min(policy.overlap, Policy.compromisedOverlap)
    }

    private var isRotationUnderWay: Bool {
        switch record.phase {
        case .verifying(let candidate), .publishing(let candidate, _): candidate.purpose == .rotation
        default: false
        }
    }

    /// Said again with another end or another reason, the last word counts.
    mutating func pauseRequested(_ actor: String, _ until: Instant?, _ reason: String?, _ now: Instant) -> Action? {
        guard
            record.pausedBy == nil || until != record.pausedUntil || reason ?? record.pauseReason != record.pauseReason
        else { return nil }
        if record.pausedBy == nil { record.pausedSince = now }
        record.pausedBy = actor
        record.pausedUntil = until
        record.pauseReason = reason ?? record.pauseReason
        pauseLook = .distantPast
        record.request = nil
        if record.phase.isSettled {
            forget([.regenerate, .verify])
            giveUpAttempt()
        }
        let words = [until.map { "until \($0)" }, record.pauseReason].compactMap(\.self)
        note(Note(.paused, actor: actor, detail: words.isEmpty ? nil : words.joined(separator: ": ")))
        return awaited == nil ? next(now) : nil
    }

    mutating func resumeRequested(_ actor: String, _ reason: String?, _ now: Instant) -> Action? {
        guard record.pausedBy != nil || record.hold != nil else { return nil }
        note(Note(.resumed, actor: actor, reason: record.hold?.reason ?? .paused, detail: reason))
        forgetPause()
        if record.hold != nil { giveUpAttempt() }
        record.hold = nil
        nextLook = .distantPast
        return retryNow(now)
    }

    /// Ends a pause whose time is over. Only the date of a listing may say so: a clock that runs ahead must not end what
    /// an operator asked for, and without Azure nothing could turn anyway.
    mutating func endPause(serverDate: Instant?, _ now: Instant) {
        guard let operatorName = record.pausedBy, let until = record.pausedUntil else { return }
        guard let serverDate, serverDate >= until else {
            pauseLook = now + min(serverDate.map { until - $0 } ?? .seconds(60), .seconds(60))
            return
        }
        forgetPause()
        note(Note(.resumed, reason: .paused, detail: "the pause by \(operatorName) was until \(until)"))
    }

    private mutating func forgetPause() {
        record.pausedBy = nil
        record.pausedSince = nil
        record.pausedUntil = nil
        record.pauseReason = nil
    }

    /// A new policy counts from now on; what is under way goes on under it.
    mutating func reconfigured(_ settings: RotationSettings, _ now: Instant) -> Action? {
        guard settings != self.settings else { return nil }
        // How the files are to be is a matter of now, not of the next drift check.
        if settings.files != self.settings.files { nextLook = .distantPast }
        setSettings(settings)
        // Who is taken up again later has missed what came between.
        if record.told.contains(where: { !settings.consumers.contains($0) }) {
            record.told.removeAll { !settings.consumers.contains($0) }
        }
        adapt()
        record.ageReported = record.ageReported && (ageLimit ?? now) <= now
        hurry(now, sparesAsked: true)
        guard awaited == nil else { return nil }
        // What peers of the former policy forbade: before the next step others are asked.
        return isKeptByPeers && record.phase.isSettled && gate(.look) <= now ? look() : next(now)
    }

    /// What is on record was left by an earlier configuration, perhaps before a restart.
    mutating func adapt() {
        if let current = record.current, record.due?.schedule != settings.schedule {
            let former = record.due
            reschedule()
            if record.due?.at != former?.at {
                let (new, old) = (
                    record.due.map { "due \($0.at)" } ?? "never due", former.map { "\($0.at)" } ?? "never"
                )
                note(Note(.rescheduled, version: current.version, detail: "next rotation \(new), was \(old)"))
            }
        }
        if !policy.retire { record.retirementPending = false }
        // A new consumer may hold any old string.
        if record.phase.isSettled, !untold.isEmpty { record.phase = .delivering }
    }

    /// A person did something: what failed is tried again at once.
    private mutating func retryNow(_ now: Instant) -> Action? {
        hurry(now)
        return awaited == nil ? next(now) : nil
    }
}
