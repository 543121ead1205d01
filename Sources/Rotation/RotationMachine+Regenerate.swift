extension RotationMachine {
    mutating func regenerateAnswered(_ outcome: RegenerateOutcome, _ now: Instant) -> Action? {
        guard case .regenerating(let intent) = record.phase else { return nil }
        switch outcome {
        case .regenerated(let keyType, let fingerprint) where keyType == intent.keyType:
            note(Note(.regenerateAnswered, actor: intent.actor, keyType: keyType, fingerprint: fingerprint))
            record.phase = .confirming(intent, answered: fingerprint, since: now)
            return .listKeys
        case .regenerated(let keyType, _):
            let failure = Failure(.badResponse, "asked to regenerate \(intent.keyType), Azure answered for \(keyType)")
            becomeUncertain(intent, failure, now)
            return .listKeys
        case .notExecuted(var failure):
            record.phase = .settled
            // What limits calls may stand behind what has carried this one out. Before the next one every server knows.
            if failure.reason == .throttled { failure.retryAfter = max(failure.retryAfter ?? .zero, policy.settle) }
            note(
                Note(
                    .regenerateNotExecuted, actor: intent.actor, reason: failure.reason, keyType: intent.keyType,
                    detail: failure.detail, requestID: failure.requestID))
            return failed(.regenerate, failure, noted: true, now)
        case .ambiguous(let failure):
            becomeUncertain(intent, failure, now)
            return .listKeys
        }
    }

    mutating func becomeUncertain(_ intent: Intent, _ failure: Failure, _ now: Instant) {
        record.phase = .uncertain(intent, Uncertainty(since: now, failure: failure))
        record.duplicateMayLand = true
        trouble(.regenerate, failure, noted: true, now)
        note(
            Note(
                .regenerateUndecided, actor: intent.actor, reason: failure.reason, keyType: intent.keyType,
                detail: "\(failure.detail); listKeys decides", requestID: failure.requestID))
    }

    /// Did the regenerate run? Only a state that lasted for `settle` tells.
    mutating func decide(
        _ intent: Intent, _ uncertainty: Uncertainty, _ keys: KeyFingerprints, _ now: Instant
    ) -> Action? {
        guard currentUnchanged(keys, since: intent) else { return contradiction(intent, keys, now) }
        var uncertainty = uncertainty
        let shown = keys[intent.keyType]
        guard shown != intent.before[intent.keyType] else {
            if uncertainty.seen != nil {
                uncertainty = Uncertainty(since: now, failure: uncertainty.failure)
            }
            if hasSettled(uncertainty.since, now) { return didNotRun(intent, keys, now) }
            return poll(.uncertain(intent, uncertainty), now)
        }
        if uncertainty.seen == shown, let since = uncertainty.seenSince {
            if hasSettled(since, now) { return didRun(intent, keys, now) }
        } else {
            uncertainty.seen = shown
            uncertainty.seenSince = now
            _ = hasSettled(now, now)
        }
        return poll(.uncertain(intent, uncertainty), now)
    }

    /// Azure said yes; `listKeys` has to say so too.
    mutating func confirm(
        _ intent: Intent, answered: Fingerprint, since: Instant, _ keys: KeyFingerprints, _ now: Instant
    ) -> Action? {
        guard currentUnchanged(keys, since: intent) else { return contradiction(intent, keys, now) }
        let shown = keys[intent.keyType]
        if shown == answered, shown != intent.before[intent.keyType] { return didRun(intent, keys, now) }
        if shown == intent.before[intent.keyType] {
            guard hasSettled(since, now) else {
                return poll(.confirming(intent, answered: answered, since: since), now)
            }
            setKeys(keys)
            record.phase = .settled
            record.duplicateMayLand = true
            watchForDuplicates(now)
            hold(
                .regenerateWithoutChange,
                "Azure answered the regenerate of \(intent.keyType) with success, but listKeys shows the old key", now)
            return next(now)
        }
        let failure = Failure(.undecided, "listKeys shows another \(intent.keyType) key than the regenerate's answer")
        becomeUncertain(intent, failure, now)
        return decide(intent, Uncertainty(since: now, failure: failure), keys, now)
    }

    private func currentUnchanged(_ keys: KeyFingerprints, since intent: Intent) -> Bool {
        keys[intent.keyType.other] == intent.before[intent.keyType.other]
    }

    private mutating func poll(_ phase: Phase, _ now: Instant) -> Action? {
        record.phase = phase
        waitUntil = now + policy.pollInterval
        return nil
    }

    private mutating func didRun(_ intent: Intent, _ keys: KeyFingerprints, _ now: Instant) -> Action? {
        setKeys(keys)
        recovered(.regenerate)
        note(
            Note(.keyConfirmed, actor: intent.actor, keyType: intent.keyType, fingerprint: keys[intent.keyType]))
        let purpose: Candidate.Purpose = intent.purpose == .rotation ? .rotation : .retirement
        return beginVerifying(Candidate(intent.keyType, of: keys, purpose: purpose), now)
    }

    private mutating func didNotRun(_ intent: Intent, _ keys: KeyFingerprints, _ now: Instant) -> Action? {
        setKeys(keys)
        record.phase = .settled
        note(
            Note(
                .regenerateDidNotRun, actor: intent.actor, keyType: intent.keyType,
                detail: "listKeys showed no change for the policy's settle time"))
        return next(now)
    }

    /// A key that was not asked for changed while a regenerate of ours was under way: nothing more is regenerated until
    /// somebody looked at it, but consumers get the value that works.
    private mutating func contradiction(_ intent: Intent, _ keys: KeyFingerprints, _ now: Instant) -> Action? {
        let bothChanged = keys[intent.keyType] != intent.before[intent.keyType]
        hold(
            bothChanged ? .bothKeysChanged : .wrongKeyTypeChanged,
            "while \(intent.keyType) was regenerated, \(intent.keyType.other) changed\(bothChanged ? " too" : "")", now)
        return mendCurrent(keys, now)
    }

    /// Looks 1, 2, 5 and 15 minutes from now: a duplicate of a regenerate may still land, most of all of one that was
    /// undecided, but what is between us and Azure may also repeat one that was answered.
    mutating func watchForDuplicates(_ now: Instant) {
        record.watch = [60, 120, 300, 900].map { now + .seconds($0) }
    }
}
