import Synchronization

/// Remembers what commands said when they failed, so that one that fails again and again does not fill the journal.
final class FailedOutputs: Sendable {
    private struct Key: Hashable {
        let resource: String
        let consumer: ConsumerID
    }

    private let last = Mutex<[Key: Int]>([:])

    /// Whether the output is another than that of the failure before.
    ///
    /// - Parameter lines: nil: it did not fail, so its next failure is new.
    func isNew(_ lines: [String]?, _ resource: String, _ consumer: ConsumerID) -> Bool {
        last.withLock { last in
            let key = Key(resource: resource, consumer: consumer)
            let hash = lines?.hashValue
            defer { last[key] = hash }
            return hash == nil || last[key] != hash
        }
    }
}
