import EventCatalog
import HTML
import Rotation
import RotationEngine

/// What there is to say of one resource, besides its story.
extension HTMLWriter {
    /// All of it in short, for the overview.
    mutating func detail(_ facts: ResourceFacts, _ now: Instant) {
        let reference = Reference("./resource/").appending(facts.status.name)
        problem(facts, now)
        element(.div, .class("columns")) { columns in
            columns.element(.dl) { $0.keys(facts, now) }
            columns.element(.dl) { list in
                list.consumers(facts)
                list.planned(facts, count: 3, now)
            }
        }
        element(.p) {
            $0.element(.a, .class("button"), .href(reference), text: "The whole story of \(facts.status.name)")
        }
    }

    /// What is wrong, who says so, and what to do.
    mutating func problem(_ facts: ResourceFacts, _ now: Instant) {
        let status = facts.status
        if let reason = status.health.reason, reason != .paused {
            element(.div, .class("notice", status.health.name)) { notice in
                if let detail = status.detail { notice.said(detail) }
                notice.advice(reason, name: status.name)
                notice.troubles(facts, now)
            }
        }
        if let who = status.pausedBy {
            element(.div, .class("notice")) { $0.pause(status, who, now) }
        }
        if let request = facts.record.request {
            element(.div, .class("notice")) { notice in
                notice.element(.p) { line in
                    line.text("A rotation was asked for ")
                    line.relative(request.at, now: now)
                    line.text(" by ")
                    line.element(.bdi, text: request.actor)
                    if let compromise = request.compromise {
                        line.text("; its keys are known to others: ")
                        line.element(.bdi, text: compromise.reason)
                    }
                    line.text(".")
                }
            }
        }
    }

    /// Who stopped rotations, since when, why, and when they go on.
    private mutating func pause(_ status: ResourceStatus, _ who: String, _ now: Instant) {
        element(.p) { line in
            line.text("Rotations were stopped by ")
            line.element(.bdi, text: who)
            if let since = status.pausedSince {
                line.text(" ")
                line.exact(since, now: now)
            }
            if let reason = status.pauseReason {
                line.text(": ")
                line.element(.bdi, text: reason)
            }
            line.text(".")
        }
        element(.p) { line in
            if let until = status.pausedUntil {
                line.text("They go on by themselves ")
                line.exact(until, now: now)
                line.text(", or before that with ")
            } else {
                line.text("They go on with ")
            }
            line.element(.code, text: "keyturn resume \(status.name)")
            line.text(".")
        }
    }

    private mutating func troubles(_ facts: ResourceFacts, _ now: Instant) {
        guard !facts.record.troubles.isEmpty else { return }
        element(.ul, .class("lines")) { list in
            for trouble in facts.record.troubles.sorted(by: { $0.since < $1.since }) {
                list.element(.li) { line in
                    line.text("\(trouble.step.rawValue): ")
                    line.element(.code, text: trouble.failure.reason.rawValue)
                    line.text(", \(Words.count(trouble.count, "failure")) since ")
                    line.exact(trouble.since, now: now)
                    line.text(trouble.retryAt > now ? ", tried again " : ", tried again ")
                    line.relative(trouble.retryAt, now: now)
                    if let id = trouble.failure.requestID { line.requestID(id) }
                }
            }
        }
    }

    mutating func requestID(_ id: String) {
        element(.span, .class("request")) { span in
            span.text(" Azure's request ")
            span.element(.code) { $0.element(.bdi, text: id) }
        }
    }

    mutating func term(_ word: String, _ content: (inout HTMLWriter) -> Void) {
        element(.dt, text: word)
        element(.dd, content: content)
    }

    mutating func keys(_ facts: ResourceFacts, _ now: Instant) {
        for keyType in KeyType.allCases {
            term(keyType.rawValue) { entry in
                if let fingerprint = facts.fingerprint(of: keyType) {
                    entry.element(.code, .class("print"), .text(.title, "fingerprint"), text: fingerprint.hex)
                    entry.text(" ")
                }
                entry.keyState(keyType, facts, now)
            }
        }
        term("Phase") { entry in
            entry.text(facts.status.phase)
            entry.phase(facts.record.phase, now)
        }
        term("Policy") { entry in
            entry.text(facts.view.settings.policyName)
            let calendar = facts.policy.timing?.calendar.map { "calendar \($0.normalized)" }
            entry.text(", \(calendar ?? "every \(TimeSpan.describe(facts.policy.every))")")
            entry.text(", overlap \(TimeSpan.describe(facts.policy.overlap)), mode \(facts.policy.mode.rawValue)")
        }
    }

    private mutating func keyState(_ keyType: KeyType, _ facts: ResourceFacts, _ now: Instant) {
        guard let current = facts.record.current else { return text("not published") }
        if keyType == current.keyType {
            text("published as version \(current.version) since ")
            exact(current.publishedAt, now: now)
        } else if let until = facts.record.previousGoodUntil, until > now {
            text("superseded, works until ")
            exact(until, now: now)
        } else {
            text("not published; the next to be regenerated")
        }
    }

    private mutating func phase(_ phase: Phase, _ now: Instant) {
        switch phase {
        case .regenerating(let intent), .uncertain(let intent, _), .confirming(let intent, _, _):
            text(": \(intent.keyType), for a \(intent.purpose.rawValue), begun ")
            exact(intent.at, now: now)
            text(" by ")
            element(.bdi, text: intent.actor)
            text(", operation ")
            element(.code, text: intent.operationID)
        case .verifying(let candidate):
            text(": \(candidate.keyType), \(Words.count(candidate.successes, "signed call")) succeeded")
            if let since = candidate.deniedSince {
                text(", refused since ")
                exact(since, now: now)
            }
        case .publishing(let candidate, _): text(": \(candidate.keyType)")
        case .adopting, .settled, .delivering: break
        }
    }

    mutating func consumers(_ facts: ResourceFacts) {
        term("Consumers") { entry in
            let consumers = facts.view.settings.consumers
            guard !consumers.isEmpty else { return entry.text("none are told; see reload: and run:") }
            let told = Set(facts.record.told)
            entry.element(.ul, .class("consumers")) { list in
                for consumer in consumers {
                    let isTold = told.contains(consumer)
                    list.element(.li, .class(isTold ? "told" : "untold")) { line in
                        line.element(.span, .class("tick"), .text(.ariaHidden, "true"), text: isTold ? "✓" : "✗")
                        line.element(.code) { $0.element(.bdi, text: consumer) }
                        let version = facts.record.current.map { " of version \($0.version)" } ?? ""
                        line.text(isTold ? " told\(version)" : " not told yet\(version)")
                    }
                }
            }
        }
    }

    mutating func planned(_ facts: ResourceFacts, count: Int, _ now: Instant) {
        term("Planned") { entry in
            guard !facts.plan.isEmpty else {
                return entry.element(.bdi, text: facts.obstacle.map { "nothing; \($0)" } ?? "nothing in the time shown")
            }
            entry.element(.ul) { list in
                for rotation in facts.plan.prefix(count) {
                    list.element(.li) { line in
                        line.text("\(rotation.keyType) ")
                        line.exact(rotation.at, now: now)
                        line.text(", \(rotation.cause.words)")
                    }
                }
            }
        }
    }
}

extension ResourceFacts {
    /// Of the key that Azure last listed, or of the one that is published.
    func fingerprint(of keyType: KeyType) -> Fingerprint? {
        if let current = record.current, current.keyType == keyType { return current.fingerprint }
        return record.keys?[keyType]
    }
}
