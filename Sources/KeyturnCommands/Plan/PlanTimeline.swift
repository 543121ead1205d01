import Daemon
import KeyturnConfig
import Rotation
import RotationEngine

/// One row a resource, time across: `P` and `S` where a key of that type is regenerated, `x` where nothing may begin.
struct PlanTimeline {
    private let plan: RotationPlan
    private let loaded: LoadedConfiguration
    private let zones: PlanZones

    private static let columns = 60
    /// More rows are no picture any more.
    private static let mostRows = 40

    init(_ plan: RotationPlan, _ loaded: LoadedConfiguration) {
        self.plan = plan
        self.loaded = loaded
        zones = PlanZones(loaded)
    }

    private var step: Duration { (plan.until - plan.from) / Self.columns }

    private func instant(_ column: Int) -> Instant { plan.from + step * column }

    private func column(of instant: Instant) -> Int {
        min(Self.columns - 1, max(0, Int((instant - plan.from) / step)))
    }

    var text: String {
        let shown = loaded.resources.prefix(Self.mostRows)
        let width = shown.map(\.name.count).max() ?? 0
        func row(_ name: String, _ cells: String) -> String {
            name + String(repeating: " ", count: width - name.count) + "  " + cells
        }
        let byResource = Dictionary(grouping: plan.rotations, by: \.resource)
        var lines = [row("", months)]
        for resource in shown {
            lines.append(row(resource.name, cells(resource.settings, byResource[resource.name] ?? [])))
        }
        if loaded.resources.count > shown.count {
            lines.append("… and \(loaded.resources.count - shown.count) more")
        }
        lines.append("P Primary, S Secondary, * several, x no window, or a freeze")
        return lines.joined(separator: "\n")
    }

    private func cells(_ settings: RotationSettings, _ rotations: [PlannedRotation]) -> String {
        var cells = (0..<Self.columns).map { column -> Character in
            guard let openings = settings.policy.timing?.openings, !openings.areAlways else { return "·" }
            let next = openings.interval(from: instant(column))?.start ?? .distantFuture
            return next >= instant(column + 1) ? "x" : "·"
        }
        for rotation in rotations {
            let column = column(of: rotation.at)
            cells[column] = "·x".contains(cells[column]) ? rotation.keyType.rawValue.first ?? "?" : "*"
        }
        return String(cells)
    }

    /// Names of months, and days where there is room, above the columns in which they begin.
    private var months: String {
        var text = ""
        var last = ""
        for column in 0..<Self.columns {
            let words = TimeZoneRules.utc.text(instant(column)).split(separator: " ")
            let month = words.count > 1 ? String(words[1].prefix(7)) : ""
            if month != last, text.count <= column {
                text += String(repeating: " ", count: column - text.count) + month + " "
            }
            last = month
        }
        return text.last == " " ? String(text.dropLast()) : text
    }
}
