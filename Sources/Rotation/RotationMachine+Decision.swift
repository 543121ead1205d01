/// Why a resource's key does not turn now.
package enum RotationBlocker: Hashable, Sendable {
    /// Nothing is published yet.
    case unpublished
    case held(Reason)
    case paused
    /// The policy's mode is `manual` and nobody asked.
    case manual
    /// Something else is under way: the phase's name.
    case underWay(String)
    /// A superseded connection string is promised to work until then.
    case overlap(until: Instant)
    case notDue(until: Instant)
    /// Other resources of the policy come first, or failed.
    case peers(PeerBlocker)
}

extension RotationMachine {
    /// The decision when a key turns: the first thing that forbids it, or nil when it may turn now.
    package func rotationBlocker(_ now: Instant, requested: Bool) -> RotationBlocker? {
        guard record.current != nil else { return .unpublished }
        if let hold = record.hold { return .held(hold.reason) }
        if isPaused { return .paused }
        guard case .settled = record.phase else { return .underWay(record.phase.name) }
        if let overlap = overlapBlocker(now) { return overlap }
        if requested { return nil }
        if policy.mode == .manual { return .manual }
        guard let begin = scheduledBegin(now) else {
            return record.due == nil ? .manual : .notDue(until: .distantFuture)
        }
        guard begin <= now else { return .notDue(until: begin) }
        return peers.map { .peers($0) }
    }

    /// When the scheduled rotation begins if nothing else forbids it; nil: never.
    func scheduledBegin(_ now: Instant) -> Instant? {
        guard let due = record.due, let current = record.current else { return nil }
        guard due.at <= now else { return due.at }
        let barrier = record.previousGoodUntil ?? .distantPast
        return settings.begin(due, notBefore: barrier, publishedAt: current.publishedAt, now)
    }

    /// The same for the superseded key, under `retire: true`.
    func retirementBlocker(_ now: Instant) -> RotationBlocker? {
        guard record.current != nil else { return .unpublished }
        if let hold = record.hold { return .held(hold.reason) }
        if isPaused { return .paused }
        guard case .settled = record.phase else { return .underWay(record.phase.name) }
        if let overlap = overlapBlocker(now) { return overlap }
        // It is not urgent, so it keeps to the hours in which rotations may begin.
        let opening = settings.opening(from: record.previousGoodUntil ?? now, now) ?? .distantFuture
        // A rotation that is due before the overlap of the retirement would be over does away with the same key.
        if policy.mode == .auto, let begin = scheduledBegin(now), opening < .distantFuture,
            begin < max(opening, now) + policy.overlap + policy.probingTime
        {
            switch peers {
            case nil: return .notDue(until: begin)
            case .wait: return .peers(.wait)
            case .stopped: break
            }
        }
        return opening <= now ? nil : .notDue(until: opening)
    }

    package var isPaused: Bool { record.pausedBy != nil || policy.mode == .paused }

    private func overlapBlocker(_ now: Instant) -> RotationBlocker? {
        guard let until = record.previousGoodUntil, until > now else { return nil }
        return .overlap(until: until)
    }

    /// What is to be regenerated now, if anything.
    func work(_ now: Instant) -> Intent.Purpose? {
        if rotationBlocker(now, requested: record.request != nil) == nil { return .rotation }
        if record.retirementPending, retirementBlocker(now) == nil { return .retirement }
        return nil
    }

    /// When the next regenerate may begin if nothing else happens before; nil when only a command can bring one.
    package var workInstant: Instant? {
        guard record.current != nil, record.hold == nil, !isPaused else { return nil }
        let barrier = record.previousGoodUntil ?? .distantPast
        if record.request != nil { return barrier }
        let rotation = peers == nil ? nextRotation : nil
        guard record.retirementPending, peers != .wait else { return rotation }
        // A rotation that is due at its deadline waits for no opening.
        return min(max(barrier, retirementOpening ?? .distantPast), rotation ?? .distantFuture)
    }

    /// Finds out, where something is due that has to wait for a window or the end of a freeze, until when.
    mutating func awaitOpening(_ now: Instant) {
        opening = nil
        retirementOpening = nil
        guard record.phase.isSettled, record.request == nil, record.hold == nil, !isPaused, record.current != nil
        else { return }
        if record.retirementPending, case .notDue(let until) = retirementBlocker(now) { retirementOpening = until }
        guard policy.mode == .auto, let due = record.due, due.at <= now else { return }
        let begin = scheduledBegin(now) ?? .distantFuture
        if begin > now { opening = begin }
    }

    /// Lets resources that are late together begin one after the other. Only a clock that Azure has just confirmed can
    /// say so: with a wrong one they would be put off to whenever it says.
    private mutating func putOffOverdue(serverDate: Instant?, _ now: Instant) {
        guard let serverDate, Self.clocksAgree(serverDate, now), record.request == nil, record.phase.isSettled,
            policy.mode == .auto, trouble(with: .regenerate) == nil, trouble(with: .verify) == nil,
            let due = record.due, let begin = scheduledBegin(now), begin + Self.usualLateness < now,
            let late = settings.overdue(due, now)
        else { return }
        record.due = late
    }

    /// What begins so late was due while nothing could begin.
    static let usualLateness = Duration.seconds(900)

    /// When the next rotation is expected, asked for or scheduled; nil under `manual` and `paused`, and while held.
    package var nextRotation: Instant? {
        if record.request != nil, record.hold == nil, !isPaused, let until = record.previousGoodUntil { return until }
        guard let due = record.due, record.hold == nil, !isPaused, policy.mode == .auto else { return afterPause }
        let next = max(due.at, record.previousGoodUntil ?? .distantPast, opening ?? .distantPast)
        return next == .distantFuture ? nil : next
    }

    /// The same, once a pause that ends by itself is over; nil when there is none.
    private var afterPause: Instant? {
        guard let due = record.due, let current = record.current, record.hold == nil, policy.mode == .auto,
            let end = record.pausedUntil
        else { return nil }
        let barrier = max(record.previousGoodUntil ?? .distantPast, end)
        return due.at > barrier
            ? due.at : settings.begin(due, notBefore: barrier, publishedAt: current.publishedAt, end)
    }

    /// The key type that the next regenerate is for: always the one that is not published.
    package var nextKeyType: KeyType? { record.current?.keyType.other }

    /// A fresh look found everything as it should be: begins the work that is due.
    mutating func beginWork(serverDate: Instant?, _ now: Instant) -> Action? {
        putOffOverdue(serverDate: serverDate, now)
        awaitOpening(now)
        reportPeers(now)
        guard let purpose = work(now), let current = record.current, let keys = listed,
            max(gate(.regenerate), gate(.verify)) <= now
        else {
            probingBaseline = false
            endPassedTrouble(now)
            return probeAgain(now) ?? next(now)
        }
        if let serverDate, !Self.clocksAgree(serverDate, now) {
            // The machine slept while the answer was on its way, which shows what was so long ago.
            if let clockError, Self.clocksAgree(now - clockError, now) { return look() }
            return failed(.regenerate, Self.skew(serverDate: serverDate, now), now)
        }
        guard clockError != nil else { return failed(.regenerate, Self.undated, now) }
        if let serverDate, let until = record.previousGoodUntil, serverDate < until {
            // By this machine's clock it has passed. A minute is what the wait may be at most, should the clock be set.
            waitUntil = now + min(until - serverDate, .seconds(60))
            return next(now)
        }
        if policy.stopAfter != nil, purpose == .rotation, record.request == nil,
            !probingBaseline || record.attempt == nil
        {
            record.attempt = Attempt(at: now)
        }
        if policy.verification != nil, !probingBaseline {
            probingBaseline = true
            return .probe(current.keyType, current.fingerprint)
        }
        probingBaseline = false
        record.regenerations += 1
        let intent = Intent(
            operationID: "\(settings.name)/\(record.regenerations)", keyType: current.keyType.other, purpose: purpose,
            before: keys, at: now, actor: purpose == .rotation ? record.request?.actor ?? "schedule" : "retire")
        record.phase = .regenerating(intent)
        note(Note(.regenerateSent, actor: intent.actor, keyType: intent.keyType, detail: intent.operationID))
        return .regenerate(intent)
    }

    /// What kept a regenerate from Azure, or its answer from here, and has passed, as this look shows, is no trouble while the
    /// next one waits for its hours; in a freeze that may be weeks.
    private mutating func endPassedTrouble(_ now: Instant) {
        guard awaitsOpening, let trouble = trouble(with: .regenerate), trouble.retryAt <= now else { return }
        // To its peers it has failed until it succeeds.
        guard !policy.hasPeers || record.attempt?.succeeded != false else { return }
        switch trouble.failure.reason {
        case .throttled, .unreachable, .azureUnavailable, .timeout, .conflict, .undecided, .unauthenticated, .notFound:
            recovered(.regenerate)
        // Not where a listing has no date, or another one than this machine, which may be what is meant.
        case .badResponse where clockError != nil: recovered(.regenerate)
        case .clockSkew where clockError.map({ Self.clocksAgree(now - $0, now) }) == true: recovered(.regenerate)
        default: break
        }
    }

    /// Whether signed calls work again is asked with each look while the next rotation waits for its hours: who has mended it
    /// is not to wait for them too.
    private mutating func probeAgain(_ now: Instant) -> Action? {
        guard awaitsOpening, policy.verification != nil, let current = record.current,
            let trouble = trouble(with: .verify), trouble.retryAt <= now
        else { return nil }
        probingBaseline = true
        return .probe(current.keyType, current.fingerprint)
    }

    /// Azure's own margin for signed calls is five minutes; beyond it no due time can be trusted either.
    static func clocksAgree(_ serverDate: Instant, _ now: Instant) -> Bool {
        let difference = now - serverDate
        return difference <= .seconds(300) && difference >= .seconds(-300)
    }

    /// Whether it is time, and whether the overlap has passed, this machine's clock alone must not say.
    private static let undated = Failure(
        .badResponse,
        "listKeys was answered without a date, so nothing confirms this machine's clock and nothing is rotated; it is asked"
            + " again. If that goes on: does a proxy take the Date header away?")

    private static func skew(serverDate: Instant, _ now: Instant) -> Failure {
        Failure(
            .clockSkew,
            "this machine's clock says \(now), Azure's \(serverDate); nothing is rotated until they agree: check NTP")
    }
}
