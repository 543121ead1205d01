import FoundationEssentials

/// One call, or one late landing, as the log tells it. Never a key: fingerprints only.
package struct EmulatorLogEntry: Codable, Sendable {
    /// Counts up from 1; survives the emptying of the log.
    package var sequence = 0
    /// ISO 8601, UTC, by the emulator's own clock without `clockSkew`.
    package var time = ""
    package var method: String
    package var path: String
    package var operation: EmulatedOperation
    /// The ARM id; nil for calls that concern none.
    package var resource: String?
    /// The key type that was asked for.
    package var keyType: EmulatedKeyType?
    /// Whether the operation took effect, whatever was answered.
    package var executed = false
    /// nil when the connection was closed without an answer, or nobody waited for one any more.
    package var status: Int?
    package var clientRequestId: String?
    package var requestId: String?
    /// The key type that really changed; nil when none did.
    package var changedKeyType: EmulatedKeyType?
    /// Of `changedKeyType`, or of `keyType` when nothing changed.
    package var fingerprintBefore: String?
    package var fingerprintAfter: String?
    /// The faults that struck this call.
    package var faults: [EmulatorFaultName] = []
    /// The sequence number of the call that landed late with this entry.
    package var landed: Int?

    init(method: String, path: String, operation: EmulatedOperation) {
        self.method = method
        self.path = path
        self.operation = operation
    }
}

/// The last calls, oldest first. Full, it forgets the oldest.
struct CallLog: Sendable {
    static let capacity = 100_000

    private var ring: [EmulatorLogEntry] = []
    private var oldest = 0
    private(set) var lastSequence = 0

    /// Keeps the entry and gives it the next sequence number, which it returns.
    @discardableResult
    mutating func append(_ entry: EmulatorLogEntry, now: Date) -> Int {
        lastSequence += 1
        var entry = entry
        entry.sequence = lastSequence
        entry.time = now.formatted(.iso8601WithMilliseconds)
        if ring.count < Self.capacity {
            ring.append(entry)
        } else {
            ring[oldest] = entry
            oldest = (oldest + 1) % Self.capacity
        }
        return lastSequence
    }

    /// The entries with a sequence number above this one.
    func entries(since sequence: Int) -> [EmulatorLogEntry] {
        let first = lastSequence - ring.count
        let skipped = min(max(0, sequence - first), ring.count)
        return (skipped..<ring.count).map { ring[(oldest + $0) % ring.count] }
    }

    mutating func empty() {
        ring = []
        oldest = 0
    }
}

extension FormatStyle where Self == Date.ISO8601FormatStyle {
    /// `2026-03-02T01:02:03.004Z`.
    static var iso8601WithMilliseconds: Date.ISO8601FormatStyle {
        Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    }
}
