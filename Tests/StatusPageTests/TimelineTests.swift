import Rotation
import RotationEngine
import Testing

@testable import StatusPage

@Suite struct TimelineTests {
    /// From 18 November, 12:00, to 2 December, 12:00: 336 hours.
    private let range = TimeRange(.week, now: Sample.now)

    private func isNear(_ value: Double, _ expected: Double) -> Bool { abs(value - expected) < 0.001 }

    @Test func `now is in the middle`() {
        #expect(range.place(Sample.now) == 50)
        #expect(range.place(range.from) == 0 && range.place(range.until) == 100)
        #expect(range.clamped(.distantPast) == 0 && range.clamped(.distantFuture) == 100)
    }

    @Test func `windows are where they open and close`() throws {
        let openings = try #require(try Sample.policy(["Mon..Thu 02:00..05:00"]).timing).openings
        let strips = Timeline.hours(openings, range)
        // The first is on Thursday 19 November, 14 hours after the beginning.
        #expect(strips.count == 8)
        let first = try #require(strips.first)
        #expect(isNear(first.start, 14 / 336 * 100) && isNear(first.end, 17 / 336 * 100))
        // Monday 23 November, 4 days and 14 hours after it.
        #expect(isNear(strips[1].start, 110 / 336 * 100))
    }

    @Test func `windows that nobody could tell apart are one, and none is too thin to be seen`() throws {
        let openings = try #require(try Sample.policy(["02:00..05:00"]).timing).openings
        let strips = Timeline.hours(openings, TimeRange(.year, now: Sample.now))
        #expect(strips.count == 1)
        let weekly = try #require(try Sample.policy(["Mon 02:00..05:00"]).timing).openings
        let separate = Timeline.hours(weekly, TimeRange(.year, now: Sample.now))
        #expect(separate.count > 100 && separate.allSatisfy { $0.end - $0.start >= 0.199 })
    }

    @Test func `a freeze is shaded from its first to the end of its last day`() throws {
        let policy = try Sample.policy(freeze: ("11-28", "11-29", "stock-taking"))
        let openings = try #require(policy.timing).openings
        let frozen = openings.frozen(from: range.from, until: range.until)
        #expect(frozen.count == 1)
        let freeze = try #require(frozen.first)
        #expect(isNear(range.place(freeze.interval.start), 228 / 336 * 100))
        #expect(isNear(range.place(freeze.interval.end), 276 / 336 * 100))
        let text = try Sample.overview([try Sample.facts(policy: policy)], try Sample.query(span: "7d"))
        #expect(text.contains(#"<rect class="freeze" fill="url(#frost)" x="67.86%" y="0" width="14.29%" height="40">"#))
        #expect(text.contains("2026-11-28T00:00:00Z to 2026-11-30T00:00:00Z: stock-taking</title>"))
        // What is open all other days is a strip before it and one after it.
        #expect(Timeline.hours(openings, range).map { [$0.start, $0.end].map { Int($0) } } == [[0, 67], [82, 100]])
    }

    @Test func `the lanes take turns, and both are filled while the overlap runs`() throws {
        let facts = try Sample.facts()
        let timeline = Timeline(facts, TimeRange(.sixWeeks, now: Sample.now))
        let lines = timeline.stretches.sorted { ($0.start, $0.keyType.rawValue) < ($1.start, $1.keyType.rawValue) }
            .prefix(6).map { stretch in
                "\(stretch.kind.rawValue) \(stretch.keyType.rawValue) \(stretch.start) \(stretch.end)"
            }
        #expect(
            lines == [
                "current Primary 2026-10-14T12:00:00Z 2026-10-26T12:00:00Z",
                "overlap Primary 2026-10-26T12:00:00Z 2026-10-27T12:00:00Z",
                "current Secondary 2026-10-26T12:00:00Z 2026-11-13T12:00:00Z",
                "current Primary 2026-11-13T12:00:00Z 2026-11-25T12:00:00Z",
                "overlap Secondary 2026-11-13T12:00:00Z 2026-11-14T12:00:00Z",
                "planned Primary 2026-11-25T12:00:00Z 2026-12-13T12:00:00Z",
            ])
        #expect(timeline.marks.map(\.kind.rawValue) == ["adopted", "rotated", "rotated", "planned"])
    }

    @Test func `an overlap that runs ends when its promise does`() throws {
        var facts = try Sample.facts()
        let end = Sample.now + .seconds(5 * 3600)
        facts.view.record.previousGoodUntil = end
        let overlap = Timeline(facts, range).stretches.last { $0.kind == .overlap }
        #expect(overlap?.end == end)
        let text = try Sample.overview([facts], try Sample.query(span: "1d"))
        // 5 of 48 hours after the middle.
        #expect(text.contains(#"<rect class="overlap" x="0%" y="19" width="60.42%" height="10"/>"#))
    }

    @Test func `two rotations in a row overlap no longer than until the second`() throws {
        var facts = try Sample.facts()
        facts.publications[1].at = facts.publications[2].at - .seconds(600)
        let overlaps = Timeline(facts, TimeRange(.sixWeeks, now: Sample.now)).stretches.filter { $0.kind == .overlap }
        #expect(overlaps.map { $0.end - $0.start } == [.seconds(600), .seconds(86_400)])
    }

    @Test func `without a history the record is drawn`() throws {
        var facts = try Sample.facts()
        facts.publications = []
        let timeline = Timeline(facts, TimeRange(.sixWeeks, now: Sample.now))
        #expect(timeline.stretches.filter { $0.kind == .current }.map(\.start) == [Sample.now - .seconds(12 * 86_400)])
    }

    @Test func `nothing is drawn of what was never published`() throws {
        let facts = try Sample.facts { $0.current = nil }
        let timeline = Timeline(facts, range)
        #expect(timeline.stretches.isEmpty && timeline.marks.isEmpty)
        #expect(Timeline.words(facts, range) == "Timeline: nothing is published yet.")
    }

    @Test func `every mark is within the picture, and there are not too many`() throws {
        var facts = try Sample.facts()
        facts.plan = (0..<1000).map { index in
            PlannedRotation(
                at: Sample.now + .seconds(60 * (index + 1)), resource: "contoso-sms", keyType: .secondary, cause: .every
            )
        }
        for span in TimeRange.Span.allCases {
            let range = TimeRange(span, now: Sample.now)
            let timeline = Timeline(facts, range)
            #expect(timeline.marks.allSatisfy { (0...100).contains(range.place($0.at)) })
            #expect(timeline.marks.count { $0.kind == .planned } <= Timeline.mostPlanned)
        }
    }

    @Test(arguments: TimeRange.Span.allCases)
    func `the axis has a few ticks, in order`(_ span: TimeRange.Span) {
        let ticks = TimeRange(span, now: Sample.now).ticks
        #expect((3...9).contains(ticks.count))
        #expect(ticks.map(\.at) == ticks.map(\.at).sorted())
        // Times and months come again; a date or a year stands between them.
        #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.label != $1.label })
    }

    @Test func `ticks are on full hours and days, and on Mondays`() {
        func labels(_ span: TimeRange.Span) -> [String] { TimeRange(span, now: Sample.now).ticks.map(\.label) }
        #expect(labels(.hour) == ["11:00", "11:20", "11:40", "12:00", "12:20", "12:40", "13:00"])
        #expect(labels(.fortnight) == ["16 Nov", "23 Nov", "30 Nov", "7 Dec"])
        #expect(labels(.fourMonths).contains("Jan 2027"))
    }

    @Test(arguments: [
        (20, "10min"), (3600, "6h"), (86_400, "7d"), (30 * 86_400, "45d"), (90 * 86_400, "120d"),
        (3650 * 86_400, "400d"),
    ])
    func `the last and the next rotation are to be seen`(_ period: Int, _ span: String) {
        #expect(TimeRange.Span(fitting: .seconds(period)).rawValue == span)
    }
}
