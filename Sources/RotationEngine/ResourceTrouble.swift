import Rotation

/// One resource that is not well, and why.
struct ResourceTrouble: Hashable {
    var name: String
    var reason: Reason
    var isHeld: Bool
    var detail: String?
    var since: Instant
    /// Failures in a row; 0 when it is no failure that is retried.
    var attempts: Int
}
