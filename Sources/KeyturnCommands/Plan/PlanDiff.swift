import Daemon
import KeyturnConfig
import Rotation
import RotationEngine

/// What another configuration would change in the plan: the n-th rotation of each resource before and after.
struct PlanDiff: Encodable {
    struct Change: Encodable {
        var resource: String
        /// nil: there was none.
        var before: PlanReport.Rotation?
        /// nil: there will be none.
        var after: PlanReport.Rotation?
    }

    let from: Instant
    let until: Instant
    let changes: [Change]

    init(
        _ before: RotationPlan, _ after: RotationPlan, _ loaded: LoadedConfiguration, _ changed: LoadedConfiguration
    ) {
        from = before.from
        until = max(before.until, after.until)
        let zones = (before: PlanZones(loaded), after: PlanZones(changed))
        let old = Self.byID(before, loaded)
        let new = Self.byID(after, changed)
        var changes: [Change] = []
        for id in Set(old.keys).union(new.keys).sorted(by: { $0.description < $1.description }) {
            let (olds, news) = (old[id] ?? [], new[id] ?? [])
            for index in 0..<max(olds.count, news.count) {
                let one = index < olds.count ? olds[index] : nil
                let other = index < news.count ? news[index] : nil
                // An end of the plan that moved is no change of what is planned.
                if other == nil, let one, one.at >= after.until { continue }
                if one == nil, let other, other.at >= before.until { continue }
                guard
                    one?.at.wholeSecond != other?.at.wholeSecond || one?.keyType != other?.keyType
                        || one?.resource != other?.resource
                else { continue }
                changes.append(
                    Change(
                        resource: other?.resource ?? one?.resource ?? "",
                        before: one.map { PlanReport.Rotation($0, zones.before) },
                        after: other.map { PlanReport.Rotation($0, zones.after) }))
            }
        }
        let start = before.from
        self.changes = changes.sorted { left, right in
            (left.before?.at ?? left.after?.at ?? start, left.resource)
                < (right.before?.at ?? right.after?.at ?? start, right.resource)
        }
    }

    private static func byID(_ plan: RotationPlan, _ loaded: LoadedConfiguration) -> [ResourceID: [PlannedRotation]] {
        let ids = Dictionary(loaded.resources.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        var byID: [ResourceID: [PlannedRotation]] = [:]
        for rotation in plan.rotations {
            if let id = ids[rotation.resource] { byID[id, default: []].append(rotation) }
        }
        return byID
    }

    var text: String {
        guard !changes.isEmpty else { return "No planned rotation changes until \(until)." }
        var table = Table(header: ["RESOURCE", "KEY", "IS PLANNED FOR", "WHY", "WOULD BE PLANNED FOR", "WHY"])
        for change in changes {
            let keyType = (change.after ?? change.before)?.keyType.rawValue ?? "-"
            table.append([
                change.resource, keyType, change.before?.at.description ?? "-", change.before?.reason ?? "-",
                change.after?.at.description ?? "-", change.after?.reason ?? "-",
            ])
        }
        return table.text
    }

    private enum CodingKeys: String, CodingKey {
        case from, until, changes
    }
}
