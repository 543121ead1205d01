/// What the other resources of a policy keep one from.
package indirect enum PeerBlocker: Hashable, Sendable {
    /// It begins when they are done: the canary has yet to rotate, or as many rotations are under way as may fail.
    case wait
    /// It does not begin until somebody mended them, or it mended itself.
    case stopped(Failure)
}

/// The last rotation of a resource that its schedule began, kept where the policy has `stopAfter`.
package struct Attempt: Hashable, Codable, Sendable {
    package var at: Instant
    /// Its key is published.
    package var isPublished: Bool?
    /// It is published, and consumers were told.
    package var succeeded: Bool

    init(at: Instant) {
        self.at = at
        succeeded = false
    }
}

extension RotationMachine {
    /// What came of the last scheduled rotation so far.
    package enum AttemptState: Hashable, Sendable {
        case succeeded, underWay, failing
    }

    /// Other resources forbid something, as the engine saw it last.
    package var isKeptByPeers: Bool { if case .some = peers { true } else { false } }

    /// A rotation that came to nothing, and that somebody has seen to, or that a mended key has taken the place of: whatever
    /// fails from now on has nothing to do with it.
    mutating func giveUpAttempt() {
        guard let attempt = record.attempt, !attempt.succeeded, attempt.isPublished != true, !isRotating else { return }
        record.attempt = nil
    }

    /// The key of a rotation is on its way, whatever is to be seen to meanwhile.
    private var isRotating: Bool {
        switch record.phase {
        case .regenerating(let intent), .uncertain(let intent, _), .confirming(let intent, _, _):
            intent.purpose == .rotation
        case .verifying(let candidate), .publishing(let candidate, _): candidate.purpose == .rotation
        case .adopting, .settled, .delivering: false
        }
    }

    /// Its resource has to do with others.
    package var hasPeers: Bool { policy.hasPeers }

    package var attemptState: (at: Instant, state: AttemptState)? {
        guard let attempt = record.attempt else { return nil }
        if attempt.succeeded { return (attempt.at, .succeeded) }
        if isPaused { return nil }
        if record.hold != nil || record.troubles.contains(where: { !$0.failure.reason.isOfPeers }) {
            return (attempt.at, .failing)
        }
        // What was given up in good order, as at a pause, says nothing.
        return record.phase.isSettled && awaited == nil ? nil : (attempt.at, .underWay)
    }

    /// What its peers may wait for.
    package enum PeerNews: Hashable, Sendable {
        /// Their canary has another state.
        case ofCanary
        /// Its rotation fails.
        case failing
        /// Its rotation is begun or over: so many of them could begin, at the most.
        case other(limit: Int)
    }

    /// What has changed since then that its peers may wait for; nil: nothing.
    package func newsForPeers(since before: RotationMachine) -> PeerNews? {
        guard hasPeers else { return nil }
        let isSameRecord = boxedRecord === before.boxedRecord
        if policy.canary == settings.name, !isSameRecord || isPaused != before.isPaused,
            record.phase != before.record.phase || record.hold != before.record.hold
                || record.troubles != before.record.troubles || isPaused != before.isPaused
        {
            return .ofCanary
        }
        guard let limit = policy.stopAfter,
            !isSameRecord || (awaited == nil) != (before.awaited == nil) || isPaused != before.isPaused
        else { return nil }
        let state = attemptState?.state
        guard state != before.attemptState?.state else { return nil }
        return state == .failing ? .failing : .other(limit: limit)
    }

    /// Whether this machine wants to begin a scheduled rotation, and only its peers can forbid it. A pause that ends by itself
    /// may be over with the next listing.
    package func asksPeers(_ now: Instant) -> Bool {
        guard policy.hasPeers, record.request == nil, record.phase.isSettled,
            record.hold == nil, record.pausedBy == nil || record.pausedUntil != nil, policy.mode == .auto
        else { return false }
        return scheduledBegin(now).map { $0 <= now } ?? false
    }

    /// What the policy's canary keeps this machine from.
    package func blocker(canary: RotationMachine) -> PeerBlocker? {
        let name = canary.settings.name
        func stopped(_ how: String) -> PeerBlocker {
            .stopped(
                Failure(
                    .canaryUnhealthy,
                    "no key of the policy turns while its canary \(name) \(how); see 'keyturn status \(name)'"))
        }
        if let hold = canary.record.hold { return stopped("is held (\(hold.reason.rawValue))") }
        // Where others of the policy stop the canary itself, or made it late, it is not for it to stop them: each would wait
        // for the other for ever.
        let troubles = canary.record.troubles.filter { !$0.failure.reason.isOfPeers }
        if let trouble = troubles.min(by: { $0.since < $1.since }) {
            return stopped("is degraded (\(trouble.failure.reason.rawValue))")
        }
        if canary.isPaused { return stopped("is paused") }
        guard canary.record.phase == .settled, let proven = canary.record.current?.publishedAt else { return .wait }
        return proven > record.current?.publishedAt ?? .distantPast ? nil : .wait
    }

    /// What `stopAfter` keeps a resource of the policy from, with the last rotations of all of them.
    package static func blocker(
        stopAfter limit: Int, attempts: [(name: String, at: Instant, state: AttemptState)]
    ) -> PeerBlocker? {
        var failing: [String] = []
        var underWay = 0
        for attempt in attempts.sorted(by: { ($0.at, $0.name) > ($1.at, $1.name) }) {
            if attempt.state == .succeeded { break }
            if attempt.state == .failing { failing.append(attempt.name) } else { underWay += 1 }
            if failing.count >= limit { break }
        }
        if failing.count >= limit {
            let names = failing.prefix(5).joined(separator: ", ") + (failing.count > 5 ? ", …" : "")
            return .stopped(
                Failure(
                    .policyStopped,
                    "the last \(failing.count == 1 ? "rotation" : "\(failing.count) rotations") of the policy failed"
                        + " (\(names)), so no other key of it turns until one of them succeeds, is resumed or is paused"
                ))
        }
        return failing.count + underWay >= limit ? .wait : nil
    }

    /// Says that peers forbid what is due, once, and that they do no more.
    mutating func reportPeers(_ now: Instant) {
        guard isKeptByPeers || !record.troubles.isEmpty else { return }
        let reported = trouble(with: .regenerate)
        if case .stopped(let failure) = peers, !isPaused, asksPeers(now) {
            guard reported?.failure.reason != failure.reason else { return }
            // For how long Azure asked to be left alone is not forgotten over it.
            if let reported, !reported.failure.reason.isOfPeers, reported.retryAt > now { return }
            trouble(.regenerate, failure, again: policy.retry.max() ?? .seconds(3600), now)
        } else if reported?.failure.reason.isOfPeers == true {
            recovered(.regenerate)
        }
    }
}

extension Policy {
    /// Its resources have to do with each other.
    package var hasPeers: Bool { canary != nil || stopAfter != nil }
}

extension Reason {
    /// It is another resource that is in trouble.
    var isOfPeers: Bool { self == .canaryUnhealthy || self == .policyStopped }
}
