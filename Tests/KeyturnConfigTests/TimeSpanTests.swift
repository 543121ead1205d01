import Rotation
import Testing

@Suite struct TimeSpanTests {
    private static let day = 86_400.0

    /// The seconds are what `systemd-analyze timespan` says.
    @Test(
        arguments: [
            ("30d", 30 * day), ("1h 30min", 5400), ("1h30min", 5400), ("2w", 14 * day), ("90s", 90), ("500ms", 0.5),
            ("1month", 2_629_800), ("1M", 2_629_800), ("1m", 60), ("1y", 31_557_600), ("1.5h", 5400), ("30 min", 1800),
            ("1h 1h", 7200), ("5\u{b5}s", 0.000_005), ("5\u{3bc}s", 0.000_005), ("0s", 0),
            ("  2hours\t3 minutes ", 7380),
            ("1.25s", 1.25), ("0.000001s", 0.000_001), ("0.1us", 0), ("1hr 1sec 1msec 1usec", 3601.001001),
            ("292000years", 292_000 * 31_557_600),
        ] as [(String, Double)])
    func readsSystemd(_ text: String, _ seconds: Double) throws {
        #expect(try TimeSpan.parse(text) == .microseconds(Int64((seconds * 1_000_000).rounded())))
    }

    @Test(
        arguments: [
            ("P30D", 30 * day), ("PT15M", 900), ("P1M", 2_629_800), ("P1Y2M3W4DT5H6M7S", 38_995_567),
            ("PT1.5H", 5400), ("PT0,5S", 0.5), ("PT0S", 0), ("P2W", 14 * day), ("PT36H", 129_600),
        ] as [(String, Double)])
    func readsISO8601(_ text: String, _ seconds: Double) throws {
        #expect(try TimeSpan.parse(text) == .microseconds(Int64((seconds * 1_000_000).rounded())))
    }

    @Test(
        arguments: [
            ("", 0, "the time span is empty"), ("   ", 0, "the time span is empty"),
            ("30", 0, "'30' has no unit; write 30s"),
            ("1h 30", 3, "'30' has no unit"), ("0", 0, "'0' has no unit"), ("1 2s", 0, "'1' has no unit"),
            ("d", 0, "expected a number, found 'd'"), ("5 parsecs", 2, "unknown unit 'parsecs'"),
            ("30D", 2, "unknown unit 'D'; did you mean 'd'?"), ("-5min", 0, "cannot be negative"),
            ("1h -5min", 3, "cannot be negative"), ("infinity", 0, "infinity is not accepted"),
            ("1.h", 2, "a digit is missing"), (".5h", 0, "expected a number, found '.'"), ("1,5h", 1, "found ','"),
            ("1h;", 2, "found ';'"), ("\u{664}h", 0, "expected a number"), ("1h 2\u{664}", 3, "'2' has no unit"),
            ("99999999999999999999s", 0, "too long"), ("9223372036855s", 13, "too long"),
            ("292000y 292000y", 14, "too long"), ("9223372036854775807us 1us", 23, "too long"),
            ("P", 1, "a number is missing after 'P'"), ("PT", 2, "a number is missing after 'T'"),
            ("P1DT", 4, "a number is missing after 'T'"), ("P1", 2, "ends after a number"),
            ("P1H", 2, "'H' cannot stand here"),
            ("PT1H1H", 5, "'H' cannot stand here"), ("PT1M1H", 5, "'H' cannot stand here"),
            ("P1.5DT1H", 5, "only the last"),
            ("P1DT1HT1M", 6, "expected a number, found 'T'"), ("P-1D", 1, "cannot be negative"),
            ("p1d", 0, "found 'p'"),
            ("P300000Y", 1, "too long"),
        ] as [(String, Int, String)])
    func refuses(_ text: String, _ offset: Int, _ reason: String) throws {
        let malformed = try #require(throws: TimeSpan.Malformed.self) { try TimeSpan.parse(text) }
        #expect(malformed.offset == offset, "\(malformed)")
        #expect(malformed.description.contains(reason), "\(malformed)")
    }

    @Test(
        arguments: [
            (Duration.seconds(30 * 86_400), "30d"), (.seconds(5400), "1h 30min"), (.seconds(11_520 + 59), "3h 12min"),
            (.zero, "0s"), (.seconds(86_400), "1d"), (.seconds(86_400 + 59 * 60), "1d"), (.seconds(90_000), "1d 1h"),
            (.milliseconds(500), "500ms"), (.milliseconds(1500), "1s 500ms"), (.microseconds(250), "250us"),
            (.nanoseconds(999), "0s"), (.seconds(-300), "-5min"), (.seconds(59), "59s"),
            (.seconds(86_399), "23h 59min"),
            (.seconds(Int64.max), "106751991d 4h"), (.seconds(Int64.min), "-106751991d 4h"),
        ] as [(Duration, String)])
    func describes(_ span: Duration, _ text: String) {
        #expect(TimeSpan.describe(span) == text)
    }

    @Test func whatIsDescribedReadsTheSame() throws {
        for count in 1...400 {
            for span in [Duration.seconds(count), .seconds(count * 60), .seconds(count * 3600), .milliseconds(count)] {
                let text = TimeSpan.describe(span)
                let read = try TimeSpan.parse(text)
                #expect(read <= span)
                #expect(TimeSpan.describe(read) == text)
            }
        }
    }

    @Test func survivesAnyText() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        let letters = Array("0123456789.,- PTYMWDHSmsdhwyµ\t9")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in letters.randomElement(using: &random) })
            do throws(TimeSpan.Malformed) {
                let span = try TimeSpan.parse(text)
                #expect(span >= .zero, "'\(text)', seed \(seed)")
            } catch {
                #expect((0...text.count).contains(error.offset), "'\(text)', seed \(seed)")
            }
        }
    }
}
