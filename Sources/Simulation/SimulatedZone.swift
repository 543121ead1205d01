import Rotation

/// A time zone with daylight saving time, as the rules get it and, apart from them, as the world reckons.
enum SimulatedZone {
    /// Clocks are an hour further from the last Sunday of March, 01:00 UTC, to that of October.
    static func berlinOffset(_ instant: Instant) -> Int64 {
        let year = CivilDate.fromDays(instant.unixSeconds / 86_400).year
        func lastSunday(of month: Int64) -> Int64 {
            let last = CivilDate.days(year: year, month: month, day: 31)
            return (last - (last + 4) % 7) * 86_400 + 3600
        }
        return (lastSunday(of: 3)..<lastSunday(of: 10)).contains(instant.unixSeconds) ? 7200 : 3600
    }
}

extension TimeZoneRules {
    static let simulatedBerlin = TimeZoneRules(
        name: "Europe/Berlin", transitions: [],
        first: TimeZoneRules.LocalTimeType(offset: 3600, isDST: false, abbreviation: "CET"),
        rule: RecurringTimeChange(
            standard: TimeZoneRules.LocalTimeType(offset: 3600, isDST: false, abbreviation: "CET"),
            daylight: RecurringTimeChange.Daylight(
                type: TimeZoneRules.LocalTimeType(offset: 7200, isDST: true, abbreviation: "CEST"),
                begins: RecurringTimeChange.Change(day: .ofMonth(month: 3, week: 5, weekday: 0), seconds: 7200),
                ends: RecurringTimeChange.Change(day: .ofMonth(month: 10, week: 5, weekday: 0), seconds: 10_800))))
}
