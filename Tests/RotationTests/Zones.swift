import Rotation

extension TimeZoneRules {
    /// An hour ahead of UTC, two in summer: as tzdata's rule for `Europe/Berlin` has it.
    static let berlin = TimeZoneRules(
        name: "Europe/Berlin", transitions: [], first: LocalTimeType(offset: 3600, isDST: false, abbreviation: "CET"),
        rule: RecurringTimeChange(
            standard: LocalTimeType(offset: 3600, isDST: false, abbreviation: "CET"),
            daylight: RecurringTimeChange.Daylight(
                type: LocalTimeType(offset: 7200, isDST: true, abbreviation: "CEST"),
                begins: RecurringTimeChange.Change(day: .ofMonth(month: 3, week: 5, weekday: 0), seconds: 7200),
                ends: RecurringTimeChange.Change(day: .ofMonth(month: 10, week: 5, weekday: 0), seconds: 10_800))))

    /// Ten and a half hours ahead, eleven in the southern summer: `Australia/Lord_Howe`.
    static let lordHowe = TimeZoneRules(
        name: "Australia/Lord_Howe", transitions: [],
        first: LocalTimeType(offset: 37_800, isDST: false, abbreviation: "+1030"),
        rule: RecurringTimeChange(
            standard: LocalTimeType(offset: 37_800, isDST: false, abbreviation: "+1030"),
            daylight: RecurringTimeChange.Daylight(
                type: LocalTimeType(offset: 39_600, isDST: true, abbreviation: "+11"),
                begins: RecurringTimeChange.Change(day: .ofMonth(month: 10, week: 1, weekday: 0), seconds: 7200),
                ends: RecurringTimeChange.Change(day: .ofMonth(month: 4, week: 1, weekday: 0), seconds: 7200))))
}

extension Instant {
    /// A literal that is known to be good.
    static func at(_ text: String) -> Instant {
        guard let instant = Instant(rfc3339: text) else { preconditionFailure("\(text) is no instant") }
        return instant
    }
}

extension Openings {
    /// Windows and freezes as they are written; a freeze is `2026-12-20..2027-01-04`.
    static func sample(
        _ windows: [String] = [], without freezes: [String] = [], in zone: TimeZoneRules = .berlin
    ) throws -> Openings {
        Openings(
            windows: try windows.map { try Window($0) },
            freezes: try freezes.compactMap { text in
                guard let range = text.firstRange(of: "..") else { return nil }
                return Freeze(
                    from: try Freeze.Edge(String(text[..<range.lowerBound])),
                    to: try Freeze.Edge(String(text[range.upperBound...])))
            }, zone: zone)
    }
}
