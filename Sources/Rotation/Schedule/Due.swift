/// When a scheduled rotation is due.
package struct Due: Hashable, Codable, Sendable {
    /// What decided about the instant.
    package enum Cause: String, Codable, CaseIterable, Sendable {
        /// The policy's period has passed.
        case every
        /// The policy's calendar expression elapses.
        case calendar
        /// The resource's share of the policy's jitter has passed too.
        case jitter
        /// It was due outside the windows.
        case windowOpens = "window opens"
        /// It was due in a freeze.
        case freezeEnds = "freeze ends"
        /// The key gets as old as it may, windows or not.
        case deadline
        /// It was due while nothing could be rotated.
        case overdue

        /// It may be long after the period or the calendar said so.
        var isLate: Bool { self == .deadline || self == .overdue }
    }

    package var at: Instant
    /// The schedule it was computed from.
    package var schedule: String
    /// The instant before jitter, from which the one after it is counted; nil in records of before there was one.
    package var base: Instant?
    package var cause: Cause?

    package init(at: Instant, schedule: String, base: Instant? = nil, cause: Cause? = nil) {
        self.at = at
        self.schedule = schedule
        self.base = base
        self.cause = cause
    }
}
