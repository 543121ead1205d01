import Foundation
import Rotation
import Testing
import TimeZones

/// Calendar expressions elapse when systemd says so.
@Suite(.enabled(if: SystemdOracle.isPresent), .timeLimit(.minutes(60)))
struct OracleTests {
    // Tests of other suites run at the same time; `make oracle` asks for more.
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = environment["ORACLE_COUNT"].flatMap(Int.init) ?? 2000
    private static let seed = environment["ORACLE_SEED"].flatMap(UInt64.init) ?? 20_260_101

    private static let batch = 50
    private static let iterations = 6

    @Test func elapsesAndNormalFormsAgree() throws {
        var generator = ExpressionGenerator(dice: Dice(seed: Self.seed))
        var compared = 0
        var disagreements = 0
        var deviations = 0
        while compared < Self.count {
            let base = Self.base(&generator.dice)
            var zones: [String: String] = [:]
            for _ in 0..<Self.batch {
                let zone = generator.dice.chance(0.1) ? nil : generator.dice.pick(ExpressionGenerator.zones)
                zones[generator.expression(zone: zone)] = zone ?? "UTC"
            }
            let answers = try SystemdOracle.ask(zones.keys.sorted(), after: "@\(base)", count: Self.iterations)
            for text in zones.keys.sorted() {
                compared += 1
                let ours = try Self.answer(text, after: base)
                guard ours != answers[text] else { continue }
                if Self.isDeviation(text, answers[text]) {
                    deviations += 1
                    continue
                }
                disagreements += 1
                if disagreements <= 20 {
                    Issue.record(
                        """
                        '\(text)' after \(base): ours \(Self.describe(ours)), systemd's \(Self.describe(answers[text])) \
                        (ORACLE_SEED=\(Self.seed))
                        """)
                }
            }
        }
        Swift.print(
            "\(compared) expressions compared with systemd-analyze, \(disagreements) disagreements, \(deviations) documented deviations (seed \(Self.seed))"
        )
        #expect(disagreements == 0)
        // What is excused must stay rare.
        #expect(deviations * 20 < compared)
    }

    /// As `CalendarExpression` documents them.
    private static func isDeviation(_ text: String, _ answer: SystemdOracle.Answer?) -> Bool {
        // Days counted from the end of the month, more than one, and refused.
        if answer == nil, text.contains(/~[0-9.\/]*,/) { return true }
        // A repetition without an end, in a zone with daylight saving time.
        return text.contains(/(^|[ ,])[0-9]+\/[0-9]+[0-9,.\/]*:/)
            || text.contains(/(^|[ ,\-~])[0-9]+\/[0-9]+[0-9,.\/]*[\-~]/)
            || text.contains(/[\-~,][0-9]+\/[0-9]+[0-9,.\/]*( |$)/)
    }

    /// What systemd refuses we refuse, and the other way round, but for the deviations that are documented.
    @Test func theSameTextsAreRefused() throws {
        var generator = ExpressionGenerator(dice: Dice(seed: Self.seed &+ 1))
        var refused = 0
        for _ in 0..<max(1, Self.count / Self.batch / 2) {
            var texts: Set<String> = []
            while texts.count < Self.batch {
                let text = generator.mutation(
                    of: generator.expression(zone: generator.dice.pick(["UTC", "Europe/Berlin"])))
                // An option, or a deviation: a fraction, a sign or a space behind '@', days from the end of the month.
                if text.hasPrefix("-") || text.contains(/:[0-9,\/.]*[0-9]\.[0-9 ]/) || text.contains(/@[ +-]/)
                    || text.contains(/~[0-9.\/]*,/)
                {
                    continue
                }
                texts.insert(text)
            }
            let answers = try SystemdOracle.ask(texts.sorted(), after: "2026-01-01 00:00:00 UTC", count: 1)
            for text in texts.sorted() {
                let expression = try? CalendarExpression(text)
                let isOurs = expression.map { Self.hasZone($0) } ?? false
                if !isOurs { refused += 1 }
                #expect(
                    isOurs == (answers[text] != nil),
                    "'\(text)': we \(isOurs ? "take" : "refuse") it (ORACLE_SEED=\(Self.seed))")
            }
        }
        #expect(refused > 0)
    }

    private static func describe(_ answer: SystemdOracle.Answer?) -> String {
        answer.map { "\($0.normalized): \($0.elapses.joined(separator: ", "))" } ?? "refused"
    }

    private static func hasZone(_ expression: CalendarExpression) -> Bool {
        guard case .named(let name) = expression.zone else { return true }
        return (try? TimeZoneDirectory().zone(named: name)) != nil
    }

    private static func answer(_ text: String, after base: Int) throws -> SystemdOracle.Answer? {
        guard let expression = try? CalendarExpression(text) else { return nil }
        var zone = TimeZoneRules.utc
        if case .named(let name) = expression.zone { zone = try TimeZoneDirectory().zone(named: name) }
        var elapses: [String] = []
        var last = Instant(unixSeconds: Int64(base))
        while elapses.count < iterations {
            guard let next = expression.next(after: last, in: zone) else {
                if elapses.isEmpty { elapses.append("never") }
                break
            }
            elapses.append(print(next))
            last = next
        }
        return SystemdOracle.Answer(normalized: expression.normalized, elapses: elapses)
    }

    /// `Sat 2026-03-28 05:00:00 UTC`.
    private static func print(_ instant: Instant) -> String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let text = instant.description
        let day = Int(instant.unixSeconds / 86_400) % 7
        return "\(days[day]) \(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }

    /// From 1990 to 2089, often near the days on which many clocks change.
    private static func base(_ dice: inout Dice) -> Int {
        let year = dice.number(1990...2089)
        let start = Int(CivilDate.days(year: Int64(year), month: 1, day: 1)) * 86_400
        guard dice.chance(0.6) else { return start + dice.number(0...(365 * 86_400)) }
        let day = dice.pick([66, 72, 84, 87, 89, 95, 270, 276, 290, 298, 301, 304, 307])
        return start + (day + dice.number(-3...3)) * 86_400 + dice.number(0...86_399)
    }
}
