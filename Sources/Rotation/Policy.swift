/// When and how the keys of a resource turn.
package struct Policy: Hashable, Sendable {
    package enum Mode: String, Codable, CaseIterable, Sendable {
        /// Rotations follow the schedule.
        case auto
        /// Rotations happen when an operator asks.
        case manual
        /// No rotation at all; a published key that was killed from outside is still replaced.
        case paused
    }

    /// What happens when the published key gets as old as `maxAge` while its rotation waits for a window or a freeze.
    package enum OnDeadline: String, Codable, CaseIterable, Sendable {
        /// It is rotated all the same, in time.
        case rotate
        /// It waits on, and its age is shouted about.
        case alert
    }

    /// Signed data-plane calls that must succeed before a new key is published.
    package struct Verification: Hashable, Sendable {
        /// Successes in a row.
        package var probes: Int
        /// Time between two of them.
        package var spacing: Duration
        /// How long a refused key may take to become accepted.
        package var timeout: Duration

        package init(probes: Int = 3, spacing: Duration = .seconds(10), timeout: Duration = .seconds(900)) {
            self.probes = probes
            self.spacing = spacing
            self.timeout = timeout
        }

        /// From a refused call to the next one: as a new key spreads no sooner for it, no shorter than is of use.
        var pauseAfterRefusal: Duration { max(spacing, min(.seconds(10), timeout / 60)) }
    }

    /// From one rotation to the next. With a calendar expression, the longest time between two of its elapses.
    package var every: Duration
    /// A calendar expression, windows and freezes; nil: none of them.
    package var timing: Timing?
    /// How long a superseded connection string goes on working.
    package var overlap: Duration
    /// Added to when a rotation is due: a share of it that is the same for a resource every time and differs between
    /// resources.
    package var jitter: Duration
    package var mode: Mode
    /// A published key older than this is shouted about; nil: one and a half times `every`, plus `jitter`.
    package var maxAge: Duration?
    package var onDeadline: OnDeadline
    /// The resource of the policy that rotates before all others; nil: none does.
    package var canary: String?
    /// So many rotations in a row that fail stop the others of the policy; nil: none do.
    package var stopAfter: Int?
    /// nil: new keys are published without a probe.
    package var verification: Verification?
    /// How long an undecided regenerate may still land.
    package var settle: Duration
    /// After `overlap`, regenerate the superseded key too.
    package var retire: Bool
    /// Waiting times after the first, second, … failure in a row; the last one repeats.
    package var retry: [Duration]
    /// How often both keys are compared with what is expected while nothing else happens.
    package var driftCheck: Duration

    /// The longest overlap between the two rotations of a compromise: consumers that are told take a new string within
    /// seconds, and every minute is one more for whoever has the old one.
    package static let compromisedOverlap = Duration.seconds(600)

    package static let defaultRetry: [Duration] = [
        .seconds(10), .seconds(60), .seconds(300), .seconds(900), .seconds(3600),
    ]

    package init(
        every: Duration, overlap: Duration, jitter: Duration = .zero, mode: Mode = .auto, maxAge: Duration? = nil,
        verification: Verification? = Verification(), settle: Duration = .seconds(120), retire: Bool = false,
        retry: [Duration] = Policy.defaultRetry, driftCheck: Duration = .seconds(3600), timing: Timing? = nil,
        onDeadline: OnDeadline = .alert, canary: String? = nil, stopAfter: Int? = nil
    ) {
        self.every = every
        self.overlap = overlap
        self.jitter = jitter
        self.mode = mode
        self.maxAge = maxAge
        self.verification = verification
        self.settle = settle
        self.retire = retire
        self.retry = retry
        self.driftCheck = driftCheck
        self.timing = timing
        self.onDeadline = onDeadline
        self.canary = canary
        self.stopAfter = stopAfter
    }
}
