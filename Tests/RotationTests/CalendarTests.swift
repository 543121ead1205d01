import Rotation
import Testing

@Suite struct CalendarTests {
    @Test(arguments: [
        ("daily", "*-*-* 00:00:00"), ("Weekly", "Mon *-*-* 00:00:00"), ("quarterly", "*-01,04,07,10-01 00:00:00"),
        ("semi-annually UTC", "*-01,07-01 00:00:00 UTC"), ("minutely", "*-*-* *:*:00"),
        ("Mon..Thu 02:00", "Mon..Thu *-*-* 02:00:00"), ("Sat,Sun 12-05 08:05:40", "Sat,Sun *-12-05 08:05:40"),
        ("Mon,Fri *-01/2-01,03 *:30:45", "Mon,Fri *-01/2-01,03 *:30:45"),
        ("05:40:20 Europe/Berlin", "*-*-* 05:40:20 Europe/Berlin"),
        ("*-02~03", "*-02~03 00:00:00"), ("70-1-1", "1970-01-01 00:00:00"), ("*:20/15", "*-*-* *:20/15:00"),
        ("mon-sunday 0:0:0/1", "*-*-* 00:00:*"), ("@1000000000", "2001-09-09 01:46:40 UTC"),
        ("10:00..00:00", "*-*-* 10:00:00"),
    ])
    func normalForm(_ text: String, _ normalized: String) throws {
        #expect(try CalendarExpression(text).normalized == normalized)
    }

    @Test(arguments: [
        ("", 0, "empty"), ("Mno 03:00", 0, "neither a weekday"), ("dayly", 0, "did you mean 'daily'?"),
        ("Mon..Fir 03:00", 5, "'Fir'"), ("Fri..Mon 03:00", 5, "beyond Sunday"), ("24:00", 0, "the hour 24"),
        ("*-13-01", 2, "the month 13"), ("*-*-32", 4, "the day 32"), ("03:60", 3, "the minute 60"),
        ("03:00:00.5", 8, "fractions"), ("*/2:00", 1, "write 0/2"), ("03", 2, "hour:minute"),
        ("2026-13", 0, "the month 2026"),
        ("0/0:00", 2, "never comes"), ("9..5:00", 0, "goes backwards"), ("*-*~29", 4, "1 to 28"),
        ("03:00 ", 5, "hour:minute"),
        ("99999999999:00", 0, "too large"), ("1800-01-01", 0, "the year 1800"), ("@x", 1, "a number"),
    ])
    func whatIsWrongIsLocated(_ text: String, _ offset: Int, _ phrase: String) {
        let error = #expect(throws: CalendarExpression.Malformed.self) { try CalendarExpression(text) }
        #expect(error?.description.contains(phrase) == true, "\(error?.description ?? "")")
        #expect(error?.offset == offset)
    }

    @Test func theZoneIsANameHere() throws {
        #expect(try CalendarExpression("daily Nowhere/Land").zone == .named("Nowhere/Land"))
        #expect(try CalendarExpression("daily utc").zone == .utc)
        #expect(try CalendarExpression("daily").zone == .unspecified)
    }

    @Test func elapsesAreLaterAndInOrder() throws {
        let start = try #require(Instant(rfc3339: "2026-02-27T23:59:59.5Z"))
        let last = try CalendarExpression("*-02~01 03:00")
        let first = last.next(after: start, in: .utc)
        #expect(first?.description == "2026-02-28T03:00:00Z")
        #expect(first.flatMap { last.next(after: $0, in: .utc) }?.description == "2027-02-28T03:00:00Z")
        #expect(try CalendarExpression("*-02-30").next(after: start, in: .utc) == nil)
        #expect(try CalendarExpression("2020-01-01").next(after: start, in: .utc) == nil)
    }

    /// Clocks that are an hour ahead from March to October.
    private static let summer = TimeZoneRules(
        name: "Test/Summer", transitions: [],
        first: TimeZoneRules.LocalTimeType(offset: 3600, isDST: false, abbreviation: "CET"),
        rule: RecurringTimeChange(
            standard: TimeZoneRules.LocalTimeType(offset: 3600, isDST: false, abbreviation: "CET"),
            daylight: RecurringTimeChange.Daylight(
                type: TimeZoneRules.LocalTimeType(offset: 7200, isDST: true, abbreviation: "CEST"),
                begins: RecurringTimeChange.Change(day: .ofMonth(month: 3, week: 5, weekday: 0), seconds: 7200),
                ends: RecurringTimeChange.Change(day: .ofMonth(month: 10, week: 5, weekday: 0), seconds: 10_800))))

    @Test func daylightSavingTime() throws {
        let daily = try CalendarExpression("02:30")
        var instant = try #require(Instant(rfc3339: "2026-03-27T12:00:00Z"))
        var elapses: [String] = []
        for _ in 0..<3 {
            instant = try #require(daily.next(after: instant, in: Self.summer))
            elapses.append(instant.description)
        }
        // On the 29th clocks skip 02:30.
        #expect(elapses == ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"])
        instant = try #require(Instant(rfc3339: "2026-10-24T12:00:00Z"))
        let first = try #require(daily.next(after: instant, in: Self.summer))
        let second = try #require(daily.next(after: first, in: Self.summer))
        #expect(second - first >= .seconds(23 * 3600), "what clocks show twice elapses once")
    }

    /// Whatever the text, an error or an expression that elapses later than asked.
    @Test func noTextIsTooStrange() {
        var random = SplitMix64(seed: 4711)
        let alphabet = Array("0123456789*/,-~.: @MonTueFriSat")
        for _ in 0..<20_000 {
            let length = Int(random.next() % 24)
            let text = String((0..<length).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] })
            guard let expression = try? CalendarExpression(text) else { continue }
            let start = Instant(unixSeconds: Int64(random.next() % 4_000_000_000))
            if let next = expression.next(after: start, in: .utc) { #expect(next > start, "'\(text)'") }
            #expect((try? CalendarExpression(expression.normalized)) == expression, "'\(text)'")
        }
    }
}
