import Synchronization

/// Whether the engine's loop goes round, and readiness was told: what `/healthz` and `/readyz` answer.
final class Heartbeat: Sendable {
    private struct State {
        var last: ContinuousClock.Instant
        var isReady = false
    }

    /// Longer than the loop ever sleeps, with time for a machine under load.
    let limit: Duration
    private let state: Mutex<State>

    /// - Parameter longestSleep: of the engine's loop.
    init(longestSleep: Duration) {
        limit = longestSleep * 2 + .seconds(10)
        state = Mutex(State(last: .now))
    }

    /// The loop has begun another round.
    func beat() {
        state.withLock { $0.last = .now }
    }

    func ready() {
        state.withLock { $0.isReady = true }
    }

    var isReady: Bool { state.withLock { $0.isReady } }

    /// Since the last round; before the first, since the start.
    var silence: Duration { state.withLock { $0.last }.duration(to: .now) }
}
