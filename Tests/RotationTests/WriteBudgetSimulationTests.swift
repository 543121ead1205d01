import Testing

@testable import Rotation

/// Azure's bucket, millisecond by millisecond, in two-thousandths of a token.
private struct NaiveBucket {
    private static let token = 2000

    private let full: Int
    private let perMillisecond: Int
    private var level: Int

    init(tokens: Int, perMillisecond: Int) {
        full = tokens * Self.token
        self.perMillisecond = perMillisecond
        level = full
    }

    /// 200, and 10 a second.
    static let azure = NaiveBucket(tokens: 200, perMillisecond: 20)
    static let quarter = NaiveBucket(tokens: 50, perMillisecond: 5)

    var holdsToken: Bool { level >= Self.token }

    mutating func tick() { level = min(full, level + perMillisecond) }

    mutating func take() { level -= Self.token }
}

/// Compares the budget with a bucket that is simply simulated.
@Suite struct WriteBudgetSimulationTests {
    private struct Call {
        var at: Int
        var urgency: Urgency
    }

    /// Rushes and quiet, in milliseconds.
    private func arrivals(_ random: inout SplitMix64, driftChecks: Bool) -> [Call] {
        var calls: [Call] = []
        var at = 0
        while at < 200_000 {
            at +=
                random.chance(0.03)
                ? Int.random(in: 0...20_000, using: &random) : Int.random(in: 0...50, using: &random)
            for _ in 0..<(random.chance(0.02) ? Int.random(in: 0...260, using: &random) : 1) {
                let urgency: Urgency = driftChecks && random.chance(0.2) ? .driftCheck : .work
                calls.append(Call(at: at, urgency: urgency))
            }
        }
        return calls
    }

    /// Who comes first goes first, as soon as the simulated bucket holds a token.
    private func naiveDepartures(_ calls: [Call]) -> [Int] {
        var bucket = NaiveBucket.azure
        var departures: [Int] = []
        var now = 0
        for call in calls {
            while now < call.at || !bucket.holdsToken {
                now += 1
                bucket.tick()
            }
            bucket.take()
            departures.append(now)
        }
        return departures
    }

    @Test(arguments: 1...12) func workLeavesExactlyWhenAzureHasAToken(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let calls = arrivals(&random, driftChecks: false)
        var budget = WriteBudget(.azure, now: .zero)
        let departures = calls.map { call -> Int in
            let now = Duration.milliseconds(call.at)
            let wait = budget.reserve(.work, patience: .seconds(3600), now: now).wait
            return call.at + Int(wait / .milliseconds(1))
        }
        #expect(departures == naiveDepartures(calls))
        #expect(calls.count > 400 && departures != calls.map(\.at), "it is about calls that wait")
    }

    /// Drift checks ask again and again; Azure takes from its bucket with every call, and never finds it empty.
    @Test(arguments: 1...12) func neverMoreLeavesThanAzureHas(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var budget = WriteBudget(.azure, now: .zero)
        var asking = arrivals(&random, driftChecks: true)
        asking.reverse()
        var departures: [Call] = []
        while let call = asking.popLast() {
            let now = Duration.milliseconds(call.at)
            switch budget.reserve(call.urgency, patience: .seconds(4), now: now) {
            case .granted(let wait):
                departures.append(Call(at: call.at + Int(wait / .milliseconds(1)), urgency: call.urgency))
            case .askAgain(let wait):
                let again = Call(at: call.at + Int(wait / .milliseconds(1)), urgency: call.urgency)
                asking.insert(again, at: asking.lastIndex { $0.at > again.at }.map { $0 + 1 } ?? 0)
            case .refused: break
            }
        }
        departures.sort { $0.at < $1.at }
        let driftChecks = departures.filter { $0.urgency == .driftCheck }
        #expect(isWithin(.azure, departures))
        #expect(isWithin(.quarter, driftChecks))
        #expect(departures.count > 300 && driftChecks.count > 50)
    }

    private func isWithin(_ bucket: NaiveBucket, _ calls: [Call]) -> Bool {
        var bucket = bucket
        var now = 0
        for call in calls {
            while now < call.at {
                now += 1
                bucket.tick()
            }
            guard bucket.holdsToken else { return false }
            bucket.take()
        }
        return true
    }
}
