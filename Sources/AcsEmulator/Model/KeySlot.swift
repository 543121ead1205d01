import Crypto
import FoundationEssentials

/// One of a resource's two keys: what Resource Manager shows, and what the data plane takes.
///
/// A regenerate kills the old key at once on both sides. Only the faults `propagationDelay`, `oldKeyLingers` and
/// `flapping` part the two sides for a while.
struct KeySlot: Sendable {
    /// How a change spreads to the data plane, in seconds.
    struct Spread: Equatable, Sendable {
        /// Until the new key is known.
        var propagation: TimeInterval = 0
        /// Until the old key is refused.
        var linger: TimeInterval = 0
        /// Until one of the data plane's two front doors has learnt of the change: it takes the old key, and not the new
        /// one.
        var flapping: TimeInterval = 0
    }

    /// The data plane's front doors.
    enum Door: Sendable {
        case prompt, behind
    }

    private struct Accepted: Sendable {
        let key: SymmetricKey
        let from: Date
        let fromBehind: Date
        var until: Date
        var untilBehind: Date

        func isTaken(at door: Door, _ now: Date) -> Bool {
            switch door {
            case .prompt: from <= now && now < until
            case .behind: fromBehind <= now && now < untilBehind
            }
        }
    }

    private(set) var text: String
    private(set) var fingerprint: String
    private var accepted: [Accepted]

    init(now: Date) {
        let made = GeneratedKey()
        text = made.text
        fingerprint = made.fingerprint
        accepted = [
            Accepted(
                key: made.signingKey, from: .distantPast, fromBehind: .distantPast, until: .distantFuture,
                untilBehind: .distantFuture)
        ]
    }

    mutating func regenerate(now: Date, _ spread: Spread = Spread()) {
        let known = now.addingTimeInterval(spread.propagation)
        let refused = now.addingTimeInterval(spread.linger)
        let learnt = now.addingTimeInterval(spread.flapping)
        for position in accepted.indices {
            accepted[position].until = min(accepted[position].until, refused)
            accepted[position].untilBehind = min(accepted[position].untilBehind, max(refused, learnt))
        }
        accepted.removeAll { $0.until <= now && $0.untilBehind <= now }
        let made = GeneratedKey()
        text = made.text
        fingerprint = made.fingerprint
        accepted.append(
            Accepted(
                key: made.signingKey, from: known, fromBehind: max(known, learnt), until: .distantFuture,
                untilBehind: .distantFuture))
    }

    /// Whether it makes a difference which door a call takes.
    func flaps(now: Date) -> Bool {
        accepted.contains { $0.isTaken(at: .prompt, now) != $0.isTaken(at: .behind, now) }
    }

    /// The keys that the data plane takes at this instant.
    func signingKeys(at door: Door = .prompt, now: Date) -> [SymmetricKey] {
        accepted.filter { $0.isTaken(at: door, now) }.map(\.key)
    }
}
