import NIOHTTP1
import Rotation
import Testing

@testable import AzureKeys

struct HTTPDateTests {
    @Test(arguments: [
        ("2020-01-01T01:01:00Z", "Wed, 01 Jan 2020 01:01:00 GMT"),
        ("2024-02-29T01:01:00Z", "Thu, 29 Feb 2024 01:01:00 GMT"),
        ("2026-03-02T01:02:03Z", "Mon, 02 Mar 2026 01:02:03 GMT"),
        ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
        ("2099-12-31T23:59:59Z", "Thu, 31 Dec 2099 23:59:59 GMT"),
    ])
    func `there and back`(rfc3339: String, text: String) throws {
        let instant = try #require(Instant(rfc3339: rfc3339))
        #expect(HTTPDate.format(instant) == text)
        #expect(HTTPDate.parse(text) == instant)
    }

    @Test(arguments: [
        "", "Mon, 02 Mar 2026 01:02:03", "Mon, 2 Mar 2026 01:02:03 GMT", "Mon, 02 mar 2026 01:02:03 GMT",
        "Monday, 02-Mar-26 01:02:03 GMT", "Mon Mar  2 01:02:03 2026", "Mon, 30 Feb 2026 01:02:03 GMT",
        "Mon, 02 Mar 2026 24:02:03 GMT", "Mon, 02 Mar 2026 01:60:03 GMT", "Mon, 02 Mar 2026 01:02:03 CET",
        "Xxx, 02 Mar 2026 01:02:03 GMT", "Mon, 00 Mar 2026 01:02:03 GMT", "Mon, 02 Mar 2026 01:02:-3 GMT",
    ])
    func `what is no date`(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }

    @Test
    func `every day of four centuries comes back`() {
        for day in stride(from: Int64(-10_000), to: 136_097, by: 1) {
            let instant = Instant(unixSeconds: day * 86_400 + 12_345)
            let text = HTTPDate.format(instant)
            if HTTPDate.parse(text) != instant {
                Issue.record("\(text)")
                return
            }
        }
    }

    private static let now = Fixture.now

    @Test(arguments: [
        (["Retry-After": "7"], Duration.seconds(7)),
        (["Retry-After": "0.25"], .milliseconds(250)),
        (["Retry-After": "-3"], .zero),
        (["Retry-After": "1e300"], .seconds(86_400)),
        (["Retry-After": "Mon, 02 Mar 2026 01:03:03 GMT"], .seconds(60)),
        (["Retry-After": "Mon, 02 Mar 2026 01:00:00 GMT"], .zero),
        (
            ["Retry-After": "Mon, 02 Mar 2026 02:00:09 GMT", "Date": "Mon, 02 Mar 2026 02:00:00 GMT"], .seconds(9)
        ),
        (["retry-after-ms": "1500"], .milliseconds(1500)),
        (["x-ms-retry-after-ms": "20"], .milliseconds(20)),
        (["Retry-After": "soon", "x-ms-retry-after-ms": "20"], .milliseconds(20)),
    ])
    func `Retry-After in all its forms`(headers: [String: String], expected: Duration) {
        #expect(RetryAfter.read(HTTPHeaders(headers.map { ($0, $1) }), now: Self.now) == expected)
    }

    @Test(arguments: [[:], ["Retry-After": "soon"], ["Retry-After": "nan"], ["Retry-After": "inf"]] as [HTTPHeaders])
    func `no Retry-After`(headers: HTTPHeaders) {
        #expect(RetryAfter.read(headers, now: Self.now) == nil)
    }

    @Test(arguments: [
        (Duration.seconds(3), "3 s"), (.milliseconds(1500), "1.5 s"), (.milliseconds(-1500), "-1.5 s"),
        (.milliseconds(-5), "-0.005 s"), (.zero, "0 s"),
    ])
    func `durations as text`(duration: Duration, text: String) {
        #expect(duration.formattedSeconds == text)
    }
}
