import EventCatalog
import HTML
import Logging
import Rotation

/// What happened to one resource, newest first, day by day.
struct Story {
    let name: String
    let events: [StoryEvent]
    /// There are older ones.
    let hasMore: Bool
    let now: Instant

    func write(_ section: inout HTMLWriter) {
        guard !events.isEmpty else {
            section.element(.p, .class("empty"), text: "Nothing is on record.")
            return
        }
        var rest = events[...]
        while let first = rest.first {
            let day = String(TimeText.exact(first.at).prefix(10))
            let ofDay = rest.prefix { TimeText.exact($0.at).hasPrefix(day) }
            section.element(.h3, .class("day")) { $0.time(first.at, text: day) }
            section.element(.ol, .class("story")) { list in
                for event in ofDay { list.element(.li, .class("event", event.tone)) { self.event(event, &$0) } }
            }
            rest = rest.dropFirst(ofDay.count)
        }
    }

    private func event(_ event: StoryEvent, _ item: inout HTMLWriter) {
        item.element(.span, .class("when")) { when in
            let exact = TimeText.exact(event.at)
            when.time(event.at, text: String(exact.dropFirst(11)))
            when.element(.span, .class("far"), text: " \(TimeText.relative(event.at, now))")
        }
        item.element(.div, .class("what")) { what in
            what.element(.p) { line in
                line.element(.strong, text: event.message)
                if let keyType = event.keyType { line.text(" \(keyType)") }
                if let version = event.version { line.text(" v\(version)") }
                if let fingerprint = event.fingerprint {
                    line.text(" ")
                    line.element(.code, .class("print"), .text(.title, "fingerprint"), text: fingerprint)
                }
                if let reason = event.reason {
                    line.text(" ")
                    line.element(.code, .class("reason"), text: reason)
                }
                if event.actor != "keyturn" {
                    line.text(" by ")
                    line.element(.bdi, text: event.actor)
                }
                if let id = event.requestID { line.requestID(id) }
            }
            guard let detail = event.detail else { return }
            if event.isTrouble {
                what.said(detail)
            } else {
                what.element(.p, .class("note")) { $0.element(.bdi, text: detail) }
            }
        }
    }
}

extension StoryEvent {
    /// As the journal tells of it.
    fileprivate var message: String { Note.Kind(rawValue: kind)?.journalEvent.message ?? kind }

    fileprivate var isTrouble: Bool { tone == "held" || tone == "degraded" }

    /// How it looks: well, not well, or neither.
    fileprivate var tone: String {
        switch Note.Kind(rawValue: kind)?.journalEvent.level {
        case .error, .critical: "held"
        case .warning: "degraded"
        case .notice where kind == Note.Kind.published.rawValue: "ok"
        default: "plain"
        }
    }
}
