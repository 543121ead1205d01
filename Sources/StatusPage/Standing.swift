import EventCatalog
import Rotation
import RotationEngine

/// Whether a resource needs somebody. The worst comes first.
enum Standing: Int, Comparable, CaseIterable {
    /// Held: it waits for an operator.
    case held
    /// It fails, and will go on failing until somebody mends what makes it fail.
    case failing
    /// It fails, is tried again, and that usually helps.
    case retried
    /// Somebody stopped rotations.
    case paused
    case well

    /// What usually passes needs somebody when it lasts as long; the alert for degraded resources waits as long, too.
    static let patience = Duration.seconds(3600)

    init(_ status: ResourceStatus, _ now: Instant) {
        self.init(status.health, since: status.since, now)
    }

    init(_ health: Health, since: Instant, _ now: Instant) {
        switch health {
        case .ok: self = .well
        case .paused: self = .paused
        case .held: self = .held
        case .degraded(let reason):
            self = reason.usuallyPasses && now - since < Self.patience ? .retried : .failing
        }
    }

    var needsSomebody: Bool { self <= .failing }

    static func < (left: Standing, right: Standing) -> Bool { left.rawValue < right.rawValue }
}
