import Rotation
import Testing

@Suite struct OpeningsTests {
    private func starts(_ openings: Openings, from: String, _ count: Int) -> [String] {
        var place = Instant.at(from)
        return (0..<count).compactMap { _ in
            guard let interval = openings.interval(from: place) else { return nil }
            place = interval.end
            return "\(interval.start) \(interval.end)"
        }
    }

    @Test func windowsOpenOnTheirDaysInLocalTime() throws {
        let openings = try Openings.sample(["Mon..Thu 02:00..05:00"])
        #expect(
            starts(openings, from: "2026-12-16T12:00:00Z", 2) == [
                "2026-12-17T01:00:00Z 2026-12-17T04:00:00Z", "2026-12-21T01:00:00Z 2026-12-21T04:00:00Z",
            ])
    }

    @Test func aPictureHasTheOpeningsOfItsTime() throws {
        let openings = try Openings.sample(["Mon..Thu 02:00..05:00"], without: ["2026-12-21..2026-12-22"])
        let intervals = openings.intervals(
            from: .at("2026-12-16T02:00:00Z"), until: .at("2026-12-24T02:00:00Z"), limit: 10)
        #expect(
            intervals.map { "\($0.start) \($0.end)" } == [
                "2026-12-16T02:00:00Z 2026-12-16T04:00:00Z", "2026-12-17T01:00:00Z 2026-12-17T04:00:00Z",
                "2026-12-23T01:00:00Z 2026-12-23T04:00:00Z", "2026-12-24T01:00:00Z 2026-12-24T02:00:00Z",
            ])
        let from = Instant.at("2026-12-16T02:00:00Z")
        #expect(openings.intervals(from: from, until: .at("2026-12-24T02:00:00Z"), limit: 2).count == 2)
        #expect(openings.intervals(from: from, until: from, limit: 2).isEmpty)
        let always = Openings().intervals(from: from, until: from + .days(3), limit: 9)
        #expect(always.map(\.length) == [.days(3)])
    }

    @Test func aPictureHasEachFreezeForItself() throws {
        let openings = try Openings.sample(without: ["12-20..01-04", "2026-12-24..2026-12-26"])
        let frozen = openings.frozen(from: .at("2026-12-01T00:00:00Z"), until: .at("2027-12-25T00:00:00Z"))
        #expect(
            frozen.map { "\($0.freeze.from) \($0.interval.start) \($0.interval.end)" } == [
                "12-20 2026-12-19T23:00:00Z 2027-01-04T23:00:00Z",
                "2026-12-24 2026-12-23T23:00:00Z 2026-12-26T23:00:00Z",
                "12-20 2027-12-19T23:00:00Z 2027-12-25T00:00:00Z",
            ])
        // Clocks change within it.
        let long = try Openings.sample(without: ["2027-03-01..2027-04-30"])
        let one = long.frozen(from: .at("2027-01-01T00:00:00Z"), until: .at("2028-01-01T00:00:00Z"))
        #expect(one.map { "\($0.interval.start) \($0.interval.end)" } == ["2027-02-28T23:00:00Z 2027-04-30T22:00:00Z"])
        let inside = long.frozen(from: .at("2027-03-10T00:00:00Z"), until: .at("2027-03-11T00:00:00Z"))
        #expect(inside.map(\.interval.length) == [.days(1)])
    }

    @Test func anOpeningInTheMiddleOfWhichOneAsksBeginsThere() throws {
        let openings = try Openings.sample(["Mon..Thu 02:00..05:00"])
        let interval = try #require(openings.interval(from: .at("2026-12-17T02:30:00.5Z")))
        #expect(interval.start == .at("2026-12-17T02:30:00.5Z") && interval.end == .at("2026-12-17T04:00:00Z"))
    }

    @Test func windowsOverMidnightAndWholeDaysJoin() throws {
        let openings = try Openings.sample(["Fri 22:00..02:00", "Sat,Sun"], in: .utc)
        #expect(
            starts(openings, from: "2026-12-16T12:00:00Z", 1) == ["2026-12-18T22:00:00Z 2026-12-21T00:00:00Z"])
    }

    @Test func aWindowThatClocksSkipDoesNotOpen() throws {
        let openings = try Openings.sample(["02:00..03:00"])
        #expect(
            starts(openings, from: "2027-03-27T00:00:00Z", 2) == [
                "2027-03-27T01:00:00Z 2027-03-27T02:00:00Z", "2027-03-29T00:00:00Z 2027-03-29T01:00:00Z",
            ])
    }

    @Test func aWindowThatClocksShowTwiceIsOpenTwice() throws {
        #expect(
            starts(try .sample(["02:00..03:00"]), from: "2027-10-30T12:00:00Z", 1) == [
                "2027-10-31T00:00:00Z 2027-10-31T02:00:00Z"
            ])
        #expect(
            starts(try .sample(["02:15..02:30"]), from: "2027-10-30T12:00:00Z", 2) == [
                "2027-10-31T00:15:00Z 2027-10-31T00:30:00Z", "2027-10-31T01:15:00Z 2027-10-31T01:30:00Z",
            ])
    }

    @Test func freezesWinAndTheirLastDayBelongsToThem() throws {
        let openings = try Openings.sample(["02:00..05:00"], without: ["2026-12-20..2027-01-04"])
        #expect(
            starts(openings, from: "2026-12-19T00:00:00Z", 2) == [
                "2026-12-19T01:00:00Z 2026-12-19T04:00:00Z", "2027-01-05T01:00:00Z 2027-01-05T04:00:00Z",
            ])
    }

    @Test func yearlyFreezesComeAgain() throws {
        let openings = try Openings.sample(without: ["12-20..01-04"], in: .utc)
        #expect(
            starts(openings, from: "2026-12-25T00:00:00Z", 2) == [
                "2027-01-05T00:00:00Z 2027-12-20T00:00:00Z", "2028-01-05T00:00:00Z 2028-12-20T00:00:00Z",
            ])
        let leap = try Openings.sample(without: ["02-28..02-29"], in: .utc)
        #expect(
            starts(leap, from: "2027-02-28T12:00:00Z", 2) == [
                "2027-03-01T00:00:00Z 2028-02-28T00:00:00Z", "2028-03-01T00:00:00Z 2029-02-28T00:00:00Z",
            ])
    }

    @Test func freezesWithTimesEndAtThem() throws {
        let openings = try Openings.sample(without: ["2027-03-01 18:00..2027-03-02 06:00"])
        #expect(
            starts(openings, from: "2027-03-01T00:00:00Z", 2) == [
                "2027-03-01T00:00:00Z 2027-03-01T17:00:00Z",
                "2027-03-02T05:00:00Z \(Instant.distantFuture)",
            ])
    }

    @Test func windowsThatAreAlwaysOpenAreNone() throws {
        #expect(
            try Openings.sample(["Mon..Thu 06:00..06:00:01", "06:00..05:59:59", "Fri 05:00..07:00"]).areAlways == false)
        #expect(try Openings.sample(["00:00..12:00", "11:00..24:00"]).areAlways)
        #expect(try Openings.sample(["Mon..Sun"]).areAlways)
    }

    @Test func whatNeverOpensIsSaidAtOnce() throws {
        #expect(try Openings.sample(without: ["01-01..12-31"]).interval(from: .at("2026-12-25T00:00:00Z")) == nil)
    }

    @Test(arguments: [
        ("", 0), ("25:00..26:00", 0), ("02:00", 5), ("02:00..02:00", 12), ("Mon..Thy 02:00..03:00", 5),
        ("02:00..03:00 UTC", 12), ("02:60..03:00", 0), ("02..03", 2),
    ])
    func windowsThatAreNone(text: String, offset: Int) {
        do {
            _ = try Window(text)
            Issue.record("'\(text)' is no window")
        } catch {
            #expect(error.offset == offset, "\(text): \(error)")
        }
    }

    /// Against every five minutes looked at alone.
    @Test(arguments: 1...8) func agreesWithEveryMoment(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func pick(_ range: ClosedRange<Int>) -> Int {
            range.lowerBound + Int(random.next() % UInt64(range.count))
        }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let zone = [TimeZoneRules.berlin, .lordHowe, .utc][pick(0...2)]
        let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let windows = (0..<pick(0...3)).map { _ in
            let first = pick(0...6)
            return "\(names[first])..\(names[pick(first...6)]) \(two(pick(0...23))):\(two(pick(0...11) * 5))"
                + "..\(two(pick(0...23))):\(two(pick(0...11) * 5))"
        }
        let freezes = (0..<pick(0...2)).map { _ in
            "\(two(pick(1...12)))-\(two(pick(1...28)))..\(two(pick(1...12)))-\(two(pick(1...28))) \(two(pick(0...23))):30"
        }
        let openings: Openings
        do { openings = try Openings.sample(windows, without: freezes, in: zone) } catch { return }
        // The days around both changes of the clocks.
        for start in ["2027-03-27T12:00:00Z", "2027-10-30T12:00:00Z", "2027-04-03T00:00:00Z"] {
            var expected: Openings.Interval?
            for step in stride(from: 432, through: 0, by: -1) {
                let instant = Instant.at(start) + .seconds(step * 300)
                let interval = openings.interval(from: instant)
                let isOpen = openings.isOpen(at: instant)
                #expect(
                    (interval?.start == instant) == isOpen,
                    "\(windows) \(freezes) \(zone.name) \(instant), seed \(seed)")
                if step < 432, !isOpen || expected?.start != instant + .seconds(300) {
                    // Nothing opens between one step and the next, for edges are multiples of five minutes.
                    if !isOpen { #expect(interval?.start == expected?.start, "\(windows) \(instant), seed \(seed)") }
                } else if step < 432, isOpen, let next = expected {
                    #expect(interval?.end == next.end, "\(windows) \(instant), seed \(seed)")
                }
                expected = interval
            }
        }
    }

    @Test func isOpenKnowsTheClockOnTheWall() throws {
        let openings = try Openings.sample(["Mon..Thu 02:00..05:00"], without: ["12-21..12-21"])
        for (text, isOpen) in [
            ("2026-12-16T01:00:00Z", true), ("2026-12-16T00:59:59Z", false), ("2026-12-16T03:59:59Z", true),
            ("2026-12-16T04:00:00Z", false), ("2026-12-18T02:00:00Z", false), ("2026-12-21T02:00:00Z", false),
            ("2026-07-01T00:00:00Z", true), ("2026-07-01T03:00:00Z", false),
        ] {
            #expect(openings.isOpen(at: .at(text)) == isOpen, "\(text)")
        }
    }
}
