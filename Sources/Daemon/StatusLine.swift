import Rotation
import RotationEngine

/// A span for people who watch a clock: never finer than seconds, never negative.
package enum WholeSeconds {
    package static func describe(_ span: Duration) -> String {
        TimeSpan.describe(.seconds(max(0, span.components.seconds)))
    }
}

extension WholeSeconds {
    /// The span to the minute, so that a line with it changes at most once a minute: `29d 3h`, `3h 12m`, `12m`.
    package static func roughly(_ span: Duration) -> String {
        let minutes = max(0, span.components.seconds) / 60
        let (days, hours) = (minutes / 1440, minutes / 60 % 24)
        if days > 0 { return hours > 0 ? "\(days)d \(hours)h" : "\(days)d" }
        if hours > 0 { return minutes % 60 > 0 ? "\(hours)h \(minutes % 60)m" : "\(hours)h" }
        return minutes > 0 ? "\(minutes)m" : "less than 1m"
    }
}

/// The one line of `STATUS=` that `systemctl status` shows.
enum StatusLine {
    /// Names the worst resource with its reason, what is under way, and the next rotation.
    ///
    /// - Parameters:
    ///   - unsettled: resources of which the first look has not ended.
    ///   - withoutFiles: resources of which consumers have nothing to read.
    ///   - reloadErrors: the lines with which the last reload was refused; empty when it was not.
    ///   - undiscovered: where resources could not be listed.
    static func text(
        _ resources: [ResourceStatus], unsettled: [String] = [], withoutFiles: [String] = [],
        reloadErrors: [String] = [], undiscovered: [String] = [], now: Instant
    ) -> String {
        var parts = [counts(resources)]
        for (words, names) in [("still looking at", unsettled), ("nothing published for", withoutFiles)] {
            guard let first = names.first else { continue }
            parts.append("\(words) \(names.count) (\(first)\(names.count > 1 ? ", …" : ""))")
        }
        if let first = reloadErrors.first {
            let more = reloadErrors.count > 1 ? " (and \(reloadErrors.count - 1) more)" : ""
            parts.append("reload refused, the old configuration stays: \(first)\(more)")
        }
        if let first = undiscovered.first {
            parts.append("discovery fails in \(first)\(undiscovered.count > 1 ? ", …" : "")")
        }
        if let underWay = underWay(resources) { parts.append(underWay) }
        if let next = next(resources, now) { parts.append(next) }
        return parts.joined(separator: "; ")
    }

    private static func counts(_ resources: [ResourceStatus]) -> String {
        var text = "\(resources.count) \(resources.count == 1 ? "resource" : "resources")"
        for (word, group) in [
            ("held", resources.filter { $0.health.name == "held" }),
            ("degraded", resources.filter { $0.health.name == "degraded" }),
        ] {
            guard let first = group.first else { continue }
            let reason = first.health.reason.map { ": \($0.rawValue)" } ?? ""
            let more = group.count > 1 ? ", …" : ""
            text += ", \(group.count) \(word) (\(first.name)\(reason)\(more))"
        }
        let paused = resources.filter { $0.health == .paused }.count
        if paused > 0 { text += ", \(paused) paused" }
        return text
    }

    /// Rotations and deliveries that have begun and not ended.
    private static func underWay(_ resources: [ResourceStatus]) -> String? {
        let delivering = resources.filter { $0.phase == "delivering" }
        // The first publication of a key is no rotation.
        let rotating = resources.filter {
            $0.publication != nil && !["settled", "held", "adopting", "delivering"].contains($0.phase)
        }
        let parts = [("rotating", rotating), ("telling consumers of", delivering)].compactMap { word, group in
            group.first.map { "\(word) \($0.name)\(group.count > 1 ? " and \(group.count - 1) more" : "")" }
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private static func next(_ resources: [ResourceStatus], _ now: Instant) -> String? {
        let planned = resources.compactMap { status in status.nextAt.map { (at: $0, status: status) } }
        guard let first = planned.min(by: { ($0.at, $0.status.name) < ($1.at, $1.status.name) }),
            let keyType = first.status.nextKeyType
        else { return nil }
        let wait = first.at - now
        let when = wait <= .zero ? "now" : "in \(WholeSeconds.roughly(wait))"
        return "next \(first.status.name) \(keyType) \(when)"
    }
}
