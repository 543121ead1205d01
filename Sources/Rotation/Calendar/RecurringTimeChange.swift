/// A time zone's rule for all years to come: the footer of a TZif file (RFC 9636, section 3.3), a POSIX `TZ` string such
/// as `CET-1CEST,M3.5.0,M10.5.0/3`.
package struct RecurringTimeChange: Hashable, Sendable {
    /// The day of a year on which clocks change.
    package enum Day: Hashable, Sendable {
        /// `Jn`: 1 to 365, with February 29 never counted.
        case julian(Int)
        /// `n`: 0 to 365, with February 29 counted.
        case ofYear(Int)
        /// `Mm.w.d`: the week (5: the last) and weekday (0: Sunday) of a month.
        case ofMonth(month: Int, week: Int, weekday: Int)
    }

    package struct Change: Hashable, Sendable {
        package var day: Day
        /// Seconds after midnight, local time before the change; from -167 to 167 hours.
        package var seconds: Int

        package init(day: Day, seconds: Int) {
            self.day = day
            self.seconds = seconds
        }
    }

    package var standard: TimeZoneRules.LocalTimeType
    /// nil: clocks do not change.
    package var daylight: Daylight?

    package struct Daylight: Hashable, Sendable {
        package var type: TimeZoneRules.LocalTimeType
        package var begins: Change
        package var ends: Change

        package init(type: TimeZoneRules.LocalTimeType, begins: Change, ends: Change) {
            self.type = type
            self.begins = begins
            self.ends = ends
        }
    }

    package init(standard: TimeZoneRules.LocalTimeType, daylight: Daylight? = nil) {
        self.standard = standard
        self.daylight = daylight
    }

    func type(at seconds: Int64) -> TimeZoneRules.LocalTimeType {
        guard let daylight else { return standard }
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let year = CivilDate.fromDays(day).year
        let begins = Self.instant(of: daylight.begins, year) - Int64(standard.offset)
        let ends = Self.instant(of: daylight.ends, year) - Int64(daylight.type.offset)
        let isDaylight =
            begins <= ends ? (begins..<ends).contains(seconds) : !(ends..<begins).contains(seconds)
        return isDaylight ? daylight.type : standard
    }

    /// The first change after an instant; nil: clocks do not change.
    func nextChange(after seconds: Int64) -> Int64? {
        guard let daylight else { return nil }
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let year = CivilDate.fromDays(day).year
        var next: Int64?
        // A change near New Year may belong to the year beside.
        for candidate in year - 1...year + 1 {
            let begins = Self.instant(of: daylight.begins, candidate) - Int64(standard.offset)
            let ends = Self.instant(of: daylight.ends, candidate) - Int64(daylight.type.offset)
            for change in [begins, ends] where change > seconds { next = min(next ?? change, change) }
        }
        return next
    }

    /// In seconds since 1970 as if local time were UTC.
    private static func instant(of change: Change, _ year: Int64) -> Int64 {
        let firstDay = CivilDate.days(year: year, month: 1, day: 1)
        let day: Int64
        switch change.day {
        case .julian(let number):
            let isLeap = CivilDate.daysInMonth(year: year, month: 2) == 29
            day = firstDay + Int64(number) - (isLeap && number >= 60 ? 0 : 1)
        case .ofYear(let number):
            day = firstDay + Int64(number)
        case .ofMonth(let month, let week, let weekday):
            let first = CivilDate.days(year: year, month: Int64(month), day: 1)
            // 1970-01-01 was a Thursday, which is 4 when Sunday is 0.
            let weekdayOfFirst = ((first + 4) % 7 + 7) % 7
            var dayOfMonth = (Int64(weekday) - weekdayOfFirst + 7) % 7 + Int64(week - 1) * 7
            if dayOfMonth >= CivilDate.daysInMonth(year: year, month: Int64(month)) { dayOfMonth -= 7 }
            day = first + dayOfMonth
        }
        return day * 86_400 + Int64(change.seconds)
    }
}
