import FoundationEssentials
import Synchronization

/// What consumers met with.
struct ConsumerSummary: Codable, Equatable, Sendable {
    var calls = 0
    var refused = 0
    var unreadable = 0
    var otherErrors = 0
    /// Different keys seen.
    var keys = 0
    /// How often the key in a file became another.
    var changes = 0
}

/// Counts for all consumers of a run, and tells what is worth telling.
final class ConsumerTally: Sendable {
    private struct Content {
        var summary = ConsumerSummary()
        var fingerprints: Set<String> = []
        var current: [String: String] = [:]
    }

    private let content = Mutex(Content())
    private let quiet: Bool

    init(quiet: Bool) {
        self.quiet = quiet
    }

    var summary: ConsumerSummary { content.withLock { $0.summary } }

    func saw(_ fingerprint: String, in path: String) {
        let before = content.withLock { content -> String? in
            let before = content.current.updateValue(fingerprint, forKey: path)
            content.fingerprints.insert(fingerprint)
            content.summary.keys = content.fingerprints.count
            if let before, before != fingerprint { content.summary.changes += 1 }
            return before
        }
        guard let before else { return tell("\(path): key \(fingerprint)") }
        if before != fingerprint { tell("\(path): key \(before) -> \(fingerprint)") }
    }

    func couldNotRead(_ path: String, because reason: String) {
        content.withLock { $0.summary.unreadable += 1 }
        tell("\(path): UNREADABLE: \(reason)")
    }

    func answered(_ status: Int, _ path: String, fingerprint: String) {
        content.withLock {
            $0.summary.calls += 1
            if status == 401 {
                $0.summary.refused += 1
            } else if status != 200 {
                $0.summary.otherErrors += 1
            }
        }
        if status == 401 { tell("\(path): REFUSED: 401 with key \(fingerprint)") }
        if status != 200, status != 401 { tell("\(path): answered \(status)") }
    }

    func failed(_ path: String, because reason: String) {
        content.withLock {
            $0.summary.calls += 1
            $0.summary.otherErrors += 1
        }
        tell("\(path): no answer: \(reason)")
    }

    private func tell(_ line: String) {
        if !quiet { Console.error("\(Date().formatted(.iso8601WithMilliseconds)) \(line)") }
    }
}
