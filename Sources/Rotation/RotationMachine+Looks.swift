extension RotationMachine {
    /// A `listKeys` was answered: what it means depends on what it was asked for.
    mutating func keysListed(_ keys: KeyFingerprints, serverDate: Instant?, _ now: Instant) -> Action? {
        listed = keys
        strangeListings = 0
        listingDate = serverDate
        clockError = serverDate.map { clockError(at: $0, now) }
        if let stale = staleKeyType(keys, now) {
            let detail = "listKeys shows a \(stale) key that was replaced before; it is asked again"
            return failed(.look, Failure(.badResponse, detail), now)
        }
        if record.phase != .adopting { recovered(.look) }
        confirmOverlap(serverDate: serverDate)
        endPause(serverDate: serverDate, now)
        switch record.phase {
        case .adopting: return adopt(keys, now)
        case .settled, .delivering: return reconcile(keys, serverDate: serverDate, now)
        case .regenerating: return nil
        case .uncertain(let intent, let uncertainty): return decide(intent, uncertainty, keys, now)
        case .confirming(let intent, let answered, let since):
            return confirm(intent, answered: answered, since: since, keys, now)
        case .verifying(let candidate): return verify(candidate, keys, now)
        case .publishing(let candidate, let order): return publish(candidate, order, keys, now)
        }
    }

    /// How much this machine's clock is ahead of Azure's, at the least: the answer may have been on its way for long, or the
    /// machine slept before it was read.
    private func clockError(at serverDate: Instant, _ now: Instant) -> Duration {
        let least = askedAfter(serverDate, now)
        return least > .zero ? least : min(now - serverDate, .zero)
    }

    /// The key type for which the listing shows a value that was replaced before, unless it has shown that for `settle`:
    /// what lasts is so, and the listing that showed another value was the one that was behind.
    private mutating func staleKeyType(_ keys: KeyFingerprints, _ now: Instant) -> KeyType? {
        guard let stale = KeyType.allCases.first(where: { record.replaced.contains(keys[$0]) }) else {
            staleSince = nil
            return nil
        }
        let since = min(staleSince ?? now, now)
        staleSince = since
        guard hasStayedStale(since, now) else { return stale }
        record.replaced.removeAll { keys.keyType(of: $0) != nil }
        staleSince = nil
        return nil
    }

    /// Which key type is current? The one whose key the secrets directory holds; regenerates nothing.
    private mutating func adopt(_ keys: KeyFingerprints, _ now: Instant) -> Action? {
        let wasUnlisted = unlistedSince != nil
        if isUnlisted(keys, now) {
            let detail = "listKeys does not show the key that was published just before; it is asked again"
            trouble(.look, Failure(.badResponse, detail), again: policy.pollInterval, now)
            return next(now)
        }
        recovered(.look)
        setKeys(keys)
        guard let seen = seenSecrets, let fingerprint = seen.fingerprint, let keyType = keys.keyType(of: fingerprint)
        else {
            // Nothing published, or only a dead key: publish what is there, of the same key type when that is known.
            let keyType = seenSecrets?.keyType ?? .primary
            // Where something was published, the other string may have been promised to work.
            if let seen = seenSecrets {
                promiseOverlap(from: byTheClockAhead(now))
                keepPromise(of: seen, now)
            }
            note(Note(.adopted, keyType: keyType, fingerprint: keys[keyType], detail: "to be published"))
            return beginVerifying(Candidate(keyType, of: keys, purpose: .adoption), now)
        }
        // It cannot be later than now, where that is known.
        let latest = clockError == nil && seen.publishedAt != nil ? .distantFuture : trusted(now)
        let publishedAt = min(seen.publishedAt ?? .distantFuture, latest)
        record.current = Publication(
            keyType: keyType, fingerprint: fingerprint, version: seen.version ?? 1, publishedAt: publishedAt,
            endpoint: seen.endpoint)
        // Whether consumers were told of it, and since when, is not known: they are told again, and get a whole overlap.
        promiseOverlap(from: byTheClockAhead(now))
        keepPromise(of: seen, now)
        if clockError == nil { record.unconfirmedOverlap = record.promisedOverlap }
        record.told = []
        record.files = settings.files
        reschedule()
        note(
            Note(
                .adopted, keyType: keyType, version: seen.version, fingerprint: fingerprint,
                detail: "found in the secrets directory, published \(publishedAt)"))
        looked(now)
        // Two servers of Azure say two things, and nothing on record tells which of them is behind.
        if wasUnlisted { watchForDuplicates(now) }
        record.phase = .delivering
        if let action = mendEndpoint(keys, now) { return action }
        guard seen.intact else { return beginRepair(now) }
        return deliver(now)
    }

    /// The files hold a key that the listing does not show: dead, or so new that the server has yet to learn of it, for
    /// which it has `settle`.
    private mutating func isUnlisted(_ keys: KeyFingerprints, _ now: Instant) -> Bool {
        guard let seen = seenSecrets, let fingerprint = seen.fingerprint, keys.keyType(of: fingerprint) == nil else {
            unlistedSince = nil
            return false
        }
        // Clocks that count as right differ by so much at most.
        if let publishedAt = seen.publishedAt, trusted(now) - publishedAt > policy.settle + .seconds(300) {
            return false
        }
        let since = min(unlistedSince ?? now, now)
        unlistedSince = since
        return !hasSettled(since, now)
    }

    /// Nothing is under way: is everything at Azure and on disk as it was left?
    private mutating func reconcile(_ keys: KeyFingerprints, serverDate: Instant?, _ now: Instant) -> Action? {
        guard let current = record.current, let known = record.keys else {
            record.phase = .adopting
            return adopt(keys, now)
        }
        let isDatedAnew = datePublication(serverDate, now)
        healPublishedAt(serverDate: serverDate, now)
        looked(now)
        let otherChanged = keys[current.keyType.other] != known[current.keyType.other]
        if otherChanged { otherKeyChanged(keys, now) }
        if keys[current.keyType] != current.fingerprint {
            return mendCurrent(keys, now)
        }
        if let action = mendEndpoint(keys, now) { return action }
        setKeys(keys)
        if otherChanged || isDatedAnew || secretsDiffer(from: current) || filesPromiseTooMuch {
            return beginRepair(now)
        }
        if record.phase == .delivering || !untold.isEmpty {
            record.phase = .delivering
            return deliver(now)
        }
        return beginWork(serverDate: serverDate, now)
    }

    /// A request of ours may have run once more, or after it counted as lost.
    private var mayBeOurs: Bool { record.duplicateMayLand || !record.watch.isEmpty }

    /// The current key was regenerated by another hand (or by a duplicate of ours): the published string is dead, so its
    /// successor is published at once. A hold does not prevent it.
    mutating func mendCurrent(_ keys: KeyFingerprints, _ now: Instant) -> Action? {
        guard let current = record.current else { return adopt(keys, now) }
        setKeys(keys)
        note(
            Note(
                .currentKeyChanged, reason: .currentKeyChanged, keyType: current.keyType,
                fingerprint: keys[current.keyType],
                detail: (mayBeOurs
                    ? "the published key was regenerated once more: by a late duplicate of our own request, or by another hand"
                    : "the published key was regenerated by another hand") + "; its new value replaces it"))
        return beginVerifying(Candidate(current.keyType, of: keys, purpose: .mending), now)
    }

    /// The connection strings name another endpoint than the published one: it is proven to work before it replaces
    /// that. nil when they do not.
    mutating func mendEndpoint(_ keys: KeyFingerprints, _ now: Instant) -> Action? {
        guard let current = record.current, let endpoint = keys.endpoint else { return nil }
        guard let published = current.endpoint else {
            record.current?.endpoint = endpoint
            return nil
        }
        guard published != endpoint else { return nil }
        setKeys(keys)
        note(
            Note(
                .endpointChanged, reason: .endpointChanged, keyType: current.keyType,
                fingerprint: keys[current.keyType],
                detail: "listKeys names \(endpoint), published is \(published);"
                    + (policy.verification == nil
                        ? " it replaces it" : " it replaces it once signed calls succeed there")
            ))
        return beginVerifying(Candidate(current.keyType, of: keys, purpose: .mending), now)
    }

    /// The superseded key was regenerated by another hand: who still holds it is refused already; those who took its
    /// new value from Azure get a whole overlap.
    mutating func otherKeyChanged(_ keys: KeyFingerprints, _ now: Instant) {
        guard let current = record.current else { return }
        let other = current.keyType.other
        var known = record.keys ?? keys
        known[other] = keys[other]
        setKeys(known)
        promiseOverlap(from: byTheClockAhead(now))
        let cause =
            mayBeOurs ? "by a late duplicate of our own request, or by another hand" : "not by a request of Keyturn's"
        note(
            Note(
                .otherKeyChanged, reason: .otherKeyChanged, keyType: other, fingerprint: keys[other],
                detail: "\(cause); the overlap begins anew"))
    }

    /// Both keys as they are now; what they were is remembered for a while, so that a server that learns late of a change
    /// is not believed.
    mutating func setKeys(_ keys: KeyFingerprints) {
        if record.keys != keys { changeKeys(to: keys) }
    }

    private mutating func changeKeys(to keys: KeyFingerprints) {
        if let known = record.keys {
            for keyType in KeyType.allCases where known[keyType] != keys[keyType] {
                record.replaced.append(known[keyType])
            }
            if record.replaced.count > 8 { record.replaced = record.replaced.suffix(8) }
            // What was superseded is dead, by whatever hand.
            if let other = record.current?.keyType.other, known[other] != keys[other] {
                record.retirementPending = false
            }
        }
        record.keys = keys
    }

    func secretsDiffer(from current: Publication) -> Bool {
        guard let seen = seenSecrets else { return true }
        return !seen.intact || seen.fingerprint != current.fingerprint || seen.keyType != current.keyType
            || current.endpoint != nil && seen.endpoint != current.endpoint
    }

    /// The promise was shortened since they were written: for a compromise, or because the clock was wrong.
    private var filesPromiseTooMuch: Bool {
        guard let shown = seenSecrets?.previousGoodUntil, let until = record.previousGoodUntil else { return false }
        return shown > until
    }

    /// A clock that was wrong when the key was published leaves a publication in the future, and with it a key that
    /// would not turn for as long as the clock was off.
    private mutating func healPublishedAt(serverDate: Instant?, _ now: Instant) {
        guard let serverDate, Self.clocksAgree(serverDate, now) else { return }
        if let current = record.current, current.publishedAt > now + .seconds(300) {
            record.current?.publishedAt = now
            reschedule()
            note(Note(.rescheduled, detail: "the recorded publication \(current.publishedAt) lies in the future"))
        }
        let longest = longestPromise(now)
        if let until = record.previousGoodUntil, until > longest { record.previousGoodUntil = longest }
    }

    /// What lies further ahead was counted by a clock that was wrong. A compromise takes back what was promised.
    private func longestPromise(_ now: Instant) -> Instant {
        let promised =
            record.request?.compromise == nil ? max(policy.overlap, record.promisedOverlap ?? .zero) : overlap
        return now + promised + .seconds(300)
    }

    /// The record is of a clock that was wrong, and no listing has told yet which one is right.
    func waitsToBeHealed(_ now: Instant) -> Bool {
        guard clockError == nil else { return false }
        if let current = record.current, current.publishedAt > now + .seconds(300) { return true }
        return record.previousGoodUntil.map { $0 > longestPromise(now) } ?? false
    }

    /// A publication that was not dated was a moment ago. Where the daemon did not run since, only a clock that is wrong now
    /// was so then, too.
    ///
    /// - Returns: whether the files tell another time.
    private mutating func datePublication(_ serverDate: Instant?, _ now: Instant) -> Bool {
        guard let serverDate, let current = record.current, current.isUndated == true else { return false }
        record.current?.isUndated = nil
        guard !Self.clocksAgree(serverDate, current.publishedAt) else { return false }
        if !hasPublished, current.publishedAt <= now, Self.clocksAgree(trusted(now), now) { return false }
        record.current?.publishedAt = serverDate
        reschedule()
        let detail = "the recorded publication \(current.publishedAt) was by a wrong clock"
        note(Note(.rescheduled, version: current.version, detail: detail))
        return true
    }

    /// The superseded string works for the policy's overlap from that instant, and for as long as was promised before.
    mutating func promiseOverlap(from instant: Instant) {
        let until = instant + overlap
        record.previousGoodUntil = max(record.previousGoodUntil ?? until, until)
        record.promisedOverlap = max(record.promisedOverlap ?? .zero, overlap)
        // By this machine's clock alone, which may be wrong.
        if clockError == nil { record.unconfirmedOverlap = max(record.unconfirmedOverlap ?? .zero, overlap) }
    }

    /// Of files that no ledger knows: what they tell consumers counts, also where the policy promises less by now.
    private mutating func keepPromise(of seen: SecretsView, _ now: Instant) {
        guard let until = seen.previousGoodUntil, let publishedAt = seen.publishedAt else { return }
        let now = trusted(now)
        // By a clock that was ahead both of them are late, and the promise is as long as it was meant to be.
        let left = until - max(publishedAt, now)
        guard left > .zero else { return }
        record.previousGoodUntil = max(record.previousGoodUntil ?? now + left, now + left)
        record.promisedOverlap = max(record.promisedOverlap ?? .zero, left)
    }

    /// What was published before this listing was asked for was so at Azure's `serverDate`, or a second later, for it has
    /// no fractions. One without a date confirms nothing.
    private mutating func confirmOverlap(serverDate: Instant?) {
        guard let overlap = record.unconfirmedOverlap, let serverDate else { return }
        let until = serverDate + .seconds(1) + overlap
        record.previousGoodUntil = max(record.previousGoodUntil ?? until, until)
        record.unconfirmedOverlap = nil
    }

    /// `now` by this machine's clock or by Azure's, should that be ahead; it has no fractions of a second.
    func byTheClockAhead(_ now: Instant) -> Instant {
        clockError.map { max(now, now - $0 + .seconds(1)) } ?? now
    }

    /// `now`, unless the last listing showed that this machine's clock is wrong: then Azure's. What is counted from a
    /// wrong clock would be due at once, or never, when the clock is put right.
    func trusted(_ now: Instant) -> Instant {
        guard let clockError, !Self.clocksAgree(now - clockError, now) else { return now }
        return now - clockError
    }

    /// Computes the due time from the publication and today's policy.
    ///
    /// - Parameter last: when the scheduled rotation that was just published had been due.
    mutating func reschedule(after last: Due? = nil) {
        opening = nil
        retirementOpening = nil
        record.due = record.current.flatMap { settings.due(publishedAt: $0.publishedAt, after: last) }
    }
}
