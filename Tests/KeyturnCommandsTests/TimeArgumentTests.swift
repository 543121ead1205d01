import Rotation
import Testing

@testable import KeyturnCommands

@Suite struct TimeArgumentTests {
    private let now = Instant(unixSeconds: 1_800_000_000)  // 2027-01-15T08:00:00Z

    @Test(arguments: [
        ("now", "2027-01-15T08:00:00Z"), ("today", "2027-01-15T00:00:00Z"), ("yesterday", "2027-01-14T00:00:00Z"),
        ("tomorrow", "2027-01-16T00:00:00Z"), ("2h", "2027-01-15T06:00:00Z"), ("-3d", "2027-01-12T08:00:00Z"),
        ("+45min", "2027-01-15T08:45:00Z"), ("1h 30min", "2027-01-15T06:30:00Z"),
        ("2026-12-20", "2026-12-20T00:00:00Z"), ("2026-12-20 03:00", "2026-12-20T03:00:00Z"),
        ("2026-12-20T03:00:05", "2026-12-20T03:00:05Z"), ("2026-12-20T03:00:00+01:00", "2026-12-20T02:00:00Z"),
    ])
    func `times before now`(text: String, expected: String) throws {
        #expect(try TimeArgument.parse(text, now: now, .back).description == expected)
    }

    @Test func `a bare span is ahead where an end is asked for`() throws {
        #expect(try TimeArgument.parse("2h", now: now, .ahead) == now + .seconds(7200))
        #expect(try TimeArgument.parse("-2h", now: now, .ahead) == now - .seconds(7200))
    }

    @Test(arguments: ["", "-", "soon", "12", "2026-13-01", "2026-02-30", "2026-12-20 25:00", "20.12.2026", "2h ago"])
    func `what is no time is refused with examples`(text: String) {
        let error = #expect(throws: TimeArgument.Malformed.self) { try TimeArgument.parse(text, now: now, .back) }
        #expect(error?.description.contains("'\(text)' is no time; write 2026-12-20") == true)
    }
}
