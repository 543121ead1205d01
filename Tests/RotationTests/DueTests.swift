import Rotation
import Testing

/// When a key is due: periods, calendars, windows, freezes, jitter and deadlines.
@Suite struct DueTests {
    private func settings(
        _ name: String = "contoso-sms", openings: Openings = Openings(), calendar: String? = nil,
        spread: Duration = .zero, _ adjust: (inout Policy) -> Void = { _ in }
    ) throws -> RotationSettings {
        var policy = Policy.sample(adjust)
        policy.timing = Timing(
            calendar: try calendar.map { try CalendarExpression($0) }, calendarZone: .berlin, openings: openings)
        return RotationSettings(name: name, policy: policy, spread: spread)
    }

    private let published = Instant.at("2026-11-20T12:00:00Z")

    @Test func whatIsDueOutsideTheWindowsWaitsForTheNextOpening() throws {
        let settings = try settings(openings: .sample(["Mon..Thu 02:00..05:00"]))
        let due = try #require(settings.due(publishedAt: published))
        #expect(due.at == .at("2026-12-21T01:00:00Z") && due.cause == .windowOpens)
    }

    @Test func whatIsDueInAFreezeWaitsForItsEnd() throws {
        let settings = try settings(openings: .sample(["Mon..Thu 02:00..05:00"], without: ["2026-12-20..2027-01-04"]))
        let due = try #require(settings.due(publishedAt: published))
        #expect(due.at == .at("2027-01-05T01:00:00Z") && due.cause == .freezeEnds)
    }

    @Test func jitterDoesNotLeaveTheWindow() throws {
        let openings = try Openings.sample(["Mon..Thu 02:00..05:00"])
        var latest = Instant.distantPast
        for number in 0..<500 {
            let settings = try settings("contoso-\(number)", openings: openings) { $0.jitter = .hours(24) }
            let due = try #require(settings.due(publishedAt: published))
            let opening = Instant.at("2026-12-21T01:00:00Z")
            #expect(due.at >= opening && due.at <= opening + .hours(3) - settings.policy.rotationTime)
            latest = max(latest, due.at)
        }
        #expect(latest > .at("2026-12-21T03:50:00Z"), "all of the window is used")
    }

    @Test func aWindowThatIsAlmostOverIsNotUsed() throws {
        let settings = try settings(openings: .sample(["Mon..Thu 02:00..05:00"]))
        let due = try #require(settings.due(publishedAt: .at("2026-11-17T03:59:00Z")))
        #expect(due.at == .at("2026-12-21T01:00:00Z"), "a rotation takes 80 s")
    }

    @Test func calendarsElapseAfterTheOverlap() throws {
        let settings = try settings(calendar: "*-*-01 03:00")
        #expect(settings.due(publishedAt: published)?.at == .at("2026-12-01T02:00:00Z"))
        #expect(settings.due(publishedAt: published)?.cause == .calendar)
        // Somebody rotated by hand an hour before: that one is skipped.
        #expect(settings.due(publishedAt: .at("2026-12-01T01:00:00Z"))?.at == .at("2027-01-01T02:00:00Z"))
        #expect(settings.due(publishedAt: .at("2026-11-30T02:00:00Z"))?.at == .at("2026-12-01T02:00:00Z"))
    }

    @Test(arguments: [Due.Cause.deadline, .overdue])
    func whatCameLongAfterItsElapseIsNotCountedFromThere(cause: Due.Cause) throws {
        let settings = try settings(calendar: "*-*-01 03:00")
        let late = Due(
            at: .at("2026-07-31T12:00:00Z"), schedule: settings.schedule, base: .at("2026-07-01T01:00:00Z"),
            cause: cause)
        #expect(settings.due(publishedAt: late.at + .seconds(90), after: late)?.at == .at("2026-09-01T01:00:00Z"))
    }

    @Test func aCalendarThatHasEndedIsNeverDue() throws {
        #expect(try settings(calendar: "2026-*-01 03:00").due(publishedAt: .at("2026-12-10T00:00:00Z")) == nil)
    }

    @Test func theDeadlineBeatsTheFreeze() throws {
        let openings = try Openings.sample(without: ["2026-12-01..2027-03-01"])
        let settings = try settings(openings: openings) { ($0.maxAge, $0.onDeadline) = (.days(45), .rotate) }
        let due = try #require(settings.due(publishedAt: published))
        #expect(due.at == published + .days(45) - settings.policy.rotationTime && due.cause == .deadline)
        let patient = try self.settings(openings: openings) { $0.maxAge = .days(45) }
        #expect(patient.due(publishedAt: published)?.cause == .freezeEnds)
    }

    @Test func aRotationThatWasOnTimeKeepsTheGrid() throws {
        let settings = try settings { $0.jitter = .hours(2) }
        let first = try #require(settings.due(publishedAt: published))
        let second = try #require(settings.due(publishedAt: first.at + .seconds(22), after: first))
        #expect(second.at == first.at + .days(30))
        let late = try #require(settings.due(publishedAt: first.at + .hours(5), after: first))
        #expect(late.at == first.at + .hours(5) + .days(30) + (first.at - published - .days(30)))
        let asked = try #require(settings.due(publishedAt: first.at + .seconds(22)))
        #expect(asked.base == first.at + .seconds(22) + .days(30))
    }

    @Test func theCanaryTakesNoShareOfTheJitter() throws {
        let canary = try settings("canary") { ($0.jitter, $0.canary) = (.hours(2), "canary") }
        #expect(canary.due(publishedAt: published)?.at == published + .days(30))
    }

    @Test func resourcesThatAreDueTogetherAreSpread() throws {
        #expect(RotationSettings.spread(resources: 3, perSecond: 10) == .zero)
        #expect(RotationSettings.spread(resources: 100, perSecond: 10) == .seconds(128))
        #expect(RotationSettings.spread(resources: 5000, perSecond: 10) == .seconds(8192))
        let spread = RotationSettings.spread(resources: 5000, perSecond: 10)
        var perMinute: [Int64: Int] = [:]
        for number in 0..<5000 {
            let settings = try settings(
                "contoso-\(number)", openings: .sample(without: ["12-20..01-04"]), spread: spread)
            let due = try #require(settings.due(publishedAt: .at("2026-11-28T12:00:00Z")))
            perMinute[(due.at - .at("2027-01-04T23:00:00Z")).components.seconds / 60, default: 0] +=
                Policy.writesOfRotation
        }
        #expect(perMinute.values.max() ?? 0 < 600, "what is refilled in a minute: \(perMinute.values.max() ?? 0)")
        #expect(perMinute.keys.min() ?? -1 >= 0 && perMinute.keys.max() ?? 999 < 137)
    }

    @Test func whatWasMissedBeginsInTheNextOpening() throws {
        let settings = try settings(openings: .sample(["Mon..Thu 02:00..05:00"])) { $0.jitter = .hours(2) }
        let due = try #require(settings.due(publishedAt: published))
        func begin(_ now: String, barrier: Instant = .distantPast) -> Instant? {
            settings.begin(due, notBefore: barrier, publishedAt: published, .at(now))
        }
        #expect(begin("2026-12-21T01:00:00Z") == due.at)
        #expect(begin("2026-12-21T03:50:00Z") == due.at, "late, but in time")
        let next = try #require(begin("2026-12-21T03:59:00Z"))
        #expect(next - .at("2026-12-22T01:00:00Z") == due.at - .at("2026-12-21T01:00:00Z"), "its place in the next one")
        #expect(begin("2026-12-21T02:00:00Z", barrier: .at("2026-12-23T02:30:00Z")) == .at("2026-12-23T02:30:00Z"))
        #expect(
            begin("2026-12-21T02:00:00Z", barrier: .at("2026-12-24T05:00:00Z")) ?? .distantPast
                > .at("2026-12-28T01:00:00Z"))
    }

    @Test func signaturesTellSchedulesApart() throws {
        let plain = try settings().schedule
        let windows = try settings(openings: .sample(["02:00..05:00"])).schedule
        let elsewhere = try settings(openings: .sample(["02:00..05:00"], in: .lordHowe)).schedule
        let frozen = try settings(openings: .sample(["02:00..05:00"], without: ["12-20..01-04"])).schedule
        let calendar = try settings(calendar: "monthly").schedule
        #expect(Set([plain, windows, elsewhere, frozen, calendar]).count == 5)
        #expect(try settings(openings: .sample(["02:00..05:00"])).schedule == windows)
    }

    @Test(arguments: Due.Cause.allCases) func causesAreStableWords(cause: Due.Cause) {
        let words = ["every", "calendar", "jitter", "window opens", "freeze ends", "deadline", "overdue"]
        #expect(words.contains(cause.rawValue))
    }
}
