import Crypto
import FoundationEssentials

/// One of a resource's two keys: what Resource Manager shows, and what the data plane takes.
///
/// A regenerate kills the old key at once on both sides. Only the faults `propagationDelay` and `oldKeyLingers` part
/// the two sides for a while.
struct KeySlot: Sendable {
    private struct Accepted: Sendable {
        let key: SymmetricKey
        let from: Date
        var until: Date
    }

    private(set) var text: String
    private(set) var fingerprint: String
    private var accepted: [Accepted]

    init(now: Date) {
        let made = GeneratedKey()
        text = made.text
        fingerprint = made.fingerprint
        accepted = [Accepted(key: made.signingKey, from: .distantPast, until: .distantFuture)]
    }

    mutating func regenerate(now: Date, propagation: TimeInterval, linger: TimeInterval) {
        for position in accepted.indices {
            accepted[position].until = min(accepted[position].until, now.addingTimeInterval(linger))
        }
        accepted.removeAll { $0.until <= now }
        let made = GeneratedKey()
        text = made.text
        fingerprint = made.fingerprint
        accepted.append(
            Accepted(key: made.signingKey, from: now.addingTimeInterval(propagation), until: .distantFuture))
    }

    /// The keys that the data plane takes at this instant.
    func signingKeys(now: Date) -> [SymmetricKey] {
        accepted.filter { $0.from <= now && now < $0.until }.map(\.key)
    }
}
