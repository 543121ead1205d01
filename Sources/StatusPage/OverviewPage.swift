import EventCatalog
import HTML
import Rotation
import RotationEngine

/// The page at `/`: how all is, and a row for each resource, problems first.
package struct OverviewPage: Sendable {
    let overview: Overview
    let query: OverviewQuery
    let daemon: DaemonFacts
    /// The rows, in order.
    let rows: [ResourceFacts]
    let range: TimeRange

    var now: Instant { range.now }

    package init(
        _ overview: Overview, _ query: OverviewQuery, daemon: DaemonFacts, rows: [ResourceFacts], now: Instant
    ) {
        self.overview = overview
        self.query = query
        self.daemon = daemon
        self.rows = rows
        range = TimeRange(overview.span, now: now)
    }

    /// The document, in UTF-8.
    package func html() -> [UInt8] {
        let verdict = Verdict(overview, daemon, now)
        let frame = PageFrame(
            title: "\(verdict.short) · keyturn on \(daemon.host)", health: verdict.health, daemon: daemon, now: now,
            root: Reference("./"))
        return frame.document { main in
            main.element(.section, .class("live"), .id("verdict"), .text(.ariaLabelledBy, "how")) { section in
                verdict.write(&section, daemon, overview, now)
                kinds(&section)
            }
            controls(&main)
            main.element(.section, .class("live"), .id("list"), .text(.ariaLabelledBy, "resources")) { list(&$0) }
        }
    }

    private func kinds(_ section: inout HTMLWriter) {
        guard !overview.kinds.isEmpty else { return }
        section.element(.ul, .class("kinds")) { list in
            for kind in overview.kinds {
                list.element(.li, .class("kind", kind.health.name)) { self.kind(kind, &$0) }
            }
        }
    }

    private func kind(_ kind: Overview.Kind, _ item: inout HTMLWriter) {
        item.element(.h3) { heading in
            heading.health(kind.health)
            heading.text(" ")
            heading.element(.code, text: kind.reason.rawValue)
            heading.element(.span, .class("far")) { far in
                far.text(" \(Words.count(kind.names.count, "resource")), for ")
                far.time(kind.since, text: TimeText.span(now - kind.since))
            }
        }
        item.advice(kind.reason, name: kind.names.count == 1 ? kind.names.first : nil)
        item.element(.p, .class("names")) { names in
            for name in kind.names.prefix(8) {
                names.element(.a, .class("name"), .href(Reference("./resource/").appending(name)), text: name)
                names.text(" ")
            }
            if kind.names.count > 8 {
                names.element(
                    .a, .class("name"), .href(query.reference(filter: kind.reason.rawValue)),
                    text: "and \(kind.names.count - 8) more")
            }
        }
    }

    private func controls(_ main: inout HTMLWriter) {
        main.element(.form, .class("find"), .text(.role, "search"), .text(.method, "get"), .action(Reference("./"))) {
            form in
            form.element(
                .label, .class("unseen"), .text(.for, "q"),
                text: "Only resources with this in their name, Azure id, policy, health or reason")
            form.element(
                .input, .id("q"), .text(.type, "search"), .text(.name, "q"), .text(.value, query.filter),
                .text(.maxlength, "\(OverviewQuery.longestFilter)"), .text(.autocomplete, "off"),
                .text(.placeholder, "Name, policy, health, reason"))
            if let span = query.span {
                form.element(.input, .text(.type, "hidden"), .text(.name, "span"), .text(.value, span.rawValue))
            }
            form.element(.button, .text(.type, "submit"), text: "Filter")
            if !query.filter.isEmpty {
                form.element(.a, .class("button"), .href(query.reference(filter: "")), text: "All")
            }
        }
        main.spans(current: range.span) { query.reference(page: query.page, span: $0) }
    }

    private func list(_ section: inout HTMLWriter) {
        let hours = HoursDrawings(rows)
        section.drawings(range, hours.drawings)
        section.element(.div, .class("bar")) { bar in
            bar.element(.h2, .id("resources"), text: heading)
            pages(&bar)
        }
        guard !rows.isEmpty else {
            section.element(.p, .class("empty"), text: emptiness)
            return
        }
        section.element(.div, .class("heads"), .text(.ariaHidden, "true")) { heads in
            for word in ["Resource", "Health", "Published", "Next"] { heads.element(.span, text: word) }
            heads.axis(range)
        }
        section.element(.ul, .class("rows")) { list in
            for facts in rows { list.row(facts, range, hours: hours.id(of: facts)) }
        }
        section.legend()
        section.element(.div, .class("bar")) { pages(&$0) }
    }

    private var heading: String {
        let found = query.filter.isEmpty ? "" : " with “\(query.filter)”"
        guard overview.matching > rows.count, !rows.isEmpty else {
            return "\(Words.count(overview.matching, "resource"))\(found)"
        }
        let first = (query.page - 1) * Overview.rowsOfPage + 1
        return "Resources \(first) to \(first + rows.count - 1) of \(overview.matching)\(found)"
    }

    private var emptiness: String {
        if overview.total == 0 {
            return daemon.discovery.isEmpty
                ? "The configuration has no resources yet."
                : "The configuration names no resources, and none were discovered yet."
        }
        return query.filter.isEmpty
            ? "There is no page \(query.page)."
            : "No resource has “\(query.filter)” in its name, Azure id, policy, health or reason."
    }

    private func pages(_ bar: inout HTMLWriter) {
        guard overview.pages > 1 else { return }
        bar.element(.nav, .class("pages"), .text(.ariaLabel, "Pages")) { nav in
            if query.page > 1 {
                nav.element(
                    .a, .class("button"), .text(.rel, "prev"), .href(query.reference(page: query.page - 1)),
                    text: "Previous")
            }
            nav.element(.span, text: "Page \(query.page) of \(overview.pages)")
            if query.page < overview.pages {
                nav.element(
                    .a, .class("button"), .text(.rel, "next"), .href(query.reference(page: query.page + 1)),
                    text: "Next")
            }
        }
    }
}

extension HTMLWriter {
    /// Links to the same page with more or less time in its pictures.
    mutating func spans(current: TimeRange.Span, _ reference: (TimeRange.Span) -> Reference) {
        element(.nav, .class("spans"), .text(.ariaLabel, "Time shown")) { nav in
            nav.element(.span, .class("far"), text: "Time shown ±")
            for span in TimeRange.Span.allCases {
                if span == current {
                    nav.element(
                        .a, .href(reference(span)), .text(.ariaCurrent, "true"), text: span.rawValue)
                } else {
                    nav.element(.a, .href(reference(span)), text: span.rawValue)
                }
            }
        }
    }

    /// What the shapes of the pictures mean.
    mutating func legend() {
        element(.p, .class("legend")) { legend in
            for (kind, words) in [
                ("current", "published"), ("overlap", "superseded, still works"), ("planned", "planned"),
                ("window", "rotations may begin"), ("freeze", "freeze"), ("trouble", "not well"),
            ] {
                legend.element(.span) { entry in
                    entry.element(.svg, .class("key"), .text(.ariaHidden, "true")) { svg in
                        let strip = kind == "window" || kind == "trouble"
                        if kind == "freeze" {
                            svg.element(.rect, .class(kind), .fill("frost"), .pixels(.width, 18), .pixels(.height, 10))
                        } else {
                            svg.element(
                                .rect, .class(kind == "trouble" ? "trouble degraded" : kind),
                                .pixels(.y, strip ? 4 : 0), .pixels(.width, 18), .pixels(.height, strip ? 3 : 10))
                        }
                    }
                    entry.text(words)
                }
            }
            for (kind, words) in [
                ("adopted", "first published"), ("rotated", "rotated"), ("mended", "mended"),
                ("retired", "old value killed"),
            ] {
                legend.element(.span) { entry in
                    entry.element(.svg, .class("key"), .text(.ariaHidden, "true")) { svg in
                        svg.element(
                            .use, .class("mark", kind), .href(.fragment("m-\(kind)")), .pixels(.x, 9), .pixels(.y, 5))
                    }
                    entry.text(words)
                }
            }
            legend.element(.span, text: "P Primary, S Secondary")
        }
    }
}

/// The windows and freezes of each policy on a page, drawn once.
struct HoursDrawings {
    private(set) var drawings: [(id: String, openings: Openings)] = []
    private var ids: [Timing: String] = [:]

    init(_ rows: [ResourceFacts]) {
        for facts in rows {
            guard let timing = facts.policy.timing, !timing.openings.areAlways, ids[timing] == nil else { continue }
            let id = "hours-\(drawings.count)"
            ids[timing] = id
            drawings.append((id, timing.openings))
        }
    }

    func id(of facts: ResourceFacts) -> String? { facts.policy.timing.flatMap { ids[$0] } }
}
