import Synchronization

/// Lets one task wait until it is signalled or a sleep ends. Signals are counted, so that one that comes between
/// looking around and waiting is not lost: the waiter says which count its look around has seen.
package final class Wakeup: Sendable {
    private struct State {
        var signals = 0
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// How often it was signalled.
    package var signals: Int { state.withLock { $0.signals } }

    package init() {}

    package func signal() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            state.signals += 1
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns when there were more signals than `seen`, when `sleep` returns, or when the task is cancelled.
    package func wait(since seen: Int, orUntil sleep: @escaping @Sendable () async throws -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await sleep() }
            group.addTask { await self.signalled(since: seen) }
            await group.next()
            group.cancelAll()
        }
    }

    private func signalled(since seen: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let immediately = state.withLock { state in
                    // Cancellation may have come before the continuation was there to be resumed by it.
                    if state.signals != seen || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if immediately { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }
}
