import Rotation
import RotationEngine

/// A span for people who watch a clock: never finer than seconds, never negative.
package enum WholeSeconds {
    package static func describe(_ span: Duration) -> String {
        TimeSpan.describe(.seconds(max(0, span.components.seconds)))
    }
}

/// The one line of `STATUS=` that `systemctl status` shows.
enum StatusLine {
    /// Names the worst resource with its reason, and the next rotation.
    static func text(_ resources: [ResourceStatus], reloadError: String?, now: Instant) -> String {
        var parts = [counts(resources)]
        if let reloadError { parts.append("reload refused, the old configuration stays: \(reloadError)") }
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

    private static func next(_ resources: [ResourceStatus], _ now: Instant) -> String? {
        let planned = resources.compactMap { status in status.nextAt.map { (at: $0, status: status) } }
        guard let first = planned.min(by: { ($0.at, $0.status.name) < ($1.at, $1.status.name) }),
            let keyType = first.status.nextKeyType
        else { return nil }
        let wait = first.at - now
        let when = wait <= .zero ? "now" : "in \(WholeSeconds.describe(wait))"
        return "next \(first.status.name) \(keyType) \(when)"
    }
}
