import EventCatalog
import HTML
import Rotation
import RotationEngine

/// The page at `/resource/NAME`: everything that is known of one resource, what happened to it, and what comes next.
package struct ResourcePage: Sendable {
    let facts: ResourceFacts
    let daemon: DaemonFacts
    /// What happened, newest first; nil: it cannot be read, for that reason.
    let story: Result<[StoryEvent], Failure>
    /// There are older events.
    let hasMore: Bool
    /// The events are not the latest ones.
    let isLater: Bool
    let range: TimeRange

    private static let root = Reference("../")
    /// So many rotations ahead are shown.
    package static let plannedRotations = 12
    /// So many events are on a page.
    package static let eventsOfPage = 50

    /// - Parameters:
    ///   - story: at most `eventsOfPage` events, newest first.
    ///   - span: nil: as suits the policy.
    package init(
        _ facts: ResourceFacts, daemon: DaemonFacts, story: Result<[StoryEvent], Failure>, hasMore: Bool,
        isLater: Bool, span: TimeRange.Span?, now: Instant
    ) {
        self.facts = facts
        self.daemon = daemon
        self.story = story
        self.hasMore = hasMore
        self.isLater = isLater
        range = TimeRange(span ?? .init(fitting: facts.policy.every), now: now)
    }

    private var now: Instant { range.now }
    private var name: String { facts.status.name }

    /// The document, in UTF-8.
    package func html() -> [UInt8] {
        let health = facts.status.health
        let reason = health.reason.map { $0 == .paused ? "" : ": \($0.rawValue)" } ?? ""
        let frame = PageFrame(
            title: "\(name) \(health.name)\(reason) · keyturn on \(daemon.host)", health: health.name, daemon: daemon,
            now: now, root: Self.root)
        return frame.document { main in
            main.element(.p, .class("back")) { $0.element(.a, .href(Self.root), text: "All resources") }
            main.element(.section, .class("live"), .id("verdict"), .text(.ariaLabelledBy, "how")) { verdict(&$0) }
            main.spans(current: range.span) { self.reference(span: $0) }
            main.element(.section, .class("live"), .id("list")) { section in
                picture(&section)
                section.element(.div, .class("columns")) { columns in
                    columns.element(.dl) { $0.keys(facts, now) }
                    columns.element(.dl) { list in
                        list.term("At Azure") {
                            $0.element(.code) { $0.element(.bdi, text: facts.status.id.description) }
                        }
                        list.consumers(facts)
                        list.term("Regenerates") { $0.text("\(facts.record.regenerations) on record") }
                    }
                }
                section.element(.h2, text: "What comes next")
                plan(&section)
                section.element(.h2, .id("story"), text: "What happened")
                past(&section)
            }
        }
    }

    private func reference(span: TimeRange.Span) -> Reference {
        Reference("./").appending(name).query("span", span.rawValue)
    }

    private func verdict(_ section: inout HTMLWriter) {
        let health = facts.status.health
        section.element(.h1, .id("how"), .class("verdict", health.name)) { heading in
            heading.icon(health.name)
            heading.element(.span, .class("name"), text: name)
        }
        section.element(.div, .class("facts")) { line in
            line.element(.p, .class("cell health")) { $0.healthCell(facts, now) }
            line.element(.p, .class("cell key")) { $0.keyCell(facts, now) }
            line.element(.p, .class("cell next")) { $0.nextCell(facts, now) }
        }
        section.problem(facts, now)
    }

    private func picture(_ section: inout HTMLWriter) {
        let hours = HoursDrawings([facts])
        section.drawings(range, hours.drawings)
        section.element(.div, .class("picture")) { picture in
            picture.axis(range)
            picture.timeline(
                Timeline(facts, range), range, hours: hours.id(of: facts), words: Timeline.words(facts, range))
        }
        section.legend()
    }

    private func plan(_ section: inout HTMLWriter) {
        guard !facts.plan.isEmpty else {
            let why = facts.obstacle.map { "Nothing is planned; \($0)." } ?? "Nothing is planned for a long time."
            section.element(.p, .class("empty")) { $0.element(.bdi, text: why) }
            return
        }
        section.element(.ol, .class("plan")) { list in
            for rotation in facts.plan.prefix(Self.plannedRotations) {
                list.element(.li) { item in
                    item.element(.strong, text: rotation.keyType.rawValue)
                    item.text(" ")
                    item.exact(rotation.at, now: now)
                    if facts.zone.name != "UTC" { item.text(", \(facts.localTime(rotation.at))") }
                    item.element(.span, .class("far"), text: ", \(rotation.cause.words)")
                }
            }
        }
    }

    private func past(_ section: inout HTMLWriter) {
        let here = Reference("./").appending(name)
        if isLater { section.element(.p) { $0.element(.a, .class("button"), .href(here), text: "The latest") } }
        switch story {
        case .failure(let failure):
            section.element(.div, .class("notice", "degraded")) { notice in
                notice.element(.p, text: "The history cannot be read.")
                notice.said(failure.detail)
            }
        case .success(let events):
            Story(name: name, events: events, hasMore: hasMore, now: now).write(&section)
            guard hasMore, let last = events.last else { return }
            section.element(.p) { line in
                line.element(
                    .a, .class("button"), .text(.rel, "next"), .href(here.query("before", String(last.id))),
                    text: "Older")
            }
        }
    }
}
