import Rotation
import RotationEngine
import Synchronization

/// A clock that a test moves. Time passes only by `advance`; the wall clock can also be `step`ped, which ends no sleep.
package final class ManualClock: WallClock {
    private struct Sleeper {
        let id: Int
        let deadline: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var start: Instant
        var elapsed = Duration.zero
        var offset = Duration.zero
        var nextID = 0
        var sleepers: [Sleeper] = []
        var sleeps: [Duration] = []
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    /// - Parameter start: what both the wall clock and the true time show first.
    package init(_ start: Instant = Instant(unixSeconds: 1_750_000_000)) {
        state = Mutex(State(start: start))
    }

    package var now: Instant { state.withLock { $0.start + $0.elapsed + $0.offset } }

    /// The time of day without the wall clock's steps: what Azure's clock shows.
    package var trueNow: Instant { state.withLock { $0.start + $0.elapsed } }

    /// How much time really passed.
    package var elapsed: Duration { state.withLock { $0.elapsed } }

    /// What every sleep so far was asked to last, in order.
    package var sleeps: [Duration] { state.withLock { $0.sleeps } }

    package var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// When the first sleeper is to wake, as a value of `elapsed`; nil when nobody sleeps.
    package var earliestDeadline: Duration? { state.withLock { $0.sleepers.map(\.deadline).min() } }

    package func sleep(for duration: Duration) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            state.sleeps.append(duration)
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                fallAsleep(id, for: duration, continuation)
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private func fallAsleep(_ id: Int, for duration: Duration, _ continuation: CheckedContinuation<Void, any Error>) {
        let outcome: Result<Void, any Error>? = state.withLock { state in
            if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
            if duration <= .zero { return .success(()) }
            state.sleepers.append(Sleeper(id: id, deadline: state.elapsed + duration, continuation: continuation))
            return nil
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    /// Returns when somebody sleeps, or the task is cancelled.
    package func waitForSleeper() async {
        while sleepers == 0, !Task.isCancelled { await Task.yield() }
    }

    /// Lets time pass; wakes who slept long enough, the earliest first.
    package func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.elapsed += duration
            let elapsed = state.elapsed
            let woken = state.sleepers.filter { $0.deadline <= elapsed }.sorted { $0.deadline < $1.deadline }
            state.sleepers.removeAll { $0.deadline <= elapsed }
            return woken
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Sets the wall clock forward, or back when negative. No time passes, so nobody wakes.
    package func step(by duration: Duration) {
        state.withLock { $0.offset += duration }
    }
}
