import Testing

@testable import RotationEngine

@Suite(.timeLimit(.minutes(15)))
struct WakeupTests {
    private static func forever() async throws {
        try await Task.sleep(for: .seconds(3600))
    }

    @Test func aSignalSinceTheLookAroundEndsTheWaitAtOnce() async {
        let wakeup = Wakeup()
        let seen = wakeup.signals
        wakeup.signal()
        wakeup.signal()
        await wakeup.wait(since: seen, orUntil: Self.forever)
        #expect(wakeup.signals == seen + 2)
    }

    @Test func aSignalThatWasSeenDoesNotEndTheNextWait() async {
        let wakeup = Wakeup()
        wakeup.signal()
        let slept = Protected(false)
        await wakeup.wait(since: wakeup.signals) { slept.change { $0 = true } }
        #expect(slept.value)
    }

    @Test func aSignalWhileWaitingEndsIt() async {
        let wakeup = Wakeup()
        for _ in 0..<200 {
            let seen = wakeup.signals
            async let waiting: Void = wakeup.wait(since: seen, orUntil: Self.forever)
            wakeup.signal()
            await waiting
        }
    }

    @Test func theEndOfTheSleepEndsItAndLeavesNothingBehind() async {
        let wakeup = Wakeup()
        for _ in 0..<200 { await wakeup.wait(since: wakeup.signals) {} }
        let seen = wakeup.signals
        wakeup.signal()
        await wakeup.wait(since: seen, orUntil: Self.forever)
    }

    @Test func cancellationEndsIt() async {
        let wakeup = Wakeup()
        for _ in 0..<200 {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await wakeup.wait(since: wakeup.signals, orUntil: Self.forever) }
                group.cancelAll()
            }
        }
    }

    @Test func signalsFromManyTasksAreNotLost() async {
        let wakeup = Wakeup()
        let arrived = Protected(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<100 {
                        arrived.change { $0 += 1 }
                        wakeup.signal()
                        await Task.yield()
                    }
                }
            }
            while true {
                let seen = wakeup.signals
                if arrived.value == 800 { break }
                await wakeup.wait(since: seen, orUntil: Self.forever)
            }
        }
        #expect(wakeup.signals == 800)
    }
}
