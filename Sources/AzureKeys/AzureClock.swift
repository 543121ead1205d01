import FoundationEssentials
import Rotation

/// Time and chance as the adapter sees them, handed in so that tests neither sleep nor roll dice.
package struct AzureClock: Sendable {
    /// For the age of tokens: never steps.
    package var monotonic: @Sendable () -> ContinuousClock.Instant
    /// For the dates of signed calls.
    package var wall: @Sendable () -> Instant
    /// Waits between tries; throws when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// A number from 0 to 1 that spreads the tries of many callers.
    package var jitter: @Sendable () -> Double

    package init(
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant,
        wall: @escaping @Sendable () -> Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        jitter: @escaping @Sendable () -> Double
    ) {
        self.monotonic = monotonic
        self.wall = wall
        self.sleep = sleep
        self.jitter = jitter
    }

    /// The clocks of this machine.
    package static let system = AzureClock(
        monotonic: { .now },
        wall: { Instant(unixMicroseconds: Int64((Date.now.timeIntervalSince1970 * 1_000_000).rounded(.down))) },
        sleep: { try await Task.sleep(for: $0) },
        jitter: { .random(in: 0...1) })
}
