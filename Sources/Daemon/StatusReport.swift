import FoundationEssentials
import Rotation
import RotationEngine

/// What `keyturn status --format json` prints and `GET /v1/status` answers: every field is always there, `null` when
/// there is nothing to say. It holds no secret.
package struct StatusReport: Codable, Hashable, Sendable {
    package struct DaemonState: Codable, Hashable, Sendable {
        package var version: String
        package var pid: Int32
        package var startedAt: Instant
        package var configuration: ConfigurationState
        /// How each rule under `discover` fares.
        package var discovery: [Discovery] = []
    }

    package struct Discovery: Codable, Hashable, Sendable {
        /// Where it looks: an ARM id.
        package var scope: String
        /// When its list was complete last; nil: not since the start.
        @Nullable package var listedAt: Instant?
        /// Why the last look failed; nil: it did not.
        @Nullable package var reason: Reason?
        @Nullable package var detail: String?
    }

    package struct ConfigurationState: Codable, Hashable, Sendable {
        package var path: String
        package var loadedAt: Instant
        /// Why the last reload was refused; nil when the configuration on disk is the running one.
        @Nullable package var error: String?
    }

    package struct Resource: Codable, Hashable, Sendable {
        package var name: String
        package var id: String
        package var phase: String
        @Nullable package var keyType: KeyType?
        @Nullable package var version: Int?
        @Nullable package var fingerprint: Fingerprint?
        @Nullable package var publishedAt: Instant?
        @Nullable package var previousGoodUntil: Instant?
        @Nullable package var next: Next?
        package var health: String
        @Nullable package var reason: Reason?
        /// One sentence for `reason`.
        @Nullable package var detail: String?
        /// Since when the health is what it is.
        package var since: Instant
        package var mode: Policy.Mode
        /// The operator who stopped rotations; nil: nobody.
        @Nullable package var pausedBy: String?
        @Nullable package var pausedSince: Instant?
        /// When the pause ends by itself; nil: at `keyturn resume`.
        @Nullable package var pausedUntil: Instant?
        @Nullable package var pauseReason: String?
        /// Regenerates that were put on record so far.
        package var regenerations: Int
        package var policy: String
        /// When the published key becomes older than the policy allows.
        @Nullable package var tooOldAt: Instant?
        /// Consumers that were not told of the published version yet.
        package var undelivered: Int
        /// Only where one resource was asked for.
        @Nullable package var details: StatusDetails?
    }

    package struct Next: Codable, Hashable, Sendable {
        package var at: Instant
        package var keyType: KeyType
    }

    package var daemon: DaemonState
    /// Of all resources, whichever of them `resources` has.
    package var summary: StatusSummary
    package var resources: [Resource]
}

extension StatusReport.Discovery {
    init(_ entry: DiscoveryBoard.Entry) {
        self.init(
            scope: entry.scope, listedAt: entry.listedAt, reason: entry.failure?.reason, detail: entry.failure?.detail)
    }
}

extension StatusReport.Resource {
    init(_ status: ResourceStatus) {
        let next = status.nextAt.flatMap { at in
            status.nextKeyType.map { StatusReport.Next(at: at, keyType: $0) }
        }
        self.init(
            name: status.name, id: status.id.description, phase: status.phase, keyType: status.publication?.keyType,
            version: status.publication?.version, fingerprint: status.publication?.fingerprint,
            publishedAt: status.publication?.publishedAt, previousGoodUntil: status.previousGoodUntil, next: next,
            health: status.health.name, reason: status.health.reason, detail: status.detail, since: status.since,
            mode: status.mode, pausedBy: status.pausedBy, pausedSince: status.pausedSince,
            pausedUntil: status.pausedUntil, pauseReason: status.pauseReason, regenerations: status.regenerations,
            policy: status.policyName, tooOldAt: status.ageLimit, undelivered: status.undelivered, details: nil)
    }
}

/// An optional that is written as `null` instead of being left out.
@propertyWrapper
package struct Nullable<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    package var wrappedValue: Value?

    package init(wrappedValue: Value?) {
        self.wrappedValue = wrappedValue
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

/// The JSON the daemon and its commands speak: sorted keys, slashes as they are.
package enum JSONText {
    package static func encode(_ value: some Encodable, pretty: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from text: some Sequence<UInt8>) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text))
    }
}
