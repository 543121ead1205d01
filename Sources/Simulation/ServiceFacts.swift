import Rotation
import RotationEngine

/// What the world knows about one resource beside its keys, to judge what the daemon does.
struct ServiceFacts {
    /// Numbers for what hands do to it.
    var random: SeededRandom
    /// Since when nothing went wrong with it.
    var calmSince = World.start
    /// For how long Azure asked to be left alone last. Where the clock was set since, it may have become as long from then on.
    var leftAlone = Duration.zero
    /// The policy before the last change of the configuration, and when that was.
    var formerPolicy: Policy?
    var policyChangedAt = Instant.distantPast
    /// The longest overlap of all former policies that may still be promised, and until when it may be.
    var formerOverlap = Duration.zero
    var formerOverlapUntil = Instant.distantPast
    /// An operator's rotation was accepted and is not fulfilled.
    var isRequested = false
    /// When it was last accepted.
    var requestedAt: Instant?
    /// When the record last said that a rotation was published.
    var rotatedAt = Instant.distantPast
    /// When it was last held.
    var heldAt = Instant.distantPast
    /// How many rotations of a compromise are still to come.
    var compromiseLeft = 0
    /// The keys that an operator said last are known to others: none of them may live on.
    var compromisedKeys: [Int] = []
    var compromisedAt = Instant.distantPast
    /// An operator stopped rotations, and was told so.
    var isPaused = false
    /// When the pause ends by itself, at the earliest and at the latest: a later word may count already, or not yet.
    var pauseEnd = Instant.distantFuture...Instant.distantFuture
    /// An operator asked to stop rotations, and was not told that they go on.
    var mayBePaused = false
    /// What Azure did that justifies a hold, and when it did so last.
    var grounds: [Reason: Instant] = [:]
    /// The regenerate that the daemon has not decided yet.
    var openRequest: Int?
    /// What Azure showed contradicts what was asked, and the daemon was told: it must not regenerate.
    var contradiction: String?
    /// The ledger has been written since: until then a crash, or a ledger that cannot be written, makes the daemon forget
    /// it, and what Azure shows next may be older.
    var isContradictionKept = false
    /// Since when a new key is listed, and nothing was kept of it.
    var unkeptSince: Instant?
    /// What the daemon knows is lost with its ledger.
    var ledgerLostAt = Instant.distantPast
    /// When the last rotation that the schedule began was sent, where the policy has `stopAfter`; nil: nobody need care.
    var attemptedAt: Instant?
    /// Of one that went well before its peers forgot it: they need not, where it is back soon.
    var formerSuccess = Instant.distantPast
    /// When what may have been one was sent, or a retirement: it will show in what is published.
    var unclearAttemptAt: Instant?
    /// What came of it is not known, or it failed.
    var isAttemptOpen = false
    /// It was when the resource left the configuration, or was changed there: it may go on where it comes back at once.
    var mayGoOn = false
    /// When a signed call last said nothing about its key, for what is between this host and the data plane.
    var silentAt = Instant.distantPast
    /// It is held, and nobody resumed it.
    var isHeld = false
    /// When a hand last changed what stands in the secrets directory.
    var tamperedAt = Instant.distantPast
    var calls = CallTally()
    /// When a regenerate was last sent that only a retirement may want.
    var retiredAt = Instant.distantPast

    init(random: SeededRandom) {
        self.random = random
    }
}

extension ServiceFacts {
    /// What was promised under a policy is kept under the next ones, and may have begun when something was seen late.
    mutating func rememberOverlap(_ overlap: Duration, _ now: Instant) {
        formerOverlap = now < formerOverlapUntil ? max(formerOverlap, overlap) : overlap
        formerOverlapUntil = now + formerOverlap + .seconds(15 * 86_400)
    }
}

extension World {
    /// The policies that may be in force: a new one only after the step that is under way.
    func policies(of service: Int) -> [Policy] {
        guard let file = files.first(where: { $0.service == service }), let resource = resource(named: file.name)
        else { return facts[service].formerPolicy.map { [$0] } ?? [] }
        let facts = facts[service]
        guard let former = facts.formerPolicy, now - facts.policyChangedAt < .seconds(600) else {
            return [resource.settings.policy]
        }
        return [resource.settings.policy, former]
    }

    /// The shortest overlap that may be promised now.
    ///
    /// - Parameter rotating: what is superseded is the other key type's; else the same one's, which was mended.
    func overlap(of service: Int, rotating: Bool = true) -> Duration {
        let overlap = policies(of: service).map(\.overlap).min() ?? .zero
        let isShortened = facts[service].compromiseLeft > (rotating ? 1 : 0)
        return isShortened ? min(overlap, World.compromisedOverlap) : overlap
    }
}
