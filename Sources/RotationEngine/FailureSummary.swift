import EventCatalog
import Rotation

/// What is told of several resources together, or again.
struct FailureSummary: Equatable {
    /// `alsoFailing`, `stillFailing` or `alsoRecovered`.
    var event: DaemonEvent
    var reason: Reason
    /// Whom it is about.
    var names: [String]
    /// How many are failing for that reason now.
    var failing: Int
    /// Failures in a row of all of them.
    var attempts = 0
    var since: Instant?
    var detail: String?
    var isHeld = false
}
