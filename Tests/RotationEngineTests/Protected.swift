import Synchronization

/// A value that several tasks of a test change.
final class Protected<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) {
        state = Mutex(value)
    }

    var value: Value { state.withLock { $0 } }

    func change(_ body: @Sendable (inout Value) -> Void) {
        state.withLock { body(&$0) }
    }
}

/// Waits until the condition holds, or the task is cancelled: by the time limit of its suite.
func poll(until condition: () async -> Bool) async {
    while await !condition(), !Task.isCancelled { await Task.yield() }
}
