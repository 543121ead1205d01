import KeyMaterial
import Rotation

/// One version that stood in a `MemoryPublisher`.
package struct MemoryPublication: Sendable {
    package let order: PublicationOrder
    package let current: ConnectionString
    package let previous: ConnectionString?
    /// When, by `ManualClock.elapsed`.
    package let at: Duration
    /// The policy's, when it was published.
    package let overlap: Duration
    /// When another key took its place; nil while it is current.
    package internal(set) var supersededAt: Duration?

    /// Until when it is promised to work; nil while it is current.
    package var goodUntil: Duration? { supersededAt.map { $0 + overlap } }
}
