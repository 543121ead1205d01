import Synchronization

/// Holds calls up until a test opens it.
package final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrived = 0
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    package init() {}

    /// How many calls came so far.
    package var arrivals: Int { state.withLock { $0.arrived } }

    /// Returns when the gate is open; throws `CancellationError` when cancelled before.
    package func pass() async throws {
        let id = arrive()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait(id, $0) }
        } onCancel: {
            let waiting = state.withLock { state in
                state.cancelled.insert(id)
                return state.waiting.removeValue(forKey: id)
            }
            waiting?.resume(throwing: CancellationError())
        }
    }

    /// Returns when the gate is open, cancelled or not.
    package func passUncancelled() async {
        let id = arrive()
        // Only a cancellation handler could make it throw, and there is none.
        try? await withCheckedThrowingContinuation { wait(id, $0) }
    }

    private func arrive() -> Int {
        state.withLock { state in
            state.arrived += 1
            return state.arrived
        }
    }

    private func wait(_ id: Int, _ continuation: CheckedContinuation<Void, any Error>) {
        let outcome: Result<Void, any Error>? = state.withLock { state in
            if state.isOpen { return .success(()) }
            if state.cancelled.contains(id) { return .failure(CancellationError()) }
            state.waiting[id] = continuation
            return nil
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    package var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Returns when so many calls came, or the task is cancelled.
    package func waitForArrivals(_ count: Int = 1) async {
        while arrivals < count, !Task.isCancelled { await Task.yield() }
    }

    /// Lets everybody through, now and later.
    package func open() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            state.isOpen = true
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }
}
