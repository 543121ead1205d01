import KeyturnConfig
import Rotation
import Synchronization

/// How each rule under `discover` fares, for the status and the metrics.
final class DiscoveryBoard: Sendable {
    struct Entry: Sendable {
        var scope: String
        /// When its list was complete last; nil: not since the start.
        var listedAt: Instant?
        /// Why the last look failed; nil: it did not.
        var failure: Failure?
        /// Since when looks have failed; nil: the last one did not.
        var failingSince: Instant?
    }

    private let entries = Mutex<[(rule: Configuration.DiscoveryRule, entry: Entry)]>([])

    var all: [Entry] { entries.withLock { $0.map(\.entry) } }

    /// Keeps, in their order, what is known of these rules.
    func forget(otherThan rules: [Configuration.DiscoveryRule]) {
        entries.withLock { entries in
            entries = rules.map { rule in
                entries.first { $0.rule == rule } ?? (rule, Entry(scope: rule.scope))
            }
        }
    }

    func listed(_ rule: Configuration.DiscoveryRule, at now: Instant) {
        change(rule) { entry in
            entry.listedAt = now
            (entry.failure, entry.failingSince) = (nil, nil)
        }
    }

    func failed(_ rule: Configuration.DiscoveryRule, _ failure: Failure, at now: Instant) {
        change(rule) { entry in
            entry.failure = failure
            if entry.failingSince == nil { entry.failingSince = now }
        }
    }

    private func change(_ rule: Configuration.DiscoveryRule, _ body: (inout Entry) -> Void) {
        entries.withLock { entries in
            guard let place = entries.firstIndex(where: { $0.rule == rule }) else { return }
            body(&entries[place].entry)
        }
    }
}
