import Daemon
import KeyturnConfig
import Rotation
import RotationEngine

/// The plan as an iCalendar object (RFC 5545), for whoever keeps the on-call's calendar.
struct PlanICS {
    private let plan: RotationPlan
    private let loaded: LoadedConfiguration

    init(_ plan: RotationPlan, _ loaded: LoadedConfiguration) {
        self.plan = plan
        self.loaded = loaded
    }

    /// Lines end with CR LF and are folded at 75 octets, as RFC 5545 section 3.1 wants.
    var text: String {
        var lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//keyturn//keyturn \(KeyturnVersion.current)//EN"]
        let resources = Dictionary(loaded.resources.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for rotation in plan.rotations {
            guard let resource = resources[rotation.resource] else { continue }
            let identity = StableHash.hex("\(resource.id) \(rotation.at.unixSeconds)")
            lines += [
                "BEGIN:VEVENT", "UID:\(identity)@keyturn", "DTSTAMP:\(stamp(plan.from))",
                "DTSTART:\(stamp(rotation.at))",
                "DURATION:PT\(resource.settings.policy.rotationTime.components.seconds)S",
                "SUMMARY:\(escaped("\(rotation.resource): \(rotation.keyType) key turns"))",
                "DESCRIPTION:\(escaped("Why then: \(rotation.cause.rawValue). \(resource.id)"))", "TRANSP:TRANSPARENT",
                "END:VEVENT",
            ]
        }
        lines.append("END:VCALENDAR")
        return lines.map { Self.folded($0) + "\r\n" }.joined()
    }

    /// `20261220T030000Z`.
    private func stamp(_ instant: Instant) -> String {
        instant.wholeSecond.description.filter { $0 != "-" && $0 != ":" }
    }

    private func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            if "\\;,".contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
    }

    private static func folded(_ line: String) -> String {
        var folded = ""
        var octets = 0
        for character in line {
            if octets + character.utf8.count > 75 {
                folded += "\r\n "
                octets = 1
            }
            folded.append(character)
            octets += character.utf8.count
        }
        return folded
    }
}
