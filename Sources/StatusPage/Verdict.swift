import HTML
import Rotation
import RotationEngine

/// How all is, in one line.
struct Verdict {
    /// For the tab.
    let short: String
    /// The word of the worst health.
    let health: String

    init(_ overview: Overview, _ daemon: DaemonFacts, _ now: Instant) {
        let isRefused = !daemon.reloadErrors.isEmpty
        let blind = daemon.discovery.compactMap { $0.standing(now) }
        let needs = overview.needSomebody + (isRefused ? 1 : 0) + blind.count(where: \.needsSomebody)
        let retried = overview.areRetried + blind.count { !$0.needsSomebody }
        if needs > 0 {
            short = needs == 1 ? "1 needs you" : "\(needs) need you"
            health = (overview.counts[.held] ?? 0) > 0 ? "held" : "degraded"
        } else if !daemon.isReady {
            short = "Starting"
            health = "degraded"
        } else if retried > 0 {
            short = "\(retried) \(retried == 1 ? "is" : "are") being retried"
            health = "degraded"
        } else if overview.arePaused > 0, overview.arePaused == overview.total {
            short = "All paused"
            health = "paused"
        } else {
            short = "All well"
            health = "ok"
        }
    }

    func write(_ section: inout HTMLWriter, _ daemon: DaemonFacts, _ overview: Overview, _ now: Instant) {
        section.element(.h1, .id("how"), .class("verdict", health)) { heading in
            heading.icon(health)
            heading.text(short)
        }
        section.element(.p, .class("sum")) { line in
            line.text(counts(overview))
            guard let next = overview.next, let at = next.nextAt, let keyType = next.nextKeyType else { return }
            line.text("; next ")
            line.element(.a, .href(Reference("./resource/").appending(next.name)), text: next.name)
            line.text(" \(keyType) ")
            if at <= now { line.text("now") } else { line.relative(at, now: now) }
        }
        notices(&section, daemon)
        section.discovery(daemon.discovery, now)
    }

    private func counts(_ overview: Overview) -> String {
        var parts = [Words.count(overview.total, "resource")]
        for (standing, words) in [
            (Standing.held, "held"), (.failing, "failing"), (.retried, "being retried"), (.paused, "paused"),
        ] {
            if let count = overview.counts[standing] { parts.append("\(count) \(words)") }
        }
        return parts.joined(separator: ", ")
    }

    /// What is not about one resource alone.
    private func notices(_ section: inout HTMLWriter, _ daemon: DaemonFacts) {
        if !daemon.reloadErrors.isEmpty {
            section.element(.div, .class("notice", "degraded"), .id("reload")) { notice in
                notice.element(.h3) { heading in
                    heading.icon("degraded")
                    heading.text("The last reload was refused; the configuration before it goes on running.")
                }
                notice.element(.ul, .class("lines")) { list in
                    for line in daemon.reloadErrors.prefix(10) {
                        list.element(.li) { $0.element(.code) { $0.element(.bdi, text: line) } }
                    }
                    let more = daemon.reloadErrors.count - 10
                    if more > 0 { list.element(.li, text: "and \(more) more") }
                }
                notice.element(.p) { line in
                    line.element(.strong, text: "What to do: ")
                    line.sentence("correct the file, then 'keyturn check' and 'keyturn reload'.", name: nil)
                }
            }
        }
        if !daemon.isReady {
            let names = daemon.unsettled
            let looking = names.isEmpty ? "" : ", and still looks at \(Words.list(names))"
            section.element(.p, .class("notice"), .id("starting"), text: "The daemon is starting\(looking).")
        }
        if !daemon.withoutFiles.isEmpty {
            section.element(
                .p, .class("notice degraded"), .id("unpublished"),
                text: "Nothing is published yet, so that consumers have nothing to read, for "
                    + "\(Words.list(daemon.withoutFiles)).")
        }
    }
}

enum Words {
    /// `contoso-mail`, or `3 resources: contoso-mail, contoso-sms, contoso-voice`; the first of many.
    static func list(_ names: [String]) -> String {
        if names.count == 1 { return names[0] }
        return "\(names.count) resources: \(names.prefix(8).joined(separator: ", "))\(names.count > 8 ? ", …" : "")"
    }

    /// `1 resource`, `3 resources`.
    static func count(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
}
