import Rotation
import Testing

@Suite struct ScheduleTests {
    private let published = Instant(unixSeconds: 1_800_000_000)
    private func due(_ policy: Policy, _ name: String) throws -> Due {
        try #require(RotationSettings(name: name, policy: policy).due(publishedAt: published))
    }

    private var names: [String] { (0..<2000).map { "contoso-\($0)" } }

    @Test func withoutJitterDueIsOnePeriodLater() {
        let due = RotationSettings(name: "contoso-sms", policy: .sample()).due(publishedAt: published)
        #expect(due?.at == published + .days(30))
    }

    @Test func jitterStaysWithinItsBound() throws {
        let policy = Policy.sample { $0.jitter = .hours(2) }
        for name in names {
            let share = try due(policy, name).at - (published + policy.every)
            #expect(share >= .zero && share < policy.jitter, "\(name): \(share)")
        }
    }

    @Test func jitterIsTheSameEveryTimeAndSpreadsEvenly() throws {
        let policy = Policy.sample { $0.jitter = .hours(10) }
        var perHour: [Int64: Int] = [:]
        for name in names {
            let due = try self.due(policy, name)
            #expect(try due == self.due(policy, name))
            perHour[(due.at - (published + policy.every)).wholeMicroseconds / 3_600_000_000, default: 0] += 1
        }
        #expect(perHour.count == 10)
        for (hour, count) in perHour { #expect((120...280).contains(count), "\(count) in hour \(hour)") }
    }

    @Test func enormousJitterDoesNotTrap() throws {
        let policy = Policy.sample { $0.jitter = .seconds(Int64.max) }
        for name in names.prefix(50) {
            #expect(try due(policy, name).at >= published + policy.every)
        }
    }

    @Test func scheduleNamesWhatTheDueTimeDependsOn() throws {
        let policy = Policy.sample { $0.jitter = .hours(1) }
        #expect(policy.schedule == Policy.sample { ($0.jitter, $0.overlap) = (.hours(1), .hours(1)) }.schedule)
        #expect(policy.schedule != Policy.sample().schedule)
        #expect(policy.schedule != Policy.sample { ($0.jitter, $0.every) = (.hours(1), .days(31)) }.schedule)
        #expect(try due(policy, "a").schedule == policy.schedule)
    }

    @Test func looksAreSpreadOverAQuarterOfTheInterval() {
        let policy = Policy.sample { $0.driftCheck = .hours(1) }
        let intervals = names.map { policy.lookInterval(name: $0) }
        #expect(intervals.allSatisfy { $0 > .minutes(45) && $0 <= .hours(1) })
        #expect(Set(intervals).count > 1900)
    }

    @Test(arguments: [(1, 200), (8, 1000), (120, 15_000), (80, 10_000), (3600, 15_000)])
    func pollsAnEighthOfSettleWithinBounds(settle: Int, milliseconds: Int) {
        #expect(Policy.sample { $0.settle = .seconds(settle) }.pollInterval == .milliseconds(milliseconds))
    }

    @Test func backoffFollowsTheTableAndItsLastEntryRepeats() {
        let policy = Policy.sample()
        let waits = (1...7).map { policy.backoff(count: $0, reason: .timeout) }
        #expect(waits == [10, 60, 300, 900, 3600, 3600, 3600].map { .seconds($0) })
    }

    @Test(arguments: [Reason.forbidden, .unauthenticated, .notFound, .locked, .clockSkew, .probeUnusable])
    func whatAPersonMustMendStartsSlowly(reason: Reason) {
        let policy = Policy.sample()
        #expect(
            (1...4).map { policy.backoff(count: $0, reason: reason) } == [300, 900, 3600, 3600].map { .seconds($0) })
    }

    @Test func backoffWithShortTables() {
        let policy = Policy.sample { $0.retry = [.seconds(5)] }
        #expect(policy.backoff(count: 1, reason: .forbidden) == .seconds(5))
        #expect(policy.backoff(count: 0, reason: .timeout) == .seconds(5))
        #expect(Policy.sample { $0.retry = [] }.backoff(count: 1, reason: .timeout) == .seconds(60))
    }

    @Test func keysAreTooOldAfterMaxAgeOrHalfAPeriodMore() {
        #expect(Policy.sample { $0.jitter = .hours(2) }.effectiveMaxAge == .days(45) + .hours(2))
        #expect(Policy.sample { $0.maxAge = .days(31) }.effectiveMaxAge == .days(31))
    }
}
