import ArgumentParser
import Daemon
import KeyturnConfig
import Rotation
import RotationEngine

struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show when each key will be regenerated, and why then.",
        discussion: """
            Made of the configuration file and of what is on record, by the rules that the daemon goes by; nothing is \
            changed, and no daemon is needed. Whatever fails later, is asked for by hand or held, is not in it.

            With --diff, the file given is compared with the configuration: what it would change. With --calendar, one \
            calendar expression is answered for, as 'systemd-analyze calendar' does.
            """)

    @OptionGroup var control: ControlOptions
    @Option(help: ArgumentHelp("How far ahead to look. (default: 30)", valueName: "n")) var days: Int?
    @Option(help: ArgumentHelp("At most so many rotations, or elapses.", valueName: "n")) var count: Int?
    @Option(
        help: ArgumentHelp("From when on: 2026-12-20 or 2026-12-20T03:00:00Z. (default: now)", valueName: "instant"))
    var from: String?
    @Option(help: "How to print it.") var format = PlanFormat.table
    @Option(help: ArgumentHelp("Show what this configuration file would change.", valueName: "path")) var diff: String?
    @Option(help: ArgumentHelp("Show when this calendar expression elapses.", valueName: "expression"))
    var calendar: String?
    @Option(help: ArgumentHelp("The time zone of --calendar. (default: UTC)", valueName: "zone")) var timezone: String?

    /// The furthest that is looked ahead.
    private static let longest = 3650

    func validate() throws {
        guard (1...Self.longest).contains(days ?? 1) else {
            throw ValidationError("--days takes 1 to \(Self.longest).")
        }
        guard (1...100_000).contains(count ?? 1) else { throw ValidationError("--count takes 1 to 100000.") }
        guard from == nil || start != nil else {
            throw ValidationError("--from takes a date or an instant, such as 2026-12-20 or 2026-12-20T03:00:00Z.")
        }
        guard timezone == nil || calendar != nil else {
            throw ValidationError("--timezone is for --calendar; policies name their own.")
        }
        guard calendar == nil || (diff == nil && days == nil && format != .ics) else {
            throw ValidationError("--calendar goes with --count, --from, --timezone and --format table or json only.")
        }
        guard diff == nil || format != .ics else { throw ValidationError("--diff has no ics format.") }
    }

    private var start: Instant? {
        from.flatMap { Instant(rfc3339: $0) ?? Instant(rfc3339: $0 + "T00:00:00Z") }
    }

    func run() async throws {
        let from = start ?? Instant(unixSeconds: SystemClock().now.unixSeconds)
        if let calendar {
            let answer = try CalendarAnswer(calendar, timezone: timezone, from: from, count: count ?? 5)
            return print(format == .json ? try JSONText.encode(answer, pretty: true) : answer.text)
        }
        let named = try load(control.configuration.config)
        let onRecord = try await PlanRecords.read(named, client: control.client())
        let records = onRecord.records
        let loaded = named.enrolling(onRecord.discovered).0
        let plan = plan(loaded, records, from)
        if let diff {
            let changed = try load(diff).enrolling(onRecord.discovered).0
            let changes = PlanDiff(plan, self.plan(changed, records, from), loaded, changed)
            return print(format == .json ? try JSONText.encode(changes, pretty: true) : changes.text)
        }
        switch format {
        case .json: print(try JSONText.encode(PlanReport(plan, loaded), pretty: true))
        case .ics: print(PlanICS(plan, loaded).text, terminator: "")
        case .table: print(PlanTable(plan, loaded, now: from).text)
        }
    }

    private func load(_ path: String) throws -> LoadedConfiguration {
        switch ConfigurationLoader(path: path).load() {
        case .failure(let refused):
            for line in refused.lines + refused.warnings { printError(line) }
            throw ExitStatus.configuration
        case .success(let loaded):
            for warning in loaded.warnings { printError(warning.description) }
            return loaded
        }
    }

    private func plan(_ loaded: LoadedConfiguration, _ records: [ResourceID: RotationRecord], _ from: Instant)
        -> RotationPlan
    {
        let resources = loaded.resources.map { resource in
            RotationPlan.Resource(
                settings: resource.settings, subscription: resource.id.subscription, record: records[resource.id])
        }
        guard let count, days == nil else {
            return RotationPlan(resources, from: from, until: from + .seconds((days ?? 30) * 86_400), count: count)
        }
        // As far ahead as it takes.
        var days = 30
        while true {
            let plan = RotationPlan(resources, from: from, until: from + .seconds(days * 86_400), count: count)
            if plan.rotations.count >= count || days >= Self.longest { return plan }
            days = min(days * 4, Self.longest)
        }
    }
}

enum PlanFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, ics
}
