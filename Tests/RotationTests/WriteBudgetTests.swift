import Testing

@testable import Rotation

@Suite struct WriteBudgetTests {
    private static let patience: Duration = .seconds(3600)

    private func waits(
        _ budget: inout WriteBudget, _ count: Int, _ urgency: Urgency = .work, at now: Duration = .zero,
        patience: Duration = patience
    ) -> [WriteBudget.Reservation] {
        (0..<count).map { _ in budget.reserve(urgency, patience: patience, now: now) }
    }

    @Test func aFullBucketIsUsedAtOnceAndThenTokenByToken() {
        var budget = WriteBudget(.azure, now: .zero)
        #expect(Set(waits(&budget, 200)) == [.granted(after: .zero)])
        #expect(
            waits(&budget, 3) == [100, 200, 300].map { .granted(after: .milliseconds($0)) })
        #expect(waits(&budget, 1, at: .milliseconds(300)) == [.granted(after: .milliseconds(100))])
        #expect(Set(waits(&budget, 200, at: .seconds(100))) == [.granted(after: .zero)])
    }

    @Test func whatIsAvailableCouldGoOutAtOnce() {
        var budget = WriteBudget(.azure, now: .zero)
        #expect(budget.available(now: .zero) == 200)
        _ = waits(&budget, 60)
        #expect(budget.available(now: .zero) == 140)
        #expect(budget.available(now: .milliseconds(99)) == 140)
        #expect(budget.available(now: .milliseconds(100)) == 141)
        #expect(budget.available(now: .seconds(3600)) == 200)
        _ = waits(&budget, 150)
        // Ten more were granted than there are.
        #expect(budget.available(now: .seconds(1)) == 0)
        #expect(budget.available(now: .milliseconds(1100)) == 1)
        budget.remaining(3, now: .seconds(60))
        #expect(budget.available(now: .seconds(60)) == 3)
        budget.throttled(retryAfter: .seconds(30), now: .seconds(60))
        #expect(budget.available(now: .milliseconds(89_999)) == 0)
        #expect(budget.available(now: .seconds(90)) == 1)
    }

    @Test func whoWouldWaitTooLongTakesNothing() {
        var budget = WriteBudget(WriteLimit(bucket: 1, perHour: 360), now: .zero)
        #expect(waits(&budget, 1) == [.granted(after: .zero)])
        for _ in 0..<5 {
            #expect(waits(&budget, 1, patience: .seconds(9)) == [.refused(wait: .seconds(10))])
        }
        #expect(waits(&budget, 1, patience: .seconds(10)) == [.granted(after: .seconds(10))])
    }

    @Test func driftChecksGetAQuarterAndNeverATokenThatWorkWaitsFor() {
        var budget = WriteBudget(.azure, now: .zero)
        #expect(Set(waits(&budget, 50, .driftCheck)) == [.granted(after: .zero)])
        #expect(
            waits(&budget, 2, .driftCheck) == [
                .askAgain(after: .milliseconds(400)), .askAgain(after: .milliseconds(400)),
            ])
        #expect(waits(&budget, 1, .driftCheck, patience: .zero) == [.refused(wait: .milliseconds(400))])
        #expect(Set(waits(&budget, 150)) == [.granted(after: .zero)])
        #expect(waits(&budget, 10).last == .granted(after: .seconds(1)))
        #expect(waits(&budget, 1, .driftCheck, at: .milliseconds(400)) == [.askAgain(after: .milliseconds(700))])
        #expect(waits(&budget, 1, .driftCheck, at: .milliseconds(1100)) == [.granted(after: .zero)])
    }

    @Test func whatAzureSaysIsLeftLowersAndNeverRaises() {
        var budget = WriteBudget(.azure, now: .zero)
        budget.remaining(3, now: .zero)
        budget.remaining(199, now: .zero)
        #expect(waits(&budget, 4).map(\.wait) == [.zero, .zero, .zero, .milliseconds(100)])
        budget.remaining(0, now: .seconds(60))
        #expect(waits(&budget, 1, at: .seconds(60)) == [.granted(after: .milliseconds(100))])
        budget.remaining(-7, now: .seconds(600))
        #expect(waits(&budget, 1, at: .seconds(600)) == [.granted(after: .milliseconds(100))])
        budget.remaining(.max, now: .seconds(700))
        #expect(waits(&budget, 201, at: .seconds(700)).last == .granted(after: .milliseconds(100)))
    }

    @Test func driftChecksGetAQuarterOfWhatIsLeft() {
        var budget = WriteBudget(.azure, now: .zero)
        budget.remaining(8, now: .zero)
        #expect(waits(&budget, 3, .driftCheck).map(\.wait) == [.zero, .zero, .milliseconds(400)])
    }

    @Test func retryAfterHoldsEverybodyUpAndLeavesOneToken() {
        var budget = WriteBudget(.azure, now: .zero)
        budget.throttled(retryAfter: .seconds(10), now: .zero)
        #expect(budget.isBlocked(now: .seconds(9)))
        #expect(waits(&budget, 1, at: .seconds(7), patience: .seconds(2)) == [.refused(wait: .seconds(3))])
        #expect(waits(&budget, 1, .driftCheck, at: .seconds(7)) == [.askAgain(after: .seconds(3))])
        #expect(waits(&budget, 2, at: .seconds(7)).map(\.wait) == [.seconds(3), .milliseconds(3100)])
        #expect(!budget.isBlocked(now: .seconds(10)))
        budget.throttled(retryAfter: .seconds(1), now: .seconds(10))
        budget.throttled(retryAfter: .zero, now: .seconds(10))
        #expect(budget.isBlocked(now: .milliseconds(10_999)), "a shorter one ends no longer one")
    }

    @Test func noRetryAfterBlocksForLongerThanAnHour() {
        var budget = WriteBudget(.azure, now: .zero)
        budget.throttled(retryAfter: .seconds(86_400), now: .zero)
        #expect(budget.isBlocked(now: .seconds(3599)))
        #expect(!budget.isBlocked(now: .seconds(3600)))
    }

    @Test func aClockThatRunsBackIsNoTime() {
        var budget = WriteBudget(WriteLimit(bucket: 1, perHour: 3600), now: .seconds(1_000_000))
        #expect(waits(&budget, 1, at: .seconds(1_000_000)) == [.granted(after: .zero)])
        #expect(waits(&budget, 1, at: .seconds(5)) == [.granted(after: .seconds(1))])
        #expect(waits(&budget, 1, at: .seconds(7)) == [.granted(after: .zero)])
    }

    @Test func extremesDoNotTrap() {
        let limits = [(Int.min, Int.min), (.max, .max), (.max, 1), (1, .max), (0, 0)]
        for limit in limits.map({ WriteLimit(bucket: $0.0, perHour: $0.1) }) {
            var budget = WriteBudget(limit, now: .seconds(Int64.min))
            for now in [Duration.seconds(Int64.max), .seconds(Int64.min), .zero] {
                budget.throttled(retryAfter: .seconds(Int64.max), now: now)
                budget.throttled(retryAfter: .seconds(Int64.min), now: now)
                budget.remaining(.min, now: now)
                for urgency in Urgency.allCases {
                    _ = budget.reserve(urgency, patience: .seconds(Int64.max), now: now)
                    _ = budget.reserve(urgency, patience: .seconds(Int64.min), now: now)
                }
            }
        }
    }
}

extension WriteBudget.Reservation {
    var wait: Duration {
        switch self {
        case .granted(let wait), .askAgain(let wait), .refused(let wait): wait
        }
    }
}
