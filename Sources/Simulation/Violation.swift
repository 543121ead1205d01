import Rotation

/// A law of the design that was broken in a simulated world.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    /// The law's number; 0 for what is no law but must not happen either.
    package let law: Int
    package let at: Instant
    package let resource: String
    package let detail: String

    package var description: String {
        "law \(law) broken at \(at), \(resource): \(detail)"
    }
}
