import ArgumentParser
import Rotation

/// An instant on the command line.
enum TimeArgument {
    /// What a span without a sign is counted from now.
    enum Direction {
        case back, ahead
    }

    struct Malformed: Error, CustomStringConvertible {
        let text: String

        var description: String {
            "'\(text)' is no time; write 2026-12-20, '2026-12-20 03:00', 2026-12-20T03:00:00Z, today, yesterday, "
                + "tomorrow, or a span such as 2h, -3d or +45min"
        }
    }

    /// Reads RFC 3339, a date with or without a time of day (UTC), `now`, `today`, `yesterday` and `tomorrow` (their
    /// midnights in UTC), and spans from now (`TimeSpan`).
    static func parse(_ text: String, now: Instant, _ direction: Direction) throws(Malformed) -> Instant {
        let day = Instant(unixSeconds: now.unixSeconds - (now.unixSeconds % 86_400))
        switch text {
        case "now": return now
        case "today": return day
        case "yesterday": return day - .seconds(86_400)
        case "tomorrow": return day + .seconds(86_400)
        default: break
        }
        if let instant = Instant(rfc3339: text) ?? civil(text) { return instant }
        let sign = text.first.flatMap { "+-".contains($0) ? $0 : nil }
        guard let span = try? TimeSpan.parse(String(sign == nil ? text[...] : text.dropFirst())) else {
            throw Malformed(text: text)
        }
        return sign == "-" || (sign == nil && direction == .back) ? now - span : now + span
    }

    /// The value of an option; what is wrong with it is a usage error.
    static func option(_ name: String, _ text: String, now: Instant, _ direction: Direction) throws -> Instant {
        do throws(Malformed) {
            return try parse(text, now: now, direction)
        } catch {
            throw ValidationError("\(name): \(error.description)")
        }
    }

    /// `2026-12-20`, `2026-12-20 03:00`, `2026-12-20T03:00:00`.
    private static func civil(_ text: String) -> Instant? {
        let parts = text.split(separator: text.contains("T") ? "T" : " ", omittingEmptySubsequences: true)
        guard let date = parts.first, parts.count <= 2 else { return nil }
        guard parts.count == 2 else { return Instant(rfc3339: "\(date)T00:00:00Z") }
        return Instant(rfc3339: "\(date)T\(parts[1])Z") ?? Instant(rfc3339: "\(date)T\(parts[1]):00Z")
    }
}
