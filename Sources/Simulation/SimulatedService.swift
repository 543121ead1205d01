import KeyMaterial
import Rotation

/// A regenerate that was sent.
struct SentRegenerate {
    let keyType: KeyType
    let sentAt: Instant
    /// The shortest `settle` that was configured since, while it was not known what became of it.
    var settle: Duration
    /// Both keys, by their index, when it was sent.
    let before: [Int]
    /// The longest, likewise.
    var longestSettle: Duration
    /// The key that it was to kill had been listed to the daemon: what is not known cannot be missed.
    var knewBefore: Bool
    /// The daemon was told that it succeeded.
    var succeeded = false
    /// The first listing after it was answered.
    var listedAt: Instant?
    /// A listing showed the daemon that it ran; a later one may come from a server that is behind.
    var wasSeen = false
    /// The daemon was told that it is not known whether it ran.
    var wasAmbiguous = false
    /// It may still run.
    var isPending = true
    /// How often it runs once more within `settle`.
    var repetitions = 0
}

/// One CommunicationService resource of a simulated Azure, with everything that ever happened to its keys.
struct SimulatedService {
    let id: ResourceID
    /// Of the endpoint in its connection strings.
    var host: String
    /// How often it was made again at another endpoint.
    var moves = 0
    /// The endpoint that the daemon was shown last.
    var shownEndpoint = ""
    /// It is not there until then.
    var deletedUntil = Instant.distantPast
    var keys: [SimulatedKey] = []
    /// The indices of the living ones: Primary, Secondary.
    var living = [0, 0]
    var requests: [SentRegenerate] = []
    /// Both keys as one text; nil when a key has changed since it was made.
    var listing: KeyListing?

    func isDeleted(_ now: Instant) -> Bool { deletedUntil > now }

    static func slot(_ keyType: KeyType) -> Int { keyType == .primary ? 0 : 1 }

    func livingKey(_ keyType: KeyType) -> SimulatedKey { keys[living[Self.slot(keyType)]] }

    func index(of fingerprint: Fingerprint) -> Int? {
        // Nearly always one of the youngest is asked for.
        keys.lastIndex { $0.fingerprint == fingerprint }
    }
}
