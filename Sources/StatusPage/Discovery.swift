import EventCatalog
import HTML
import Rotation
import RotationEngine

extension DiscoveryFacts {
    /// Whether the rule needs somebody; nil: it does not fail.
    func standing(_ now: Instant) -> Standing? {
        failure.map { Standing(.degraded($0.failure.reason), since: $0.since, now) }
    }
}

extension HTMLWriter {
    /// So many rules are told of at most.
    private static let longestList = 10

    /// How the rules under `discover` fare: each that fails, and the others in a line.
    mutating func discovery(_ rules: [DiscoveryFacts], _ now: Instant) {
        let failing = rules.filter { $0.failure != nil }
        for rule in failing.prefix(Self.longestList) { failingRule(rule, now) }
        let more = failing.count - Self.longestList
        if more > 0 {
            element(.p, .class("notice", "degraded"), text: "Discovery fails for \(Words.count(more, "more rule")).")
        }
        let others = rules.filter { $0.failure == nil }
        guard !others.isEmpty else { return }
        element(.p, .class("sum"), .id("discovered")) { line in
            line.text("\(Words.count(others.count, "rule")) of discovery: ")
            let waiting = others.count { $0.listedAt == nil }
            if let oldest = others.compactMap(\.listedAt).min() {
                line.text(others.count - waiting == 1 ? "listed " : "the oldest list is of ")
                line.relative(oldest, now: now)
                if waiting > 0 { line.text(", ") }
            }
            if waiting > 0 { line.text("\(waiting) not listed yet") }
        }
    }

    private mutating func failingRule(_ rule: DiscoveryFacts, _ now: Instant) {
        guard let (failure, since) = rule.failure else { return }
        element(.div, .class("notice", "degraded")) { notice in
            notice.element(.h3) { heading in
                heading.icon("degraded")
                heading.text("Discovery fails in ")
                heading.element(.code) { $0.element(.bdi, text: rule.scope) }
                heading.text(": ")
                heading.element(.code, text: failure.reason.rawValue)
                heading.element(.span, .class("far")) { far in
                    far.text(" for ")
                    far.time(since, text: TimeText.span(now - since))
                }
            }
            notice.element(.p) { line in
                if let listedAt = rule.listedAt {
                    line.text("The last list is of ")
                    line.exact(listedAt, now: now)
                } else {
                    line.text("There was no list since the start")
                }
                line.text("; the resources that are known stay, and new ones are not found.")
                if let id = failure.requestID { line.requestID(id) }
            }
            notice.said(failure.detail)
            notice.advice(failure.reason, name: nil)
        }
    }
}
