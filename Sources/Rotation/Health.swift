/// How a resource is, in one word and one reason.
package enum Health: Hashable, Sendable {
    case ok
    /// Something fails and is retried.
    case degraded(Reason)
    /// Nothing is regenerated until an operator resumes.
    case held(Reason)
    /// Somebody stopped rotations.
    case paused

    package var name: String {
        switch self {
        case .ok: "ok"
        case .degraded: "degraded"
        case .held: "held"
        case .paused: "paused"
        }
    }

    package var reason: Reason? {
        switch self {
        case .ok: nil
        case .degraded(let reason), .held(let reason): reason
        case .paused: .paused
        }
    }
}

extension RotationMachine {
    package func health(_ now: Instant) -> Health {
        if let hold = record.hold { return .held(hold.reason) }
        if let trouble = record.trouble { return .degraded(trouble.failure.reason) }
        if case .uncertain = record.phase { return .degraded(.undecided) }
        if isMending { return .degraded(isMoving ? .endpointChanged : .currentKeyChanged) }
        if let ageLimit, ageLimit <= now { return .degraded(.keyTooOld) }
        return isPaused ? .paused : .ok
    }

    /// What consumers were told to use is dead, and its successor not published yet.
    private var isMending: Bool {
        switch record.phase {
        case .verifying(let candidate), .publishing(let candidate, _): candidate.purpose == .mending
        default: false
        }
    }

    /// The key is the published one, at another endpoint.
    private var isMoving: Bool {
        switch record.phase {
        case .verifying(let candidate), .publishing(let candidate, _):
            candidate.fingerprint == record.current?.fingerprint
        default: false
        }
    }

    /// The sentence that goes with `health`, and since when it is so.
    package func explanation(_ now: Instant) -> (detail: String, since: Instant)? {
        if let hold = record.hold { return (hold.detail, hold.since) }
        if let trouble = record.trouble { return (trouble.failure.detail, trouble.since) }
        if case .uncertain(_, let uncertainty) = record.phase {
            return (uncertainty.failure.detail, uncertainty.since)
        }
        if isMending, isMoving {
            return ("the connection strings name another endpoint than the published one; it is being checked", now)
        }
        if isMending {
            return ("the published key was regenerated behind our back; its successor is being checked", now)
        }
        if let ageLimit, ageLimit <= now { return ("the published key is older than the policy's maxAge", ageLimit) }
        return nil
    }
}
