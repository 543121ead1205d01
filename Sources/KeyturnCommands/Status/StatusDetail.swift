import Daemon
import EventCatalog
import Rotation
import RotationEngine
import Systemd

/// One resource with everything that is known of it, and what to do.
struct StatusDetail {
    let resource: StatusReport.Resource
    /// Its history, newest first: what it has of the last rotation is shown.
    let history: [HistoryEntry]
    let now: Instant
    let terminal: Terminal

    var lines: [String] {
        var lines = head
        lines.append("")
        lines += facts.flatMap { fact($0.name, $0.text) }
        lines += consumers + troubles + steps + requests
        return lines
    }

    private var head: [String] {
        var title = "\(resource.name): \(resource.health)"
        if let reason = resource.reason, resource.health != "paused" { title += " (\(reason.rawValue))" }
        if resource.health != "ok" { title += " since \(moment(resource.since))" }
        if resource.phase != "settled", resource.phase != "held" { title += ", \(resource.phase)" }
        var lines = Lines.wrapped(title, to: terminal.width).map { terminal.styled($0, .health(resource.health)) }
        if let detail = resource.detail { lines += Lines.indented(PrintableText.escaped(detail), by: 2, terminal) }
        if let reason = resource.reason, resource.health != "paused" {
            lines.append("")
            lines += Lines.indented(reason.meaning, by: 2, terminal)
            if let doing { lines += Lines.indented(doing, by: 2, terminal) }
            lines += Lines.indented("What to do: \(advice(reason))", by: 2, terminal)
        } else if resource.health == "paused" {
            let end = resource.pausedBy == nil ? "another mode in the policy" : "'keyturn resume \(resource.name)'"
            lines += Lines.indented(
                "No key turns; the published one goes on working and gets older. To go on: \(end).", by: 2, terminal)
        }
        return lines
    }

    /// What becomes of it by itself.
    private var doing: String? {
        if resource.health == "held" { return "Nothing is regenerated until 'keyturn resume \(resource.name)'." }
        guard let trouble = resource.details?.troubles.first else { return nil }
        let wait = trouble.retryAt - now
        return "It is tried again \(wait <= .zero ? "now" : "in \(ShortSpan.text(wait))"), for as long as it takes."
    }

    /// With the name of this resource where the advice is for any.
    private func advice(_ reason: Reason) -> String {
        reason.advice.split(separator: "NAME", omittingEmptySubsequences: false).joined(separator: resource.name)
    }

    private var facts: [(name: String, text: String)] {
        var facts: [(name: String, text: String)] = [("Azure", resource.id)]
        facts.append(
            ("Policy", "\(resource.policy)\(resource.mode == .auto ? "" : ", mode \(resource.mode.rawValue)")"))
        if let keyType = resource.keyType, let publishedAt = resource.publishedAt {
            facts.append(
                ("Published", "\(keyType), version \(resource.version ?? 0), \(moment(publishedAt))"))
        } else {
            facts.append(("Published", "nothing yet"))
        }
        if let age = ageText { facts.append(("Age", age)) }
        if let fingerprint = resource.fingerprint, let keyType = resource.keyType {
            let other = resource.details?.otherFingerprint.map { ", \($0) (\(keyType.other))" } ?? ""
            facts.append(("Fingerprints", "\(fingerprint) (\(keyType), published)\(other)"))
        }
        if let until = resource.previousGoodUntil {
            facts.append(("Overlap", until > now ? "the string before works until \(moment(until))" : "over"))
        }
        facts.append(("Next", nextText))
        if let operatorName = resource.pausedBy { facts.append(("Paused", pauseText(operatorName))) }
        if let heldSince = resource.details?.heldSince {
            facts.append(
                ("Held", "by keyturn since \(moment(heldSince)); 'keyturn resume \(resource.name)' ends it"))
        }
        if let requested = resource.details?.requested { facts.append(("Requested", text(requested))) }
        if let probes = resource.details?.probes {
            facts.append(("Probes", "\(probes.succeeded) of \(probes.needed) with the \(probes.keyType) key"))
        }
        return facts
    }

    private var ageText: String? {
        guard let age = KeyAge(resource, now) else { return nil }
        guard let share = age.share, let limit = resource.tooOldAt, let publishedAt = resource.publishedAt else {
            return ShortSpan.text(age.age)
        }
        let bar = Bar.text(share, width: 10, isUnicode: terminal.isUnicode)
        return "\(bar) \(ShortSpan.text(age.age)) of \(ShortSpan.text(limit - publishedAt))"
            + (share >= 1 ? ", too old since \(moment(limit))" : "")
    }

    private var nextText: String {
        if resource.health == "held" { return "nothing while it is held" }
        guard let next = resource.next else {
            switch resource.mode {
            case .manual: return "when somebody asks for it (mode manual)"
            case .paused: return "nothing (mode paused)"
            case .auto: return resource.pausedBy == nil ? "nothing is planned" : "nothing while it is paused"
            }
        }
        return next.at <= now ? "\(next.keyType), due now" : "\(next.keyType) \(moment(next.at))"
    }

    private func pauseText(_ operatorName: String) -> String {
        var text = "by \(PrintableText.escaped(operatorName))"
        if let since = resource.pausedSince { text += " since \(moment(since))" }
        text += resource.pausedUntil.map { ", until \(moment($0))" } ?? ", until 'keyturn resume \(resource.name)'"
        return text + (resource.pauseReason.map { ": \(PrintableText.escaped($0))" } ?? "")
    }

    private func text(_ requested: StatusDetails.Requested) -> String {
        var text = "by \(PrintableText.escaped(requested.actor)) \(moment(requested.at))"
        if let reason = requested.compromised {
            text += "; both keys, \(requested.rotationsLeft) still to come: \(PrintableText.escaped(reason))"
        }
        return text
    }

    private var consumers: [String] {
        let consumers = resource.details?.consumers ?? []
        guard !consumers.isEmpty else { return fact("Consumers", "none are configured to be told") }
        return consumers.enumerated().flatMap { number, consumer in
            fact(
                number == 0 ? "Consumers" : "",
                "\(consumer.told ? "told" : "not told yet"): \(PrintableText.escaped(consumer.id))",
                style: consumer.told ? .plain : .warning)
        }
    }

    private var troubles: [String] {
        (resource.details?.troubles ?? []).flatMap { trouble in
            let times = trouble.count == 1 ? "once" : "\(trouble.count) times"
            let request = trouble.requestID.map { " (request \($0))" } ?? ""
            let again = trouble.retryAt <= now ? "now" : "in \(ShortSpan.text(trouble.retryAt - now))"
            let text = "\(trouble.reason.rawValue), \(times) since \(moment(trouble.since)), again \(again)\(request)"
            // The head has said it.
            let detail = trouble.detail == resource.detail ? "" : ": \(PrintableText.escaped(trouble.detail))"
            return fact("Failing", "\(trouble.step): \(text)\(detail)", style: .warning)
        }
    }

    private var steps: [String] {
        let story = LastRotation.entries(history)
        guard let first = story.first else { return [] }
        var lines = title("Last rotation, begun \(moment(first.at))")
        for entry in story {
            let after = Lines.padded("+\(Self.seconds(entry.at - first.at))", to: 9)
            let why = HistoryTable.why(entry)
            let version = entry.version.map { " version \($0)" } ?? ""
            let key = entry.keyType.map { " \($0)" } ?? ""
            let text = "\(entry.event)\(key)\(version)\(why.isEmpty ? "" : ": \(why)")"
            let wrapped = Lines.wrapped(text, to: terminal.width.map { max(16, $0 - 13) })
            lines.append("  \(terminal.styled(after, .faint))\(terminal.styled(wrapped[0], HistoryTable.style(entry)))")
            lines += wrapped.dropFirst().map { String(repeating: " ", count: 13) + $0 }
        }
        return lines
    }

    /// What Azure's support asks for.
    private var requests: [String] {
        let ids = history.prefix(100).compactMap { entry in entry.requestID.map { (entry, $0) } }.prefix(3)
        guard !ids.isEmpty else { return [] }
        return title("Last request ids, newest first")
            + ids.flatMap { Lines.indented("\($1) (\($0.event), \(moment($0.at)))", by: 2, terminal) }
    }

    private func title(_ text: String) -> [String] {
        [""] + Lines.wrapped(text, to: terminal.width).map { terminal.styled($0, .strong) }
    }

    private func fact(_ name: String, _ text: String, style: Style = .plain) -> [String] {
        let indent = 14
        let lines = Lines.wrapped(text, to: terminal.width.map { max(16, $0 - indent) })
        return lines.enumerated().map { number, line in
            terminal.styled(Lines.padded(number == 0 ? name : "", to: indent), .faint) + terminal.styled(line, style)
        }
    }

    /// `2026-11-25T10:00:00Z (3h 2m ago)`.
    private func moment(_ instant: Instant) -> String {
        let span = instant <= now ? "\(ShortSpan.text(now - instant)) ago" : "in \(ShortSpan.text(instant - now))"
        return "\(instant.wholeSecond) (\(span))"
    }

    /// `1.2s`, `45s`, `2m 3s`.
    static func seconds(_ span: Duration) -> String {
        let tenths = max(0, span.components.seconds * 10 + span.components.attoseconds / 100_000_000_000_000_000)
        if tenths < 100 { return "\(tenths / 10).\(tenths % 10)s" }
        let seconds = tenths / 10
        return seconds < 60
            ? "\(seconds)s" : seconds < 3600 ? "\(seconds / 60)m \(seconds % 60)s" : ShortSpan.text(span)
    }
}

/// What the history has of the rotation that was begun last.
enum LastRotation {
    /// - Parameter history: of one resource, newest first.
    /// - Returns: oldest first; none when there was no rotation.
    static func entries(_ history: [HistoryEntry]) -> [HistoryEntry] {
        guard let sent = history.firstIndex(where: { $0.event == Note.Kind.regenerateSent.rawValue }) else { return [] }
        var story = history[...sent]
        // Who asked for it belongs to it.
        if history.indices.contains(sent + 1), history[sent + 1].event == Note.Kind.rotationRequested.rawValue {
            story = history[...(sent + 1)]
        }
        let steps: Set<Note.Kind> = [
            .rotationRequested, .regenerateSent, .regenerateAnswered, .regenerateNotExecuted, .regenerateUndecided,
            .regenerateDidNotRun, .keyConfirmed, .keyVerified, .keyUnverified, .keyMoved, .published, .delivered,
            .failed, .recovered, .held, .resumed, .currentKeyChanged,
        ]
        return story.filter { Note.Kind(rawValue: $0.event).map(steps.contains) ?? false }.reversed()
    }
}
