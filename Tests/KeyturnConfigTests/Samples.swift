import KeyturnConfig
import Rotation

enum Samples {
    /// One policy and, at the end and without a newline, one resource.
    static let minimal = """
        policies: {monthly: {every: 30d}}
        resources:
          - name: contoso-sms
            subscription: 00000000-0000-4000-8000-000000000001
            resourceGroup: messaging
            policy: monthly
        """
}

extension ConfigurationSurroundings {
    /// The end of November 2026, and two time zones: UTC and Europe/Berlin.
    static let sample = ConfigurationSurroundings(
        now: Instant(unixSeconds: 1_795_996_800),
        zone: { name in
            switch name {
            case "UTC": .known(.utc)
            case "Europe/Berlin": .known(.berlin)
            default: .unknown("there is no time zone '\(name)'")
            }
        }, zoneNames: { ["UTC", "Europe/Berlin", "Europe/Bern", "America/New_York"] })
}

extension TimeZoneRules {
    static let berlin = TimeZoneRules(
        name: "Europe/Berlin", transitions: [], first: LocalTimeType(offset: 3600, isDST: false, abbreviation: "CET"),
        rule: RecurringTimeChange(
            standard: LocalTimeType(offset: 3600, isDST: false, abbreviation: "CET"),
            daylight: RecurringTimeChange.Daylight(
                type: LocalTimeType(offset: 7200, isDST: true, abbreviation: "CEST"),
                begins: RecurringTimeChange.Change(day: .ofMonth(month: 3, week: 5, weekday: 0), seconds: 7200),
                ends: RecurringTimeChange.Change(day: .ofMonth(month: 10, week: 5, weekday: 0), seconds: 10_800))))
}
