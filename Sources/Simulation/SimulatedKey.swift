import KeyMaterial
import Rotation

/// One value that a key type of a simulated resource had or has.
struct SimulatedKey {
    enum Death {
        case outsideHand
        /// A regenerate of ours, and how long after it was sent it ran.
        case regenerated(request: Int, after: Duration)
        /// Azure changed it although the other key type was asked for.
        case wrongKeyType
    }

    let keyType: KeyType
    /// As Azure shows it now.
    var connectionString: ConnectionString
    let fingerprint: Fingerprint
    let bornAt: Instant
    /// The regenerate of ours that made it, in time.
    let request: Int?
    /// The data plane refuses it until then.
    let acceptedFrom: Instant
    /// The data plane sometimes refuses it until then.
    let flapsUntil: Instant
    /// The data plane refuses it then.
    let refused: Range<Instant>?
    var diedAt: Instant?
    var death: Death?
    /// The data plane takes it until then although it is dead.
    var acceptedUntil = Instant.distantPast

    // What the daemon has been told of it.

    /// When it was listed first.
    var listedAt: Instant?
    /// The same, unless the daemon ended before it kept anything: then it has to be listed again.
    var knownAt: Instant?
    /// When it was listed first, where that was not while a regenerate was undecided.
    var foundAt: Instant?
    /// The overlap that counted then.
    var foundOverlap = Duration.zero
    /// The last signed call with it, and whether it succeeded.
    var probedAt = Instant.distantPast
    var lastProbeSucceeded = false
    /// Since when every signed call with it that was answered was refused; nil: the last one was not.
    var deniedSince: Instant?
    /// The last one that was.
    var deniedAt = Instant.distantPast
    /// The same as `deniedSince`, counted anew where nobody asked for long.
    var deniedInARowSince: Instant?
    var probesSucceeded = 0
    /// Since when signed calls say nothing about it.
    var silentSince: Instant?
    /// The daemon began to publish it.
    var orderedAt: Instant?
    /// How wrong the machine's clock was then.
    var orderError = Duration.zero
    /// Another hand put it into the file.
    var wasPlacedByHand = false
    /// It was what a file told consumers to use, for the first time then.
    var publishedAt: Instant?

    var wasListed: Bool { listedAt != nil }

    /// The regenerate of ours that killed it.
    var killedBy: Int? {
        if case .regenerated(let request, _) = death { request } else { nil }
    }

    /// The text that stands for a key: base64 of 63 bytes, as Azure makes them today, without the signature by which
    /// scanners know a real one. Every key of every world has `marker` in it.
    static func text(number: Int, of resource: Int) -> String {
        let digits = String(number)
        let name = String(resource)
        // The length of the whole is known; counting characters would cost more than all the rest.
        let body = marker + String(repeating: "0", count: 8 - name.utf8.count) + name + "x"
        return body + String(repeating: "0", count: 84 - body.utf8.count - digits.utf8.count) + digits
    }

    static let marker = "SimulatedKey"

    /// Whether a key stands in the text.
    static func isIn(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            // Most texts can be told by one letter.
            for place in bytes.indices where bytes[place] == UInt8(ascii: "K") {
                let begin = place - 9
                if begin >= 0, bytes[begin...].starts(with: marker.utf8) { return true }
            }
            return false
        }
    }
}
