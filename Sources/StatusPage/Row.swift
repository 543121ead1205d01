import HTML
import Rotation
import RotationEngine

extension HTMLWriter {
    /// One resource of the overview: what there is to say in a line, its picture, and more behind it.
    mutating func row(_ facts: ResourceFacts, _ range: TimeRange, hours: String?) {
        let status = facts.status
        element(.li, .class("row", status.health.name), .id("row-\(status.name)")) { item in
            item.element(.details, .text(.dataKey, status.name)) { details in
                details.element(.summary) { summary in
                    summary.name(facts)
                    summary.element(.span, .class("cell health")) { $0.healthCell(facts, range.now) }
                    summary.element(.span, .class("cell key")) { $0.keyCell(facts, range.now) }
                    summary.element(.span, .class("cell next")) { $0.nextCell(facts, range.now) }
                    summary.timeline(
                        Timeline(facts, range), range, hours: hours, words: Timeline.words(facts, range))
                }
                details.element(.div, .class("detail")) { $0.detail(facts, range.now) }
            }
        }
    }

    private mutating func name(_ facts: ResourceFacts) {
        element(.span, .class("cell who")) { cell in
            cell.element(.h3, text: facts.status.name)
            let mode = facts.policy.mode == .auto ? "" : ", \(facts.policy.mode.rawValue)"
            cell.element(.small, text: facts.view.settings.policyName + mode)
        }
    }

    mutating func healthCell(_ facts: ResourceFacts, _ now: Instant) {
        let status = facts.status
        element(.span, .class("unseen"), text: "Health: ")
        element(.span, .class("first")) { $0.health(status.health) }
        guard status.health != .ok else { return }
        element(.small) { line in
            if let reason = status.health.reason, reason != .paused {
                line.element(.code, text: reason.rawValue)
                line.text(" ")
            }
            if status.health != .paused { line.text("for \(TimeText.span(now - status.since))") }
            if let who = status.pausedBy { line.pause(status, who, now) }
        }
    }

    /// Who stopped rotations, for how long already, until when, and why.
    private mutating func pause(_ status: ResourceStatus, _ who: String, _ now: Instant) {
        text(status.health == .paused ? "by " : "; paused by ")
        element(.bdi, text: who)
        if let since = status.pausedSince {
            text(" ")
            relative(min(since, now), now: now)
        }
        if let until = status.pausedUntil {
            text(", ends ")
            relative(until, now: now)
        }
        if let reason = status.pauseReason {
            text(": ")
            element(.bdi, text: reason)
        }
    }

    mutating func keyCell(_ facts: ResourceFacts, _ now: Instant) {
        element(.span, .class("unseen"), text: "Published: ")
        guard let current = facts.record.current else {
            element(.span, .class("first"), text: "nothing yet")
            return
        }
        element(.span, .class("first"), text: "\(current.keyType) v\(current.version)")
        let age = max(.zero, now - current.publishedAt)
        guard let limit = facts.view.ageLimit, limit > current.publishedAt else {
            element(.small, text: TimeText.span(age))
            return
        }
        let longest = limit - current.publishedAt
        let share = Double(age.wholeMicroseconds) / Double(longest.wholeMicroseconds) * 100
        element(.small, text: "\(TimeText.span(age)) of \(TimeText.span(longest))")
        element(.svg, .class("age"), .text(.ariaHidden, "true")) { svg in
            svg.element(.rect, .class("limit"), .percent(.width, 100), .pixels(.height, 4))
            svg.element(
                .rect, .class(share >= 100 ? "old" : "used"), .percent(.width, min(100, share)), .pixels(.height, 4))
        }
    }

    mutating func nextCell(_ facts: ResourceFacts, _ now: Instant) {
        let status = facts.status
        element(.span, .class("unseen"), text: "Next: ")
        if facts.isUnderWay {
            element(.span, .class("first"), text: status.phase)
            element(.small, text: facts.record.phase.subject.map { "\($0)" } ?? "under way")
        } else if let at = status.nextAt, let keyType = status.nextKeyType {
            element(.span, .class("first")) { line in
                line.text("\(keyType) ")
                if at <= now { line.text("due") } else { line.relative(at, now: now) }
            }
            let wait = at <= now ? facts.view.blocker.flatMap(Self.wait) : nil
            element(.small, text: wait ?? facts.localTime(at))
        } else {
            element(.span, .class("first"), text: "none planned")
            if let obstacle = facts.shortObstacle { element(.small) { $0.element(.bdi, text: obstacle) } }
        }
    }

    /// Why it waits although it is due.
    private static func wait(_ blocker: RotationBlocker) -> String? {
        switch blocker {
        case .peers: "waits for others of its policy"
        case .overlap: "waits for the overlap to end"
        case .notDue: "waits for a window"
        default: nil
        }
    }
}

extension ResourceFacts {
    /// A rotation or a delivery has begun and not ended.
    var isUnderWay: Bool { !["settled", "held", "adopting"].contains(status.phase) }

    /// `Sat 12 Dec 02:14 CET`
    func localTime(_ instant: Instant) -> String {
        let words = zone.text(instant).split(separator: " ")
        guard words.count == 4 else { return TimeText.exact(instant) }
        let date = words[1].split(separator: "-")
        guard date.count == 3, let day = Int(date[2]), let month = Int(date[1]), (1...12).contains(month) else {
            return TimeText.exact(instant)
        }
        return "\(words[0]) \(day) \(TimeText.months[month - 1]) \(words[2].prefix(5)) \(words[3])"
    }

    var shortObstacle: String? {
        if record.hold != nil { return "until it is resumed" }
        if let who = record.pausedBy {
            return status.pausedUntil.map { "paused until \(localTime($0))" } ?? "paused by \(who)"
        }
        switch policy.mode {
        case .auto: return obstacle
        case .manual: return "only when asked for"
        case .paused: return "paused by its policy"
        }
    }
}

extension Phase {
    /// The key type that it is about.
    var subject: KeyType? {
        switch self {
        case .regenerating(let intent), .uncertain(let intent, _), .confirming(let intent, _, _): intent.keyType
        case .verifying(let candidate), .publishing(let candidate, _): candidate.keyType
        case .adopting, .settled, .delivering: nil
        }
    }
}
