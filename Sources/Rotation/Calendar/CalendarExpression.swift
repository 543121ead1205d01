/// When something recurs, in the grammar of systemd's `OnCalendar=` (systemd.time(7), CALENDAR EVENTS): `Mon..Fri 03:00`,
/// `*-*-1..7 02:30:00 Europe/Berlin`, `quarterly`, `*-02~01`.
///
/// It differs from systemd in this only:
/// - Seconds have no fractions, because keys do not turn that finely; they are refused.
/// - The abbreviations of the machine's own time zone (`CET`, `CEST`) are no suffixes: what they mean would depend on the
///   machine. A zone of tzdata that has such a name (`CET`) is one.
/// - `@` is followed by digits alone.
/// - In a list of days that count from the end of the month each may be from 1 to 28; systemd takes three days off for
///   each that follows another (252 refuses `*-*~01,26`).
/// - A repetition of months, days or hours that runs beyond its year, month or day goes on at its first value, daylight
///   saving time or not; systemd 252 keeps the flag of the other time there, and gives up or is an hour off
///   (`*-05/6-29 Europe/Berlin`).
package struct CalendarExpression: Hashable, Sendable {
    /// Why a text is no calendar expression.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        /// The character, counted from 0, at which the text stops making sense.
        package let offset: Int
        /// What is wrong there; a phrase without a capital or a full stop.
        package let description: String
    }

    /// The time zone that the expression names.
    package enum Zone: Hashable, Sendable {
        /// None: the caller's.
        case unspecified
        case utc
        /// The name as written; whether there is such a zone is not known here.
        case named(String)
    }

    /// Bit 0 is Monday; nil: every day.
    var weekdays: UInt8?
    /// nil in these: every one.
    var years: [CalendarComponent]?
    var months: [CalendarComponent]?
    var days: [CalendarComponent]?
    /// `days` count from the end of the month: 1 is its last day.
    var countsFromEnd = false
    var hours: [CalendarComponent]?
    var minutes: [CalendarComponent]?
    var seconds: [CalendarComponent]?
    package internal(set) var zone = Zone.unspecified

    /// - Throws: `Malformed` with the place in the text.
    package init(_ text: String) throws(Malformed) {
        self.init()
        var parser = CalendarParser(text)
        try parser.parse(into: &self)
        try normalize()
    }

    init() {}

    /// The years that may be named, which are also those in which anything elapses.
    static let yearRange = 1970...2199
}

/// A value, a range or a repetition in one field of a calendar expression.
struct CalendarComponent: Hashable, Sendable {
    var start: Int
    /// The last value; nil: open.
    var stop: Int?
    /// The distance between two values; nil: only `start`.
    var step: Int?
    /// Where it stands in the text; of no meaning to what it stands for.
    var offset = 0

    static func == (left: CalendarComponent, right: CalendarComponent) -> Bool {
        (left.start, left.stop, left.step) == (right.start, right.stop, right.step)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(start)
        hasher.combine(stop)
        hasher.combine(step)
    }
}
