import ArgumentParser
import KeyturnConfig
import Rotation
import TimeZones

/// `keyturn plan --calendar`: one expression in its normal form, and when it elapses next.
struct CalendarAnswer: Encodable {
    let normalized: String
    /// nil past the last one.
    let next: [Instant?]
    private let zone: TimeZoneRules
    private let from: Instant

    private enum CodingKeys: String, CodingKey {
        case normalized, next
    }

    /// - Throws: 64, after a message that points at the character, when the text is no expression or there is no such
    ///   zone.
    init(_ text: String, timezone: String?, from: Instant, count: Int) throws {
        let expression: CalendarExpression
        do {
            expression = try CalendarExpression(text)
        } catch {
            printError("keyturn: \(error)\n  \(text)\n  \(String(repeating: " ", count: error.offset))^")
            throw ExitStatus.usage
        }
        switch expression.zone {
        case .utc: zone = .utc
        case .named(let name): zone = try Self.zone(name)
        case .unspecified: zone = try timezone.map { try Self.zone($0) } ?? .utc
        }
        normalized = expression.normalized
        self.from = from
        var next: [Instant?] = []
        var place = from
        while next.count < count {
            let instant = place < .distantFuture ? expression.next(after: place, in: zone) : nil
            next.append(instant)
            place = instant ?? .distantFuture
        }
        self.next = next
    }

    private static func zone(_ name: String) throws -> TimeZoneRules {
        let directory = TimeZoneDirectory()
        do {
            return try directory.zone(named: name)
        } catch {
            let close = DidYouMean.candidates(for: name, among: directory.names())
            printError(
                "keyturn: \(error)" + (close.isEmpty ? "" : "; did you mean \(close.joined(separator: " or "))?"))
            throw ExitStatus.usage
        }
    }

    var text: String {
        var lines = ["Normalized form: \(normalized)"]
        var table = Table(header: ["LOCAL TIME", "UTC", "IN"])
        for instant in next {
            guard let instant else { break }
            table.append([
                zone.text(instant), instant.description,
                TimeSpan.describe(.seconds((instant - from).components.seconds)),
            ])
        }
        lines.append(next.first == .some(nil) ? "It never elapses after \(from)." : table.text)
        return lines.joined(separator: "\n")
    }
}
