import Rotation
import RotationTestKit
import Testing

@testable import RotationEngine

@Suite(.timeLimit(.minutes(15)))
struct CallSlotsTests {
    @Test func neverAdmitsMoreThanTheLimit() async throws {
        let slots = CallSlots(limit: 3)
        let counts = Protected((now: 0, most: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await slots.withSlot(troubled: number % 3 == 0) {
                        counts.change {
                            $0.now += 1
                            $0.most = max($0.most, $0.now)
                        }
                        await Task.yield()
                        counts.change { $0.now -= 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(counts.value.now == 0)
        #expect(counts.value.most <= 3)
    }

    @Test func thoseInTroubleHoldHalfAtMost() async throws {
        let slots = CallSlots(limit: 4)
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask { try await slots.withSlot(troubled: true) { try await gate.pass() } }
            }
            await gate.waitForArrivals(2)
            for _ in 0..<50 { try await slots.withSlot(troubled: false) { await Task.yield() } }
            #expect(gate.arrivals == 2)
            gate.open()
            try await group.waitForAll()
        }
        #expect(gate.arrivals == 10)
    }

    @Test func driftChecksWaitBehindAllOthers() async throws {
        let slots = CallSlots(limit: 1)
        let gate = Gate()
        let order = Protected([Urgency]())
        let arriving: [Urgency] = [.driftCheck, .driftCheck, .work, .driftCheck, .work]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await slots.withSlot(troubled: false) { try await gate.pass() } }
            await gate.waitForArrivals()
            for (count, urgency) in arriving.enumerated() {
                group.addTask {
                    try await slots.withSlot(troubled: false, urgency: urgency) { order.change { $0.append(urgency) } }
                }
                await poll { slots.waiting == count + 1 }
            }
            gate.open()
            try await group.waitForAll()
        }
        #expect(order.value == [.work, .work, .driftCheck, .driftCheck, .driftCheck])
    }

    @Test func aSingleSlotServesEverybody() async throws {
        let slots = CallSlots(limit: 1)
        for troubled in [true, false, true] { try await slots.withSlot(troubled: troubled) { await Task.yield() } }
    }

    @Test func aFailureGivesTheSlotBack() async throws {
        let slots = CallSlots(limit: 1)
        await #expect(throws: CancellationError.self) {
            try await slots.withSlot(troubled: true) { throw CancellationError() }
        }
        try await slots.withSlot(troubled: true) {}
    }

    @Test func whoIsCancelledWhileWaitingTakesNoSlot() async throws {
        let slots = CallSlots(limit: 1)
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await slots.withSlot(troubled: false) { await gate.passUncancelled() } }
            await gate.waitForArrivals()
            for _ in 0..<100 {
                await withTaskGroup(of: Bool.self) { waiting in
                    waiting.addTask {
                        do {
                            try await slots.withSlot(troubled: false) {}
                            return false
                        } catch {
                            return error is CancellationError
                        }
                    }
                    waiting.cancelAll()
                    #expect(await waiting.next() == true)
                }
            }
            gate.open()
            try await group.waitForAll()
        }
        try await slots.withSlot(troubled: false) {}
    }

    @Test func cancellingAtRandomMomentsLosesNoSlot() async throws {
        let slots = CallSlots(limit: 2)
        for round in 0..<100 {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<10 {
                    group.addTask { try? await slots.withSlot(troubled: number % 2 == 0) { await Task.yield() } }
                }
                for _ in 0..<(round % 7) { await Task.yield() }
                group.cancelAll()
            }
        }
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 { group.addTask { try await slots.withSlot(troubled: false) { try await gate.pass() } } }
            await gate.waitForArrivals(2)
            gate.open()
            try await group.waitForAll()
        }
    }

    @Test func closingTurnsAwayWhoWaitsAndWhoComes() async throws {
        let slots = CallSlots(limit: 1)
        let gate = Gate()
        let turnedAway = Protected(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await slots.withSlot(troubled: false) { try await gate.pass() } }
            await gate.waitForArrivals()
            for _ in 0..<3 {
                group.addTask {
                    do {
                        try await slots.withSlot(troubled: false) {}
                    } catch {
                        turnedAway.change { $0 += 1 }
                    }
                }
            }
            slots.close()
            await poll { turnedAway.value == 3 }
            gate.open()
            try await group.waitForAll()
        }
        await #expect(throws: CancellationError.self) { try await slots.withSlot(troubled: false) {} }
    }
}
