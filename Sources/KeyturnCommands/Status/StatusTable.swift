import Daemon
import EventCatalog
import Rotation
import RotationEngine
import Systemd

/// The list of resources, what is wrong first, for a terminal or a pipe.
struct StatusTable {
    let report: StatusReport
    let now: Instant

    private typealias Cell = FittedTable.Cell

    /// - Parameter summaryFirst: the sum of all stands above the list.
    func lines(_ terminal: Terminal, summaryFirst: Bool = false) -> [String] {
        guard report.summary.total > 0 else {
            return ["The running configuration has no resources."] + notices(terminal)
        }
        var lines = table(terminal.isUnicode).lines(terminal)
        let left = report.summary.total - report.resources.count
        if left > 0 {
            let text = "\(terminal.ellipsis) and \(left) more; 'keyturn status --all' lists them."
            lines += Lines.wrapped(text, to: terminal.width).map { terminal.styled($0, .faint) }
        }
        let summary = summaryLines(terminal)
        return summaryFirst
            ? summary + notices(terminal) + [""] + lines : lines + notices(terminal) + [""] + summary
    }

    private func table(_ isUnicode: Bool) -> FittedTable {
        let rows = report.resources
        var columns = [
            FittedTable.Column("RESOURCE", .always, least: 12, usual: 16, rows.map { Cell(text: $0.name) }),
            FittedTable.Column("HEALTH", .always, rows.map { Cell(text: $0.health, style: .health($0.health)) }),
            FittedTable.Column("PHASE", .extra, rows.map { Cell(text: $0.phase) }),
            FittedTable.Column("KEY", .usual, rows.map { Cell(text: $0.keyType?.rawValue ?? "-") }),
            FittedTable.Column("VERSION", .extra, rows.map { Cell(text: $0.version.map(String.init) ?? "-") }),
            bar(rows, isUnicode),
            FittedTable.Column("AGE", .essential, rows.map(age)),
            FittedTable.Column("NEXT", .essential, rows.map(next)),
        ]
        if rows.contains(where: { Self.why($0) != nil }) {
            let cells = rows.map { Cell(text: Self.why($0) ?? "", style: .health($0.health)) }
            columns.append(FittedTable.Column("REASON", .important, least: 12, usual: 18, cells))
        }
        if rows.contains(where: { $0.detail != nil }) {
            let cells = rows.map { Cell(text: PrintableText.escaped($0.detail ?? "")) }
            columns.append(FittedTable.Column("DETAIL", .extra, least: 24, cells))
        }
        return FittedTable(columns: columns, rows: rows.count)
    }

    /// The reason code, and that somebody stopped rotations, whatever weighs more.
    private static func why(_ resource: StatusReport.Resource) -> String? {
        let pause = resource.pausedBy.map { PrintableText.escaped(resource.pauseReason ?? "by \($0)") }
        guard resource.health != "paused" else { return pause ?? "mode: paused" }
        guard let reason = resource.reason else { return nil }
        return reason.rawValue + (pause.map { "; paused: \($0)" } ?? "")
    }

    private func bar(_ rows: [StatusReport.Resource], _ isUnicode: Bool) -> FittedTable.Column {
        FittedTable.Column("", .usual, least: 6, most: 10) { row, width in
            guard let share = KeyAge(rows[row], now)?.share else { return Cell(text: "") }
            return Cell(text: Bar.text(share, width: width, isUnicode: isUnicode), style: Self.style(share))
        }
    }

    static func style(_ share: Double) -> Style { share >= 1 ? .bad : share >= 0.85 ? .warning : .good }

    private func age(_ resource: StatusReport.Resource) -> Cell {
        guard let age = KeyAge(resource, now) else { return Cell(text: "-") }
        return Cell(
            text: ShortSpan.text(age.age) + (age.share ?? 0 >= 1 ? "!" : ""),
            style: age.share ?? 0 >= 1 ? .bad : .plain)
    }

    private func next(_ resource: StatusReport.Resource) -> Cell {
        if resource.health == "held" { return Cell(text: "-") }
        guard let next = resource.next else {
            return Cell(text: resource.mode == .auto ? "-" : resource.mode.rawValue)
        }
        return Cell(text: next.at <= now ? "due" : "in \(ShortSpan.text(next.at - now))")
    }

    private func notices(_ terminal: Terminal) -> [String] {
        discoveryNotices(terminal) + reloadNotices(terminal)
    }

    private func discoveryNotices(_ terminal: Terminal) -> [String] {
        report.daemon.discovery.flatMap { rule -> [String] in
            guard let reason = rule.reason else { return [] }
            let since = rule.listedAt.map { "the last list is of \($0)" } ?? "there was no list since the start"
            let head = "Discovery in \(rule.scope) fails (\(reason.rawValue)); \(since). What is known stays."
            return [""] + Lines.wrapped(head, to: terminal.width).map { terminal.styled($0, .warning) }
                + [rule.detail ?? reason.meaning, "What to do: \(reason.advice)"].flatMap {
                    Lines.indented(PrintableText.escaped($0), by: 2, terminal)
                }
        }
    }

    private func reloadNotices(_ terminal: Terminal) -> [String] {
        guard let error = report.daemon.configuration.error else { return [] }
        let head = "The last reload was refused, and the configuration of \(report.daemon.configuration.loadedAt) runs:"
        let lines = error.split(separator: "\n").flatMap {
            Lines.indented(PrintableText.escaped(String($0)), by: 2, terminal)
        }
        return [""] + Lines.wrapped(head, to: terminal.width).map { terminal.styled($0, .warning) } + lines
    }

    func summaryLines(_ terminal: Terminal) -> [String] {
        let summary = report.summary
        var parts = [StatusTable.counts(summary)]
        if summary.underWay > 0 { parts.append("\(summary.underWay) under way") }
        if let next = summary.next {
            let wait = next.at - now
            parts.append(
                "next \(next.resource) \(next.keyType) " + (wait <= .zero ? "now" : "in \(ShortSpan.text(wait))"))
        }
        var lines = Lines.wrapped(parts.joined(separator: "; "), to: terminal.width)
        // A list that is cut short does not have every reason.
        if report.summary.total > report.resources.count, !summary.byReason.isEmpty {
            let reasons = summary.byReason.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            lines += Lines.wrapped("Reasons: \(reasons)", to: terminal.width)
        }
        if !summary.byReason.isEmpty {
            lines += Lines.wrapped("'keyturn status NAME' says what to do.", to: terminal.width)
        }
        return lines
    }

    /// `12 resources: 1 held, 2 degraded, 9 ok`.
    static func counts(_ summary: StatusSummary) -> String {
        let healths = ["held", "degraded", "paused", "ok"].compactMap { health in
            summary.byHealth[health].map { "\($0) \(health)" }
        }
        return "\(summary.total) \(summary.total == 1 ? "resource" : "resources"): \(healths.joined(separator: ", "))"
    }
}

/// How old a published key is, and how much of its allowed age that is.
struct KeyAge {
    let age: Duration
    /// 1 where it is as old as it may get; nil where that is not known.
    let share: Double?

    /// nil when nothing is published.
    init?(_ resource: StatusReport.Resource, _ now: Instant) {
        guard let publishedAt = resource.publishedAt else { return nil }
        age = max(.zero, now - publishedAt)
        share = resource.tooOldAt.flatMap { limit in
            limit > publishedAt ? max(.zero, now - publishedAt) / (limit - publishedAt) : nil
        }
    }
}
