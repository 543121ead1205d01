import Rotation
import RotationEngine

/// An engine that runs, and the hands on its clock.
package struct RunningEngine: Sendable {
    package let engine: RotationEngine
    package let clock: ManualClock
    /// Opens when `run` has returned.
    let end: Gate

    /// Returns when `run` has returned, or the task is cancelled.
    package func waitForEnd() async {
        while !end.isOpen, !Task.isCancelled { await Task.yield() }
    }

    package var hasEnded: Bool { end.isOpen }

    /// Waits until nothing is at work and the engine's loop sleeps. Resources in `ignored` may hang.
    package func idle(ignoring ignored: Set<String> = []) async {
        // A loop that was just woken looks idle until it has looked around; it sleeps again only after that.
        repeat {
            await Task.yield()
            await clock.waitForSleeper()
        } while await !engine.isIdle(ignoring: ignored) && !Task.isCancelled
        // The sleep that a signal cut short may have been the one just seen.
        await clock.waitForSleeper()
    }

    /// To the end of the loop's sleep, or to `end` when that is earlier.
    private func sleepOn(to end: Duration) {
        guard let deadline = clock.earliestDeadline else { return }
        clock.advance(by: min(end, deadline) - clock.elapsed)
    }

    /// Lets time pass, sleep by sleep, as the engine would see it.
    ///
    /// - Parameter ignored: resources that may hang meanwhile.
    package func advance(by duration: Duration, ignoring ignored: Set<String> = []) async {
        let end = clock.elapsed + duration
        await idle(ignoring: ignored)
        while clock.elapsed < end, !Task.isCancelled {
            sleepOn(to: end)
            await idle(ignoring: ignored)
        }
    }

    /// Lets time pass until the condition holds; false when it did not within `limit`.
    package func advance(
        atMost limit: Duration, ignoring ignored: Set<String> = [],
        until condition: ([ResourceStatus]) async -> Bool
    ) async -> Bool {
        let end = clock.elapsed + limit
        await idle(ignoring: ignored)
        while await !condition(engine.status()) {
            guard clock.elapsed < end, !Task.isCancelled else { return false }
            sleepOn(to: end)
            await idle(ignoring: ignored)
        }
        return true
    }

    /// The status of one resource.
    package func status(_ name: String) async -> ResourceStatus? {
        await engine.status().first { $0.name == name }
    }
}
