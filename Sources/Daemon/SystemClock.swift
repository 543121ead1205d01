import FoundationEssentials
import Rotation
import RotationEngine

/// The machine's clock: the wall clock for instants, sleeps that also count suspend.
package struct SystemClock: WallClock {
    package init() {}

    package var now: Instant {
        Instant(unixMicroseconds: Int64((Date.now.timeIntervalSince1970 * 1_000_000).rounded(.down)))
    }

    package func sleep(for duration: Duration) async throws {
        try await Task.sleep(
            for: duration, tolerance: min(duration / 20, Duration.seconds(1)), clock: ContinuousClock())
    }
}
