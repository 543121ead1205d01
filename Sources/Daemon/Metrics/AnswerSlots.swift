import Synchronization

/// Bounds how many long answers are made or on their way at a time, so that nobody who asks for many of them, and reads
/// none, takes up memory or the engine's time.
final class AnswerSlots: Sendable {
    /// Taken until it goes away with the answer that holds it.
    final class Slot: Sendable {
        private let slots: AnswerSlots

        fileprivate init(_ slots: AnswerSlots) {
            self.slots = slots
        }

        deinit {
            slots.used.withLock { $0 -= 1 }
        }
    }

    private let limit: Int
    private let used = Mutex(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// nil when all are taken.
    func take() -> Slot? {
        let isFree = used.withLock { used in
            guard used < limit else { return false }
            used += 1
            return true
        }
        return isFree ? Slot(self) : nil
    }
}
