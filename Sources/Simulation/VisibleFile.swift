import Rotation

/// What consumers have read, or may read now, from the file of one configured resource.
struct VisibleFile {
    /// A connection string that was published and replaced: consumers may use it until `goodUntil`.
    struct Replaced {
        let key: Int
        let replacedAt: Instant
        /// Who did it.
        let by: Hand
        /// The overlap, from the replacement.
        var goodUntil: Instant
    }

    /// The metadata says that the previous connection string works until then.
    struct Promise {
        let key: Int
        let madeAt: Instant
        let until: Instant
    }

    /// How far the last key, when a hand put it there, has come to the daemon's notice. Only what is kept survives a crash:
    /// until then nobody can promise that the key goes on working.
    enum Notice {
        case none, read, listed, kept
    }

    var name: String
    let service: Int
    /// The configuration has the resource under this name.
    var isManaged = true
    /// When the daemon last began to look at it.
    var lookedAt = Instant.distantPast
    /// When the daemon last wrote it.
    var writtenAt = Instant.distantPast
    /// What was under way, as the ledger has it, and since when.
    var step: (name: String, of: Fingerprint?) = ("", nil)
    var stepSince = Instant.distantPast
    /// The bytes of the file; nil when it cannot be read.
    var content: [UInt8]?
    /// The key in it; nil when it is none.
    var key: Int?
    var since: Instant
    /// The last key that could be read.
    var lastKey: Int?
    var notice = Notice.kept
    /// When its policy's calendar elapses for a key that was published then, under a policy of then.
    var elapse: (publishedAt: Instant, policyChangedAt: Instant, at: Instant)?
    var replaced: [Replaced] = []
    /// What the last publication says of the string before it; nil: nothing, or by a clock that is wrong.
    var promise: Promise?
    /// Since when consumers are told to use a key that is dead, or nothing.
    var brokenSince: Instant?
    /// The one that was dead then.
    var deadKey: Int?
    /// What the last publication that returned left there: no crash may take it away.
    var durable: [UInt8]?
    /// What publications left there since then that did not return: a crash may leave any of it.
    var unreturned: [[UInt8]] = []
    /// A hand changed it since then.
    var isExcused = false
    /// When a power failure last undid a publication that had not returned: what was told of it is gone with it.
    var undoneAt = Instant.distantPast
    /// When each consumer was last told.
    var told: [String: Instant] = [:]
    /// The same under the names that it had: who gives it one of them back before anybody saw the other has changed nothing.
    var toldAs: [String: [String: Instant]] = [:]
    /// The key that each simulated reader holds, and until when it may at least.
    var readers: [Int?] = [nil, nil]

    /// The resource is published under another name from now on: its consumers read there what they have now.
    mutating func rename(_ name: String) {
        toldAs[self.name] = told
        told = toldAs[name] ?? [:]
        self.name = name
        content = nil
        key = nil
        durable = nil
        unreturned = []
        isExcused = true
    }
}
