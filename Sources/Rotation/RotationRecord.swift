/// Everything about one resource that must survive a restart: one row of the ledger. It holds no secret.
package struct RotationRecord: Hashable, Codable, Sendable {
    package var phase: Phase = .adopting
    /// What consumers are told to use; nil until the first publication.
    package var current: Publication?
    /// What `listKeys` showed when it was last agreed with; nil until adoption.
    package var keys: KeyFingerprints?
    /// Values that a key type had and has no more, oldest first; none ever comes back.
    package var replaced: [Fingerprint] = []
    /// Until then the superseded connection string is promised to work: no regenerate is sent before. nil: none was
    /// ever superseded.
    package var previousGoodUntil: Instant?
    /// The overlap of the last publication, until a later listing tells when, by Azure's clock, it began at the latest:
    /// this machine's may be wrong, or be set at any moment.
    package var unconfirmedOverlap: Duration?
    /// The longest overlap that was promised: no `previousGoodUntil` lies further ahead unless a clock was wrong, and a
    /// shorter one in the configuration does not take back a promise.
    package var promisedOverlap: Duration?
    /// When the next scheduled rotation is due, and the schedule it was computed from: another schedule computes anew,
    /// a restart does not.
    package var due: Due?
    /// The last scheduled rotation; nil: there was none, or the policy has no `stopAfter`.
    package var attempt: Attempt?
    /// An operator's wish to rotate now, kept until it is fulfilled.
    package var request: Request?
    /// The superseded key is still to be regenerated (`retire: true`).
    package var retirementPending = false
    /// A regenerate since the last rotation was undecided for a while, so a duplicate may still land.
    package var duplicateMayLand = false
    /// Looks after a publication of a key of ours, which a late duplicate may follow, soonest first.
    package var watch: [Instant] = []
    /// Regenerates put on record so far: numbers the operation ids.
    package var regenerations = 0
    /// Consumers that were told of `current.version`, in the order they were.
    package var told: [String] = []
    /// `RotationSettings.files` at the last publication.
    package var files: String?
    /// Nothing is regenerated until an operator resumes.
    package var hold: Hold?
    /// The operator who stopped rotations; nil: nobody did. What follows is nil then, too.
    package var pausedBy: String?
    /// When; nil also in a ledger of before it was kept.
    package var pausedSince: Instant?
    /// When the pause ends by itself; nil: it does not.
    package var pausedUntil: Instant?
    /// Why, in the operator's words.
    package var pauseReason: String?
    /// What keeps failing, at most one for each step; empty when the last attempt of everything succeeded.
    package var troubles: [Trouble] = []
    /// The age of the published key was shouted about.
    package var ageReported = false

    package init() {}

    /// The trouble that lasts longest.
    package var trouble: Trouble? {
        troubles.min { $0.since < $1.since }
    }

    package func trouble(with step: Trouble.Step) -> Trouble? {
        troubles.first { $0.step == step }
    }
}

/// A published connection string.
package struct Publication: Hashable, Codable, Sendable {
    package var keyType: KeyType
    package var fingerprint: Fingerprint
    package var version: Int
    /// When this *key* was first published; repairing its files does not change it.
    package var publishedAt: Instant
    /// The endpoint of the published connection string; nil when it is not known.
    package var endpoint: String?
    /// `publishedAt` is by this machine's clock, which no listing had confirmed; nil: it is not.
    var isUndated: Bool?

    package init(
        keyType: KeyType, fingerprint: Fingerprint, version: Int, publishedAt: Instant, endpoint: String? = nil
    ) {
        self.keyType = keyType
        self.fingerprint = fingerprint
        self.version = version
        self.publishedAt = publishedAt
        self.endpoint = endpoint
    }
}

package struct Request: Hashable, Codable, Sendable {
    package var actor: String
    package var at: Instant
    /// Keys are known to others; nil: an ordinary rotation.
    package var compromise: Compromise?
}

/// A rotation of both keys, one after the other, because they are known to others.
package struct Compromise: Hashable, Codable, Sendable {
    package var reason: String
    /// 2, or 1 when the first of them is published.
    package var rotationsLeft: Int
}

package struct Hold: Hashable, Codable, Sendable {
    package var reason: Reason
    package var detail: String
    package var since: Instant
}

/// A failure that is being retried.
package struct Trouble: Hashable, Codable, Sendable {
    /// What was attempted; the same step succeeding ends the trouble.
    package enum Step: String, Codable, Sendable {
        case look, regenerate, verify, publish, deliver
    }

    package var step: Step
    package var failure: Failure
    package var since: Instant
    /// Failures in a row.
    package var count: Int
    package var retryAt: Instant

    package init(step: Step, failure: Failure, since: Instant, count: Int, retryAt: Instant) {
        self.step = step
        self.failure = failure
        self.since = since
        self.count = count
        self.retryAt = retryAt
    }
}

/// The intent of one regenerate, on record before the request is sent.
package struct Intent: Hashable, Codable, Sendable {
    package enum Purpose: String, Codable, Sendable {
        /// The regenerated key becomes the published one.
        case rotation
        /// The regenerated key replaces the superseded one, so that a leaked old key dies.
        case retirement
    }

    package var operationID: String
    package var keyType: KeyType
    package var purpose: Purpose
    /// Both keys as a `listKeys` just before showed them.
    package var before: KeyFingerprints
    package var at: Instant
    package var actor: String
}

/// A key on its way to the secrets directory.
package struct Candidate: Hashable, Codable, Sendable {
    package enum Purpose: String, Codable, Sendable {
        /// First publication of a resource for which nothing was published yet.
        case adoption
        /// The regenerated other key becomes current.
        case rotation
        /// The superseded key was regenerated; current stays.
        case retirement
        /// The current key, or the endpoint it is good for, was changed behind our back: what is good now replaces it.
        case mending
        /// The files are not what was published; nothing changed at Azure.
        case repair
    }

    package var keyType: KeyType
    package var fingerprint: Fingerprint
    /// Where the key is good for, as listed when the verification began: a key is proven at one endpoint only.
    package var endpoint: String?
    package var purpose: Purpose
    /// Probes that succeeded in a row.
    package var successes = 0
    /// Since when the key is refused by the data plane.
    package var deniedSince: Instant?

    /// Since when calls say nothing about the key.
    package var silentSince: Instant?
    /// Azure's time in the first listing since then that told it.
    package var silentDate: Instant?
    /// They did so for as long as it might have been refused, and what it replaces is dead. nil: no.
    package var isUnproven: Bool?

    /// Of a repair: consumers may have read the other key, which another hand had put there. nil: no.
    package var heldOther: Bool?

    /// What consumers may hold is superseded by it.
    var supersedes: Bool { purpose != .repair || heldOther == true }

    /// The key as listed.
    init(_ keyType: KeyType, of keys: KeyFingerprints, purpose: Purpose) {
        self.keyType = keyType
        fingerprint = keys[keyType]
        endpoint = keys.endpoint
        self.purpose = purpose
    }

    /// What is published, to be written anew.
    init(repairing current: Publication, heldOther: Bool = false) {
        self.heldOther = heldOther ? true : nil
        keyType = current.keyType
        fingerprint = current.fingerprint
        endpoint = current.endpoint
        purpose = .repair
    }
}

/// What is to stand in the secrets directory, without the secrets themselves.
package struct PublicationOrder: Hashable, Codable, Sendable {
    package var keyType: KeyType
    package var fingerprint: Fingerprint
    /// The endpoint of the connection string; nil only in a ledger that does not know it.
    package var endpoint: String?
    package var version: Int
    package var publishedAt: Instant
    /// The other key, when consumers may still hold it.
    package var previous: Fingerprint?
    package var previousGoodUntil: Instant?
    package var nextRotation: Instant?
    /// As `Publication.isUndated`.
    var isUndated: Bool?

    package init(
        keyType: KeyType, fingerprint: Fingerprint, endpoint: String? = nil, version: Int, publishedAt: Instant,
        previous: Fingerprint?, previousGoodUntil: Instant?, nextRotation: Instant?
    ) {
        self.keyType = keyType
        self.fingerprint = fingerprint
        self.endpoint = endpoint
        self.version = version
        self.publishedAt = publishedAt
        self.previous = previous
        self.previousGoodUntil = previousGoodUntil
        self.nextRotation = nextRotation
    }
}
