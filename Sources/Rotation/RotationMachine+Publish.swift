extension RotationMachine {
    mutating func beginVerifying(_ candidate: Candidate, _ now: Instant) -> Action? {
        probingBaseline = false
        waitUntil = nil
        guard policy.verification != nil else { return beginPublishing(candidate, now) }
        record.phase = .verifying(candidate)
        return .probe(candidate.keyType, candidate.fingerprint)
    }

    /// A fresh listing while a key is being verified: it may have moved meanwhile.
    mutating func verify(_ candidate: Candidate, _ keys: KeyFingerprints, _ now: Instant) -> Action? {
        if let moved = moved(candidate, keys, now) { return moved }
        looked(now)
        guard policy.verification != nil else { return beginPublishing(candidate, now) }
        if candidate.purpose == .rotation || candidate.purpose == .retirement, let current = record.current,
            secretsDiffer(from: current)
        {
            // Consumers need the current key more than the new one, which may take long; it is made again later.
            return beginRepair(now)
        }
        guard max(waitUntil ?? .distantPast, gate(.verify)) <= now else { return next(now) }
        waitUntil = nil
        return .probe(candidate.keyType, candidate.fingerprint)
    }

    /// Goes back a step when the candidate, or the current key it is to replace, is no longer what was seen; nil when
    /// all is as it was.
    private mutating func moved(_ candidate: Candidate, _ keys: KeyFingerprints, _ now: Instant) -> Action?? {
        if let current = record.current, candidate.keyType != current.keyType,
            keys[current.keyType] != current.fingerprint
        {
            return .some(mendCurrent(keys, now))
        }
        if let current = record.current, candidate.keyType == current.keyType,
            keys[current.keyType.other] != record.keys?[current.keyType.other]
        {
            otherKeyChanged(keys, now)
        }
        let sameEndpoint = keys.endpoint == candidate.endpoint ?? keys.endpoint
        guard keys[candidate.keyType] != candidate.fingerprint || !sameEndpoint else {
            moving = nil
            setKeys(keys)
            return nil
        }
        if candidate.purpose == .rotation || candidate.purpose == .retirement,
            keys[candidate.keyType] != candidate.fingerprint,
            // Where a switch that is not known to have been made has shown it to consumers, they cannot wait.
            seenSecrets?.fingerprint != candidate.fingerprint, !hasMoved(to: keys[candidate.keyType], now)
        {
            looked(now)
            waitUntil = now + policy.pollInterval
            return .some(next(now))
        }
        if candidate.purpose == .repair {
            return .some(
                keys[candidate.keyType] == candidate.fingerprint ? mendEndpoint(keys, now) : mendCurrent(keys, now))
        }
        if candidate.purpose == .mending, isPublished(keys) {
            // The endpoint is what it was again.
            record.phase = .settled
            recovered(.verify)
            nextLook = .distantPast
            return .some(next(now))
        }
        setKeys(keys)
        guard keys[candidate.keyType] != candidate.fingerprint else {
            note(
                Note(
                    .endpointChanged, reason: .endpointChanged, keyType: candidate.keyType,
                    fingerprint: candidate.fingerprint,
                    detail: "listKeys names \(keys.endpoint ?? "no endpoint") now; the key is verified there"))
            return .some(beginVerifying(Candidate(candidate.keyType, of: keys, purpose: candidate.purpose), now))
        }
        record.duplicateMayLand = true
        if candidate.purpose == .rotation || candidate.purpose == .retirement {
            // It may be given up yet: then it is the other key, and who took it from Azure gets a whole overlap.
            promiseOverlap(from: byTheClockAhead(now))
        }
        note(
            Note(
                .keyMoved, keyType: candidate.keyType, fingerprint: keys[candidate.keyType],
                detail: "it changed again before it was published"))
        return .some(beginVerifying(Candidate(candidate.keyType, of: keys, purpose: candidate.purpose), now))
    }

    /// Whether every listing has shown that value for `settle`. One alone may come from a server that is behind, and show
    /// what was between the key before and the one that Azure has confirmed.
    private mutating func hasMoved(to fingerprint: Fingerprint, _ now: Instant) -> Bool {
        // The clock may have been set back since.
        let since = moving?.fingerprint == fingerprint ? min(moving?.since ?? now, now) : now
        moving = (fingerprint, since)
        return hasSettled(since, now)
    }

    /// The listing shows the current key and endpoint as they are published.
    private func isPublished(_ keys: KeyFingerprints) -> Bool {
        guard let current = record.current else { return false }
        return keys[current.keyType] == current.fingerprint && keys.endpoint == current.endpoint
    }

    mutating func probed(_ outcome: ProbeOutcome, _ now: Instant) -> Action? {
        if probingBaseline { return baselineProbed(outcome, now) }
        guard case .verifying(var candidate) = record.phase, let verification = policy.verification else {
            return next(now)
        }
        switch outcome {
        case .succeeded:
            recovered(.verify)
            candidate.successes += 1
            candidate.deniedSince = nil
            candidate.silentSince = nil
            candidate.silentDate = nil
            if candidate.successes >= probesNeeded(candidate, verification) {
                let calls = candidate.successes == 1 ? "a signed call" : "\(candidate.successes) signed calls in a row"
                note(
                    Note(
                        .keyVerified, keyType: candidate.keyType, fingerprint: candidate.fingerprint,
                        detail: "\(calls) succeeded"))
                return beginPublishing(candidate, now)
            }
            record.phase = .verifying(candidate)
            waitUntil = now + verification.spacing
            return next(now)
        case .denied(let failure):
            return probeDenied(candidate, failure, verification, now)
        case .inconclusive(let failure):
            candidate.silentSince = min(candidate.silentSince ?? now, now)
            candidate.silentDate = candidate.silentDate ?? listingDate
            record.phase = .verifying(candidate)
            return mendUnproven(candidate, failure, verification, now) ?? failed(.verify, failure, now)
        }
    }

    /// Where calls say nothing about the key for as long as a new one may be refused, what `listKeys` shows is published
    /// without: the published one is certainly dead, and consumers may reach what this host does not. nil when it may not be.
    private mutating func mendUnproven(
        _ candidate: Candidate, _ failure: Failure, _ verification: Policy.Verification, _ now: Instant
    ) -> Action? {
        // What is adopted in place of what the files hold replaces what no listing shows.
        let isDead =
            switch candidate.purpose {
            case .mending: candidate.fingerprint != record.current?.fingerprint || seenSecrets?.fingerprint == nil
            // Under this name there may be a key of another Azure resource, which works.
            case .adoption: seenSecrets?.fingerprint != nil && seenSecrets?.endpoint == candidate.endpoint
            case .rotation, .retirement, .repair: false
            }
        // Another hand may have put the other key there, which works.
        let isShownAlive = seenSecrets?.fingerprint.map { listed?.keyType(of: $0) != nil } ?? false
        guard isDead, !isShownAlive,
            let since = candidate.silentSince,
            hasStayedSilent(since, from: candidate.silentDate, now, verification)
        else { return nil }
        let loss = seenSecrets?.fingerprint == nil ? "nothing is published" : "the published key is dead"
        forget([.verify])
        note(
            Note(
                .keyUnverified, reason: failure.reason, keyType: candidate.keyType, fingerprint: candidate.fingerprint,
                detail:
                    "no signed call could be made since \(since) (\(failure.detail)), and \(loss)",
                requestID: failure.requestID))
        var candidate = candidate
        candidate.isUnproven = true
        return beginPublishing(candidate, now)
    }

    /// A key that was just made needs every probe, for it has yet to spread; one that is Azure's for long needs one.
    private func probesNeeded(_ candidate: Candidate, _ verification: Policy.Verification) -> Int {
        switch candidate.purpose {
        case .rotation, .retirement: verification.probes
        case .adoption, .mending, .repair: 1
        }
    }

    /// Whether the policy asks for no more calls with the key. What is written anew was proven when it was published.
    private func isProven(_ candidate: Candidate) -> Bool {
        guard candidate.purpose != .repair, candidate.isUnproven != true, let verification = policy.verification else {
            return true
        }
        return candidate.successes >= probesNeeded(candidate, verification)
    }

    /// A new key that is refused for longer is worth a word, although it may still spread.
    private static let usualPropagation = Duration.seconds(60)

    private mutating func probeDenied(
        _ candidate: Candidate, _ failure: Failure, _ verification: Policy.Verification, _ now: Instant
    ) -> Action? {
        var candidate = candidate
        candidate.successes = 0
        candidate.silentSince = nil
        candidate.silentDate = nil
        candidate.deniedSince = min(candidate.deniedSince ?? now, now)
        record.phase = .verifying(candidate)
        let patience = askedAfter(candidate.deniedSince ?? now, now)
        guard hasStayedRefused(candidate.deniedSince ?? now, now, verification) else {
            let pause = verification.pauseAfterRefusal
            waitUntil = now + pause
            if patience >= Self.usualPropagation { trouble(.verify, failure, again: pause, now) }
            return next(now)
        }
        switch candidate.purpose {
        case .rotation, .retirement:
            guard let current = record.current else { return failed(.verify, failure, now) }
            probingBaseline = true
            return .probe(current.keyType, current.fingerprint)
        case .adoption, .mending, .repair:
            return failed(.verify, failure, now)
        }
    }

    /// The current key was probed: before a regenerate, or because a new one goes on being refused.
    private mutating func baselineProbed(_ outcome: ProbeOutcome, _ now: Instant) -> Action? {
        // From here on it is about the comparison, the waiting times of which begin anew.
        if trouble(with: .verify)?.failure.reason == .keyDenied { forget([.verify]) }
        switch (record.phase, outcome) {
        case (.settled, .succeeded):
            recovered(.verify)
            // Much may have come between the listing and this answer, the end of the hours too.
            return isProbeOld(now) ? look() : beginWork(serverDate: nil, now)
        case (.settled, .denied(let failure)):
            return failed(.verify, Self.unusable(failure), now)
        case (.verifying(let candidate), .succeeded):
            probingBaseline = false
            record.phase = .settled
            hold(
                .keyDenied,
                "signed calls with the new \(candidate.keyType) key are refused although the current key works", now)
            return next(now)
        case (.verifying(var candidate), .denied(let failure)):
            candidate.deniedSince = now
            record.phase = .verifying(candidate)
            return failed(.verify, Self.unusable(failure), now)
        case (_, .inconclusive(let failure)):
            return failed(.verify, failure, now)
        default:
            probingBaseline = false
            return next(now)
        }
    }

    private static func unusable(_ failure: Failure) -> Failure {
        Failure(
            .probeUnusable,
            "signed calls are refused with the current key too, so they prove nothing (\(failure.detail)); is key"
                + " authentication off (disableLocalAuth), or the network restricted? 'verify: off' rotates without",
            requestID: failure.requestID)
    }

    mutating func beginPublishing(_ candidate: Candidate, _ now: Instant) -> Action? {
        record.phase = .publishing(candidate, order: nil)
        waitUntil = nil
        return .listKeys
    }

    /// The files are not what they should be: writes them anew, after one more look.
    mutating func beginRepair(_ now: Instant) -> Action? {
        guard let current = record.current else { return nil }
        if let seen = seenSecrets {
            if seen.fingerprint == current.fingerprint, let files = record.files, files != settings.files {
                note(
                    Note(
                        .filesUpdated, keyType: current.keyType, version: current.version,
                        detail: "the configuration wants them otherwise than before"))
            } else if record.files == nil, seen.fingerprint != current.fingerprint {
                note(
                    Note(
                        .filesUpdated, keyType: current.keyType, version: current.version,
                        detail: "what stands under this name so far is not of this resource"))
            } else if secretsDiffer(from: current) {
                note(
                    Note(
                        .secretsTampered, reason: .secretsTampered, keyType: current.keyType, version: current.version,
                        detail: "the files are not as they were published and are written anew"))
            }
            if heldOther {
                // Consumers may have read the other key, which works: it is superseded only now.
                promiseOverlap(from: byTheClockAhead(now))
            }
        } else if record.files == nil {
            note(
                Note(
                    .filesUpdated, keyType: current.keyType, version: current.version,
                    detail: "nothing is published under this name yet"))
        } else {
            note(
                Note(
                    .secretsTampered, reason: .secretsTampered, keyType: current.keyType, version: current.version,
                    detail: "the files are gone and are written anew"))
        }
        return beginPublishing(Candidate(repairing: current, heldOther: heldOther), now)
    }

    /// The files held the other key's string, put there by another hand.
    private var heldOther: Bool {
        guard let seen = seenSecrets?.fingerprint, let current = record.current else { return false }
        return seen == listed?[current.keyType.other]
    }

    /// The last look before the switch; then the order, on record first.
    mutating func publish(
        _ candidate: Candidate, _ order: PublicationOrder?, _ keys: KeyFingerprints, _ now: Instant
    ) -> Action? {
        if let moved = moved(candidate, keys, now) { return moved }
        // An order that was carried out before a crash is repeated as it was; one that was not is made anew.
        let renewed = order.flatMap { order in
            let other = keys[order.keyType.other]
            let isVisible = seenSecrets?.fingerprint == order.fingerprint && seenSecrets?.version == order.version
            return isVisible && order.fingerprint == keys[order.keyType] && (order.previous ?? other) == other
                && order.endpoint == keys.endpoint
                ? order : nil
        }
        // Where no call was needed when it was made, the policy may ask for some by now.
        guard renewed != nil || isProven(candidate) else { return beginVerifying(candidate, now) }
        let order = renewed ?? makeOrder(candidate, keys, now)
        // Whoever read what another hand put there has to be told, although the key stays the same.
        if renewed == nil, let current = record.current, seenSecrets?.fingerprint != current.fingerprint {
            record.told = []
        }
        // The order is kept under a later policy too, and so is what it promises.
        record.promisedOverlap = max(record.promisedOverlap ?? .zero, overlap)
        record.phase = .publishing(candidate, order: order)
        return .publish(order)
    }

    private func makeOrder(_ candidate: Candidate, _ keys: KeyFingerprints, _ now: Instant) -> PublicationOrder {
        let keyType = candidate.purpose == .retirement ? candidate.keyType.other : candidate.keyType
        let newKey = keys[keyType] != record.current?.fingerprint
        let publishedAt = newKey ? trusted(now) : record.current?.publishedAt ?? trusted(now)
        // What is adopted may take the place of what consumers have read.
        let superseding =
            candidate.purpose == .adoption
            ? record.previousGoodUntil != nil || seenSecrets?.fingerprint != nil
            : record.current != nil && (candidate.purpose != .repair || heldOther)
        let promise = superseding ? trusted(now) + overlap : nil
        let goodUntil = [record.previousGoodUntil, promise].compactMap(\.self).max()
        let due = newKey ? settings.due(publishedAt: publishedAt, after: scheduled(candidate)) : record.due
        let isScheduled = record.hold == nil && !isPaused && policy.mode == .auto
        var order = PublicationOrder(
            keyType: keyType, fingerprint: keys[keyType], endpoint: keys.endpoint, version: nextVersion,
            publishedAt: publishedAt,
            previous: goodUntil == nil ? nil : keys[keyType.other], previousGoodUntil: goodUntil,
            nextRotation: isScheduled ? due.map { max($0.at, goodUntil ?? .distantPast) } : nil)
        order.isUndated = newKey ? clockError == nil ? true : nil : record.current?.isUndated
        return order
    }

    /// When the rotation was due that the candidate comes from; nil: nobody but an operator wanted it, or it is none.
    private func scheduled(_ candidate: Candidate) -> Due? {
        candidate.purpose == .rotation && record.request == nil ? record.due : nil
    }

    private var nextVersion: Int {
        max(record.current?.version ?? 0, seenSecrets?.version ?? 0) + 1
    }

    mutating func published(_ now: Instant) -> Action? {
        guard case .publishing(let candidate, let order?) = record.phase else { return next(now) }
        for trouble in record.troubles where trouble.step != .deliver {
            // What is mended or repaired says nothing of a regenerate, which Azure may have put off.
            let isPutOff = trouble.step == .regenerate && trouble.retryAt > now
            if !isPutOff || candidate.purpose == .rotation || candidate.purpose == .retirement {
                recovered(trouble.step)
            }
        }
        let sameKey = record.current?.fingerprint == order.fingerprint
        record.current = Publication(
            keyType: order.keyType, fingerprint: order.fingerprint, version: order.version,
            publishedAt: order.publishedAt, endpoint: order.endpoint)
        record.current?.isUndated = order.isUndated
        hasPublished = true
        record.files = settings.files
        if let promised = order.previousGoodUntil, candidate.supersedes || heldOther {
            // Counted from the switch itself, which came after the order was made; the clock may have stepped since.
            record.previousGoodUntil = max(record.previousGoodUntil ?? promised, promised)
            // Too late is healed when the clocks agree again, too early is not.
            promiseOverlap(from: max(now, trusted(now)))
            record.unconfirmedOverlap = overlap
        }
        note(
            Note(
                .published, reason: nil, keyType: order.keyType, version: order.version,
                fingerprint: order.fingerprint, detail: candidate.purpose.rawValue))
        let scheduled = scheduled(candidate)
        switch candidate.purpose {
        case .rotation:
            rotated()
            if record.attempt?.succeeded == false { record.attempt?.isPublished = true }
        case .retirement:
            record.retirementPending = false
        case .adoption, .mending: if record.hold == nil { giveUpAttempt() }
        case .repair: break
        }
        if !sameKey {
            record.ageReported = false
            reschedule(after: scheduled)
        }
        let isOurs = candidate.purpose == .rotation || candidate.purpose == .retirement
        if isOurs || record.duplicateMayLand { watchForDuplicates(now) }
        if isOurs { record.duplicateMayLand = false }
        looked(now)
        if !isDated { nextLook = .distantPast }
        if candidate.purpose != .retirement { record.told = [] }
        record.phase = .delivering
        return deliver(now)
    }

    /// A rotation is published: is another one still to come, because keys are compromised?
    private mutating func rotated() {
        if let compromise = record.request?.compromise, compromise.rotationsLeft > 1 {
            record.request?.compromise?.rotationsLeft -= 1
        } else {
            record.request = nil
        }
        // The second rotation of a compromise does it as well, unless it never comes.
        record.retirementPending = policy.retire
    }

    /// The consumers that were not told of the current version yet.
    package var untold: [String] { settings.consumers.filter { !record.told.contains($0) } }

    /// Tells those consumers that were not told yet.
    mutating func deliver(_ now: Instant) -> Action? {
        guard let current = record.current else { return next(now) }
        let pending = untold
        guard !pending.isEmpty else {
            recovered(.deliver)
            record.phase = .settled
            if record.attempt?.isPublished == true, record.attempt?.succeeded == false {
                record.attempt?.succeeded = true
            }
            return next(now)
        }
        return .deliver(version: current.version, consumers: pending)
    }

    mutating func delivered(_ results: [String: Failure?], of asked: [String], _ now: Instant) -> Action? {
        var failures = asked.filter { results[$0] == nil }.map {
            ($0, Failure(.deliveryFailed, "nobody said what came of telling \($0)"))
        }
        for (consumer, failure) in results.sorted(by: { $0.key < $1.key }) {
            if let failure {
                failures.append((consumer, failure))
            } else if settings.consumers.contains(consumer), !record.told.contains(consumer) {
                record.told.append(consumer)
            }
        }
        noteTold(settings.consumers.filter { results[$0] == .some(nil) })
        if let (_, first) = failures.first {
            let second = failures.dropFirst().first.map { "; \($0.1.detail)" } ?? ""
            let others = failures.count > 2 ? " (and \(failures.count - 2) more)" : ""
            return failed(.deliver, Failure(.deliveryFailed, first.detail + second + others), now)
        }
        return deliver(now)
    }

    /// For the history: who was told. A command is told when it exited 0.
    private mutating func noteTold(_ told: [String]) {
        guard !told.isEmpty else { return }
        let shown = told.prefix(5).joined(separator: ", ")
        let others = told.count > 5 ? " and \(told.count - 5) more" : ""
        note(Note(.delivered, version: record.current?.version, detail: shown + others))
    }
}
