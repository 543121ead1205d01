import Foundation
import Rotation
import Testing

@Suite struct InstantTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59Z", -1), ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-03-02T01:02:03Z", 1_772_413_323), ("2038-01-19T03:14:08Z", 2_147_483_648),
            ("1900-03-01T00:00:00Z", -2_203_891_200), ("2100-02-28T23:59:59Z", 4_107_542_399),
            ("0000-01-01T00:00:00Z", -62_167_219_200), ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] as [(String, Int64)])
    func readsAndWrites(text: String, seconds: Int64) {
        #expect(Instant(rfc3339: text) == Instant(unixSeconds: seconds))
        #expect(Instant(unixSeconds: seconds).description == text)
    }

    @Test(
        arguments: [
            ("2026-03-02T01:02:03.5Z", 500_000), ("2026-03-02T01:02:03.000001Z", 1),
            ("2026-03-02T01:02:03.25Z", 250_000),
        ] as [(String, Int64)])
    func fractionsKeepMicroseconds(text: String, microseconds: Int64) {
        let whole = Instant(unixSeconds: 1_772_413_323)
        #expect(Instant(rfc3339: text)?.unixMicroseconds == whole.unixMicroseconds + microseconds)
        #expect(Instant(rfc3339: text)?.description == text)
    }

    @Test func digitsBelowMicrosecondsAreDropped() {
        #expect(Instant(rfc3339: "2026-03-02T01:02:03.1234569Z")?.description == "2026-03-02T01:02:03.123456Z")
        #expect(Instant(rfc3339: "2026-03-02T01:02:03.000Z")?.description == "2026-03-02T01:02:03Z")
    }

    @Test func fractionsBeforeTheEpoch() {
        let instant = Instant(unixMicroseconds: -1)
        #expect(instant.description == "1969-12-31T23:59:59.999999Z")
        #expect(Instant(rfc3339: instant.description) == instant)
        #expect(instant.unixSeconds == -1)
    }

    @Test(arguments: [
        ("2026-03-02T01:02:03+01:00", "2026-03-02T00:02:03Z"), ("2026-03-02T01:02:03-05:30", "2026-03-02T06:32:03Z"),
        ("2026-01-01T00:00:00+14:00", "2025-12-31T10:00:00Z"), ("2024-02-28T23:30:00-01:00", "2024-02-29T00:30:00Z"),
        ("2026-03-02t01:02:03z", "2026-03-02T01:02:03Z"), ("2026-03-02T01:02:03-00:00", "2026-03-02T01:02:03Z"),
    ])
    func offsets(text: String, utc: String) {
        #expect(Instant(rfc3339: text)?.description == utc)
    }

    @Test(arguments: [
        "", "2026", "2026-03-02", "2026-03-02T01:02:03", "2026-03-02 01:02:03Z", "2026-3-2T01:02:03Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-03-00T00:00:00Z", "2026-03-02T24:00:00Z", "2026-03-02T01:60:00Z",
        "2026-03-02T01:02:03.Z", "2026-03-02T01:02:03Z ", "2026-03-02T01:02:03+1:00", "2026-03-02T01:02:03+24:00",
        "2026-03-02T01:02:03+0100", "+026-03-02T01:02:03Z", "٢٠٢٦-03-02T01:02:03Z", "2026-03-02T01:02:03ZZ",
    ])
    func refuses(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test func everyDayOfFourCenturiesComesBack() {
        var expected: (year: Int64, month: Int64, day: Int64) = (1899, 12, 31)
        for days in CivilDate.days(year: 1900, month: 1, day: 1)..<CivilDate.days(year: 2300, month: 1, day: 1) {
            expected.day += 1
            if expected.day > CivilDate.daysInMonth(year: expected.year, month: expected.month) {
                expected = expected.month == 12 ? (expected.year + 1, 1, 1) : (expected.year, expected.month + 1, 1)
            }
            let civil = CivilDate.fromDays(days)
            guard civil == expected, CivilDate.days(year: civil.year, month: civil.month, day: civil.day) == days else {
                Issue.record("day \(days) is \(civil), not \(expected)")
                return
            }
        }
    }

    @Test func randomInstantsRoundTrip() throws {
        var random = SplitMix64(seed: 1)
        let earliest = Int64(-62_167_219_200_000_000)
        for _ in 0..<500 {
            let instant = Instant(unixMicroseconds: .random(in: earliest...253_402_300_799_999_999, using: &random))
            #expect(Instant(rfc3339: instant.description) == instant)
            let coded = try JSONDecoder().decode([Instant].self, from: JSONEncoder().encode([instant]))
            #expect(coded == [instant])
        }
    }

    @Test func decodingRefusesOtherText() {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Instant].self, from: Data(#"["tomorrow"]"#.utf8))
        }
    }

    @Test func arithmetic() {
        let instant = Instant(unixSeconds: 100)
        #expect(instant + .milliseconds(1500) == Instant(unixMicroseconds: 101_500_000))
        #expect(instant - .seconds(101) == Instant(unixSeconds: -1))
        #expect(instant + .seconds(-101) == Instant(unixSeconds: -1))
        #expect(Instant(unixSeconds: 5) - instant == .seconds(-95))
        #expect(Instant(unixMicroseconds: -1_000_001).unixSeconds == -2)
        #expect(Instant(unixSeconds: -3).unixSeconds == -3)
        #expect(instant > Instant(unixSeconds: 99))
    }

    @Test func arithmeticSaturates() {
        #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
        #expect(Instant.distantPast - .seconds(1) == .distantPast)
        #expect(Instant.distantPast + .seconds(-1) == .distantPast)
        #expect(Instant.distantFuture - .seconds(-1) == .distantFuture)
        #expect(Instant(unixSeconds: .max) == .distantFuture)
        #expect(Instant(unixSeconds: .min) == .distantPast)
        #expect(Instant.distantFuture - .distantPast == .microseconds(Int64.max))
        #expect(Instant.distantPast - .distantFuture == .microseconds(Int64.min))
        #expect(Instant(unixSeconds: 0) + .seconds(Int64.max) == .distantFuture)
        #expect(Duration.seconds(Int64.max).wholeMicroseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeMicroseconds == .min)
        #expect(Duration.nanoseconds(-1500).wholeMicroseconds == -1)
    }
}
