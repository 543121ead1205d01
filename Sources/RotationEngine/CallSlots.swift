import Rotation
import Synchronization

/// Bounds how many calls are under way. Callers wait in order, drift checks behind all others; those in trouble never hold
/// more than half of the slots, so that a resource whose calls time out one after the other does not delay one that is well.
final class CallSlots: Sendable {
    private struct Waiter {
        let id: Int
        let troubled: Bool
        let urgency: Urgency
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var used = 0
        var usedByTroubled = 0
        var nextID = 0
        var waiters: [Waiter] = []
        var cancelled: Set<Int> = []
        var closed = false

        mutating func enqueue(_ waiter: Waiter) {
            let firstDriftCheck = waiter.urgency == .work ? waiters.firstIndex { $0.urgency == .driftCheck } : nil
            waiters.insert(waiter, at: firstDriftCheck ?? waiters.endIndex)
        }
    }

    private let limit: Int
    private let troubledLimit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = max(1, limit)
        troubledLimit = max(1, limit / 2)
    }

    /// How many callers wait for a slot.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Runs `body` in a slot. Throws `CancellationError` when cancelled, or closed, while waiting for one.
    func withSlot<Result>(
        troubled: Bool, urgency: Urgency = .work, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> sending Result
    ) async throws -> sending Result {
        try await acquire(troubled: troubled, urgency)
        defer { release(troubled: troubled) }
        return try await body()
    }

    /// Nobody is admitted any more, and nobody waits any more; what runs in a slot goes on.
    func close() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            state.closed = true
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(throwing: CancellationError()) }
    }

    private func acquire(troubled: Bool, _ urgency: Urgency) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Swift.Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.contains(id) || state.closed { return .failure(CancellationError()) }
                    if admit(troubled, &state) { return .success(()) }
                    state.enqueue(
                        Waiter(id: id, troubled: troubled, urgency: urgency, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                    // It does not wait yet, or not any more.
                    state.cancelled.insert(id)
                    return nil
                }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    private func release(troubled: Bool) {
        let admitted = state.withLock { state -> Waiter? in
            state.used -= 1
            if troubled { state.usedByTroubled -= 1 }
            // One slot is free now, so at most one is admitted.
            guard let index = state.waiters.firstIndex(where: { admit($0.troubled, &state) }) else { return nil }
            return state.waiters.remove(at: index)
        }
        admitted?.continuation.resume()
    }

    private func admit(_ troubled: Bool, _ state: inout State) -> Bool {
        guard state.used < limit, !troubled || state.usedByTroubled < troubledLimit else { return false }
        state.used += 1
        if troubled { state.usedByTroubled += 1 }
        return true
    }
}
