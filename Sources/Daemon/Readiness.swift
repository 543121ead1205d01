import Synchronization

/// Runs `action` once, when every part that was named has said that it is ready.
final class Readiness: Sendable {
    private let missing: Mutex<Set<String>>
    private let action: @Sendable () -> Void

    init(waitingFor parts: Set<String>, _ action: @escaping @Sendable () -> Void) {
        missing = Mutex(parts)
        self.action = action
    }

    var isComplete: Bool { missing.withLock(\.isEmpty) }

    func ready(_ part: String) {
        let complete = missing.withLock { missing in
            missing.remove(part) != nil && missing.isEmpty
        }
        if complete { action() }
    }
}
