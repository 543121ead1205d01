import FoundationEssentials
import KeyMaterial
import Rotation

/// One value that a key type of a model resource had, from its birth to its death.
package struct ModelKey: Sendable {
    package enum Death: Sendable {
        /// A regenerate of the client under test, while it could know of it.
        case regenerated
        /// A regenerate of the client under test that landed after its answer.
        case lateLanding
        /// Somebody else regenerated it, or Azure changed a key type that was not asked for.
        case anotherHand
    }

    package let keyType: KeyType
    package let connectionString: ConnectionString
    /// By `ManualClock.elapsed`.
    package let bornAt: Duration
    package internal(set) var diedAt: Duration?
    package internal(set) var death: Death?

    package var fingerprint: Fingerprint { connectionString.fingerprint }

    /// The `number`-th key ever made: 64 bytes counted from the number.
    init(number: Int, keyType: KeyType, of id: ResourceID, bornAt: Duration) {
        var bytes = (0..<56).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0 &* 7) }
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        let text = "endpoint=https://\(id.name).communication.azure.com/;accesskey=\(Data(bytes).base64EncodedString())"
        do {
            connectionString = try ConnectionString(text)
        } catch {
            preconditionFailure("a model connection string does not parse: \(error)")
        }
        self.keyType = keyType
        self.bornAt = bornAt
    }

    func isAlive(at elapsed: Duration) -> Bool {
        bornAt <= elapsed && elapsed < diedAt ?? .seconds(Int64.max / 2)
    }
}
