/// Follows one resource from its record into the future, by the rules that the machine goes by.
struct ResourcePlanner {
    private let settings: RotationSettings
    /// Nothing begins before: the plan's beginning, or the end of a pause.
    private var from: Instant
    /// The canary's rotations: when each is published. nil: the policy has none, or this is it.
    private let canary: [Instant]?
    private var publishedAt: Instant
    private var current: KeyType
    private var due: Due?
    private var barrier: Instant
    private var request: Request?
    private var retirement: Instant?

    private var policy: Policy { settings.policy }

    /// The canary does not rotate any more before this one would.
    var waitsForCanary: Bool { canary.map { !$0.contains { $0 > publishedAt } } ?? false }

    /// - Parameter record: nil: the resource is adopted at `from`.
    init(_ settings: RotationSettings, _ record: RotationRecord?, from: Instant, canary: [Instant]?) {
        self.settings = settings
        self.from = from
        self.canary = canary
        let publication = record?.current
        publishedAt = publication?.publishedAt ?? from
        current = publication?.keyType ?? .primary
        barrier = record?.previousGoodUntil ?? .distantPast
        request = record?.request
        let isKept = publication != nil && record?.due?.schedule == settings.schedule
        due = isKept ? record?.due : settings.due(publishedAt: publishedAt)
        if policy.retire, record?.retirementPending == true { retirement = barrier }
        if isUnderWay(record) {
            // What is under way is not planned any more: it is done as if it were published now.
            published(at: from)
        }
        if let until = record?.pausedUntil { self.from = max(from, until) }
    }

    private func isUnderWay(_ record: RotationRecord?) -> Bool {
        switch record?.phase {
        case .regenerating(let intent), .uncertain(let intent, _), .confirming(let intent, _, _):
            intent.purpose == .rotation
        case .verifying(let candidate), .publishing(let candidate, _): candidate.purpose == .rotation
        default: false
        }
    }

    /// Why no rotation is planned; nil: some are.
    static func obstacle(_ settings: RotationSettings, _ record: RotationRecord?) -> String? {
        if let hold = record?.hold { return "held (\(hold.reason.rawValue)); 'keyturn resume' goes on" }
        if let operatorName = record?.pausedBy, record?.pausedUntil == nil {
            let why = record?.pauseReason.map { ": \($0)" } ?? ""
            return "paused by \(operatorName)\(why); 'keyturn resume' goes on"
        }
        switch settings.policy.mode {
        case .paused: return "the policy's mode is paused"
        case .manual: return record?.request == nil ? "the policy's mode is manual" : nil
        case .auto: return nil
        }
    }

    /// The next regenerate that begins before `until`; nil: there is none.
    mutating func next(until: Instant) -> PlannedRotation? {
        let rotation = nextRotation()
        if let retirement, let at = settings.opening(from: max(retirement, from), max(retirement, from)),
            // Else the rotation does away with the same key.
            at < rotation?.at ?? .distantFuture,
            rotation.map({ at + policy.overlap + policy.probingTime <= $0.at }) ?? true
        {
            guard at < until else { return nil }
            self.retirement = nil
            barrier = overlapEnd(publishedAt: at + policy.probingTime)
            return PlannedRotation(at: at, resource: settings.name, keyType: current.other, cause: .retire)
        }
        guard let rotation, rotation.at < until else { return nil }
        // Azure answers at once.
        published(at: rotation.at + policy.probingTime)
        return rotation
    }

    private mutating func nextRotation() -> PlannedRotation? {
        func planned(_ at: Instant, _ cause: PlannedRotation.Cause) -> PlannedRotation {
            PlannedRotation(at: max(at, from), resource: settings.name, keyType: current.other, cause: cause)
        }
        if request != nil { return planned(barrier, .requested) }
        guard policy.mode == .auto, var due else { return nil }
        guard var begin = begin(due, max(from, due.at)) else { return nil }
        if begin + RotationMachine.usualLateness < from, let late = settings.overdue(due, from) {
            (due, self.due) = (late, late)
            guard let moved = self.begin(due, max(from, due.at)) else { return nil }
            begin = moved
        }
        let cause = cause(due, begin)
        if let canary {
            // It rotates first, and is not at work itself.
            guard let proven = canary.first(where: { $0 > publishedAt }) else { return nil }
            if proven > begin { return self.begin(due, proven).map { planned(max($0, proven), .canary) } }
        }
        return planned(begin, cause)
    }

    private func begin(_ due: Due, _ now: Instant) -> Instant? {
        settings.begin(due, notBefore: barrier, publishedAt: publishedAt, now)
    }

    private func cause(_ due: Due, _ begin: Instant) -> PlannedRotation.Cause {
        if begin <= due.at {
            return due.at < from && due.cause != .deadline ? .overdue : PlannedRotation.Cause(due.cause)
        }
        guard let openings = policy.timing?.openings, begin > max(barrier, due.at) else { return .overlapEnds }
        let place = max(barrier, due.at, from)
        let isFrozen = openings.withoutFreezes.interval(from: place)?.start != openings.interval(from: place)?.start
        return openings.freezes.isEmpty || !isFrozen ? .windowOpens : .freezeEnds
    }

    /// As the next listing confirms it, whose date has no fractions.
    private func overlapEnd(publishedAt: Instant, _ overlap: Duration? = nil) -> Instant {
        Instant(unixSeconds: publishedAt.unixSeconds + 1) + (overlap ?? policy.overlap)
    }

    private mutating func published(at instant: Instant) {
        let scheduled = request == nil ? due : nil
        let overlap =
            request?.compromise?.rotationsLeft == 2 ? min(policy.overlap, Policy.compromisedOverlap) : policy.overlap
        if request?.compromise?.rotationsLeft == 2 {
            request?.compromise?.rotationsLeft = 1
        } else {
            request = nil
        }
        current = current.other
        publishedAt = instant
        barrier = overlapEnd(publishedAt: instant, overlap)
        due = settings.due(publishedAt: instant, after: scheduled)
        retirement = policy.retire && request == nil ? barrier : nil
    }
}
