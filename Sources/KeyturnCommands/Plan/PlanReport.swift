import Daemon
import KeyturnConfig
import Rotation
import RotationEngine

/// `keyturn plan --format json`.
struct PlanReport: Encodable {
    struct Rotation: Encodable, Hashable {
        var at: Instant
        /// What clocks of the policy's time zone show then.
        var local: String
        var resource: String
        var keyType: KeyType
        var reason: String
    }

    /// One hour of one subscription in which keys are regenerated.
    struct Budget: Encodable {
        var subscription: String
        var hour: Instant
        /// `listKeys` and `regenerateKey` of rotations.
        var rotations: Int
        /// `listKeys` of drift checks.
        var driftChecks: Int
        /// What Azure Resource Manager allows in an hour.
        var limit: Int
    }

    struct Unplanned: Encodable {
        var resource: String
        var reason: String
    }

    var from: Instant
    var until: Instant
    var rotations: [Rotation]
    var budget: [Budget]
    var unplanned: [Unplanned]

    init(_ plan: RotationPlan, _ loaded: LoadedConfiguration) {
        from = plan.from
        until = plan.until
        let zones = PlanZones(loaded)
        rotations = plan.rotations.map { Rotation($0, zones) }
        budget = plan.calls.map { calls in
            Budget(
                subscription: calls.subscription, hour: calls.hour, rotations: calls.rotations,
                driftChecks: calls.driftChecks, limit: loaded.writeLimit.perHour)
        }
        unplanned = plan.unplanned.sorted { $0.key < $1.key }.map { Unplanned(resource: $0.key, reason: $0.value) }
    }
}

extension PlanReport.Rotation {
    init(_ rotation: PlannedRotation, _ zones: PlanZones) {
        self.init(
            at: rotation.at.wholeSecond, local: zones.text(rotation.at, of: rotation.resource),
            resource: rotation.resource, keyType: rotation.keyType, reason: rotation.cause.rawValue)
    }
}

extension Instant {
    /// Without its fraction of a second.
    var wholeSecond: Instant { Instant(unixSeconds: unixSeconds) }
}

/// The time zone of each resource's policy.
struct PlanZones {
    private let zones: [String: TimeZoneRules]

    init(_ loaded: LoadedConfiguration) {
        zones = Dictionary(
            loaded.resources.map { resource in
                let timing = resource.settings.policy.timing
                let hasWindows = timing?.openings.areAlways == false
                return (resource.name, (hasWindows ? timing?.openings.zone : timing?.calendarZone) ?? .utc)
            }, uniquingKeysWith: { first, _ in first })
    }

    func zone(of resource: String) -> TimeZoneRules { zones[resource] ?? .utc }

    func text(_ instant: Instant, of resource: String) -> String { zone(of: resource).text(instant) }
}
