/// A time in which no scheduled rotation begins: from one date to another, once or every year.
package struct Freeze: Hashable, Sendable {
    /// `2026-12-20`, `12-20`, `2026-12-20 18:00`.
    package struct Edge: Hashable, Sendable, CustomStringConvertible {
        /// nil: every year.
        let year: Int?
        let month: Int
        let day: Int
        /// Seconds after midnight; nil: the whole day belongs to the freeze.
        let seconds: Int?

        package let description: String

        /// - Throws: with the place in the text, as calendar expressions do.
        package init(_ text: String) throws(CalendarExpression.Malformed) {
            var parser = CalendarParser(text)
            let first = try parser.number(limit: 9999)
            guard parser.skip("-") else {
                throw parser.malformed("a date is written 2026-12-20, or 12-20 for every year")
            }
            let second = try parser.number(limit: 99)
            let third = parser.skip("-") ? try parser.number(limit: 99) : nil
            (year, month, day) = third.map { (first, second, $0) } ?? (nil, first, second)
            seconds = try Self.seconds(&parser)
            guard parser.isAtEnd else { throw parser.malformed("nothing follows a date but a time such as 18:00") }
            let daysInMonth = CivilDate.daysInMonth(year: Int64(year ?? 2024), month: Int64(month))
            guard (1...12).contains(month), (1...Int(daysInMonth)).contains(day), (1970...9999).contains(year ?? 2024)
            else { throw CalendarExpression.Malformed(offset: 0, description: "there is no such date") }
            description = text
        }

        private static func seconds(_ parser: inout CalendarParser) throws(CalendarExpression.Malformed) -> Int? {
            guard parser.skip(" ") || parser.skip("T") else { return nil }
            let hour = try parser.number(limit: 99)
            guard parser.skip(":") else { throw parser.malformed("a time is written hour:minute") }
            let minute = try parser.number(limit: 99)
            let second = parser.skip(":") ? try parser.number(limit: 99) : 0
            guard hour < 24, minute < 60, second < 60 else {
                throw parser.malformed("a time of day is from 00:00 to 23:59:59")
            }
            return hour * 3600 + minute * 60 + second
        }

        /// In seconds since 1970 as if local time were UTC. February 29 is the last of February in every year.
        func local(in year: Int64, isEnd: Bool) -> Int64 {
            let dayOfMonth = min(Int64(day), CivilDate.daysInMonth(year: year, month: Int64(month)))
            let midnight = CivilDate.days(year: year, month: Int64(month), day: dayOfMonth) * 86_400
            return midnight + (seconds.map(Int64.init) ?? (isEnd ? 86_400 : 0))
        }
    }

    package let from: Edge
    /// A date without a time belongs to the freeze as a whole.
    package let to: Edge
    /// For those who read the plan.
    package let reason: String

    /// nil when one of them has a year and the other has none, or when it ends before it begins.
    package init?(from: Edge, to: Edge, reason: String = "") {
        guard (from.year == nil) == (to.year == nil) else { return nil }
        if let first = from.year, let last = to.year {
            guard from.local(in: Int64(first), isEnd: false) < to.local(in: Int64(last), isEnd: true) else {
                return nil
            }
        }
        self.from = from
        self.to = to
        self.reason = reason
    }

    /// It never comes again after the instant.
    package func isPast(at instant: Instant, _ zone: TimeZoneRules) -> Bool {
        let local = instant.unixSeconds + Int64(zone.type(at: instant).offset)
        let (isOn, until) = state(at: local)
        return !isOn && until == .max
    }

    /// Whether it is on at a local time, and until when that stays so; `Int64.max`: for ever.
    func state(at local: Int64) -> (isOn: Bool, until: Int64) {
        guard from.year == nil else { return state(at: local, span(Int64(from.year ?? 0), Int64(to.year ?? 0))) }
        let year = CivilDate.fromDays((local >= 0 ? local : local - 86_399) / 86_400).year
        var next = Int64.max
        for first in year - 1...year + 1 {
            let (isOn, until) = state(at: local, yearlySpan(first))
            if isOn { return (true, until) }
            next = min(next, until)
            // Those of later years begin later.
            if next < .max { break }
        }
        return (false, next)
    }

    private func yearlySpan(_ first: Int64) -> Range<Int64> {
        let start = from.local(in: first, isEnd: false)
        let end = to.local(in: first, isEnd: true)
        return start..<(end > start ? end : max(start, to.local(in: first + 1, isEnd: true)))
    }

    private func span(_ first: Int64, _ last: Int64) -> Range<Int64> {
        let start = from.local(in: first, isEnd: false)
        return start..<max(start, to.local(in: last, isEnd: true))
    }

    private func state(at local: Int64, _ span: Range<Int64>) -> (isOn: Bool, until: Int64) {
        if span.contains(local) { return (true, span.upperBound) }
        return (false, local < span.lowerBound ? span.lowerBound : .max)
    }
}
