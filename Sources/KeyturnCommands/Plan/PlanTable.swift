import Daemon
import KeyturnConfig
import Rotation
import RotationEngine

/// `keyturn plan` for a terminal: the rotations, what they ask of Azure, and a line in time for each resource.
struct PlanTable {
    private let plan: RotationPlan
    private let loaded: LoadedConfiguration
    private let zones: PlanZones
    private let now: Instant

    init(_ plan: RotationPlan, _ loaded: LoadedConfiguration, now: Instant) {
        self.plan = plan
        self.loaded = loaded
        self.now = now
        zones = PlanZones(loaded)
    }

    var text: String {
        var parts = [plan.rotations.isEmpty ? "No rotation is planned until \(plan.until)." : rotations]
        if !plan.unplanned.isEmpty { parts.append(unplanned) }
        if !plan.rotations.isEmpty {
            parts.append(budget)
            parts.append(PlanTimeline(plan, loaded).text)
        }
        let rules = loaded.configuration.discover.count
        if rules > 0 {
            parts.append(
                "Of what \(rules == 1 ? "the rule" : "the \(rules) rules") under 'discover' may find, it has what is on"
                    + " record already.")
        }
        return parts.joined(separator: "\n\n")
    }

    private var rotations: String {
        var table = Table(header: ["LOCAL TIME", "UTC", "IN", "RESOURCE", "KEY", "WHY"])
        for rotation in plan.rotations {
            let wait = rotation.at - now
            table.append([
                zones.text(rotation.at, of: rotation.resource), rotation.at.wholeSecond.description,
                wait <= .zero ? "now" : WholeSeconds.describe(wait), rotation.resource, rotation.keyType.rawValue,
                rotation.cause.rawValue,
            ])
        }
        return table.text
    }

    private var unplanned: String {
        plan.unplanned.sorted { $0.key < $1.key }
            .map { "\($0.key): nothing is planned; \($0.value)" }.joined(separator: "\n")
    }

    /// The busiest hour of each subscription.
    private var budget: String {
        let limit = loaded.writeLimit.perHour
        return Dictionary(grouping: plan.calls, by: \.subscription).sorted { $0.key < $1.key }.compactMap {
            subscription, calls in
            calls.max { ($0.all, $1.hour) < ($1.all, $0.hour) }.map { busiest in
                "Subscription \(subscription): at most \(busiest.all) of \(limit) calls an hour, from \(busiest.hour)"
                    + " (\(busiest.rotations) for rotations, \(busiest.driftChecks) for drift checks)."
            }
        }.joined(separator: "\n")
    }
}
