/// A time of the week in which scheduled rotations may begin: `Mon..Thu 02:00..05:00`, `22:30..04:00`, `Sat,Sun`.
///
/// It is open whenever the clocks of the policy's time zone show a time in it: a time that they skip opens nothing, and
/// one that they show twice is open twice.
package struct Window: Hashable, Sendable, CustomStringConvertible {
    /// The days on which it opens; bit 0 is Monday.
    let weekdays: UInt8
    /// Seconds after midnight.
    let opens: Int
    /// Seconds after the midnight before it opened: beyond 86,400 when it closes on the next day.
    let closes: Int

    package let description: String

    /// From its opening to its closing, where clocks are not changed.
    package var length: Duration { .seconds(closes - opens) }

    /// - Throws: with the place in the text, as calendar expressions do.
    package init(_ text: String) throws(CalendarExpression.Malformed) {
        var parser = CalendarParser(text)
        weekdays = try parser.parseWeekdays() ?? 0x7f
        if let (opens, closes) = try parser.parseTimeRange() {
            self.opens = opens
            self.closes = closes > opens ? closes : closes + Self.day
        } else {
            (opens, closes) = (0, Self.day)
        }
        description = text
    }

    static let day = 86_400

    /// Whether it is open at a local time (in seconds since 1970 as if it were UTC), and until when that stays so. A
    /// window that closes may be open again at once, on the next day.
    func state(at local: Int64) -> (isOpen: Bool, until: Int64) {
        let today = (local >= 0 ? local : local - 86_399) / 86_400
        var next = Int64.max
        for day in today - 1...today + 7 where opens(on: day) {
            let start = day * 86_400 + Int64(opens)
            let end = day * 86_400 + Int64(closes)
            if start <= local, local < end { return (true, end) }
            if start > local { next = min(next, start) }
        }
        return (false, next)
    }

    private func opens(on day: Int64) -> Bool {
        weekdays & (1 << LocalTime.weekday(secondsAsUTC: day * 86_400)) != 0
    }
}

extension CalendarParser {
    /// What follows the weekdays: `02:00..05:00`, in seconds after midnight; nil when nothing does. The end may be
    /// 24:00, and before the beginning.
    mutating func parseTimeRange() throws(CalendarExpression.Malformed) -> (opens: Int, closes: Int)? {
        guard !isAtEnd else {
            guard !isEmpty else { throw malformed("the window is empty; write 'Mon..Thu 02:00..05:00'") }
            return nil
        }
        let opens = try timeOfDay()
        guard skip("..") || skip("-") else { throw malformed("a window is written as 02:00..05:00") }
        let closes = try timeOfDay(allowsEndOfDay: true)
        guard isAtEnd else {
            throw malformed("nothing follows the times; the time zone is the policy's 'timezone'")
        }
        guard opens != closes else { throw malformed("the window closes when it opens; a whole day is 00:00..24:00") }
        return (opens, closes)
    }

    private mutating func timeOfDay(allowsEndOfDay: Bool = false) throws(CalendarExpression.Malformed) -> Int {
        let start = self
        let hour = try number(limit: 1000)
        guard skip(":") else { throw malformed("a time is written hour:minute") }
        let minute = try number(limit: 1000)
        let second = skip(":") ? try number(limit: 1000) : 0
        let seconds = hour * 3600 + minute * 60 + second
        guard hour < 24 && minute < 60 && second < 60 || allowsEndOfDay && seconds == Window.day else {
            throw start.malformed("a time of day is from 00:00 to 23:59:59")
        }
        return seconds
    }
}
