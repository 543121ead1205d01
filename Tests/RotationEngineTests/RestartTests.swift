import Rotation
import RotationEngine
import RotationTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct RestartTests {
    private static let stories: [[ModelOutcome]] = [
        [.runs], [.runsUnanswered], [.isLost], [.landsLater(.seconds(60))], [.refused(Failure(.throttled, "429"))],
    ]

    /// Runs until the save at which the process dies; false when the story ends before.
    private func runAndCrash(
        _ world: EngineWorld, _ resource: ManagedResource, call: Int, _ mode: MemoryLedger.FailureMode
    ) async throws -> Bool {
        world.ledger.failOn(call: call, mode)
        return try await world.withEngine([resource], options: LedgerFailureTests.options) { running in
            await running.advance(atMost: .seconds(36000)) { statuses in
                world.ledger.calls >= call || statuses.allSatisfy { $0.isSettled(version: 2) }
            } && world.ledger.calls >= call
        }
    }

    @Test(arguments: stories.indices)
    func afterACrashAtAnySaveTheStoryEndsWell(_ story: Int) async throws {
        for mode in MemoryLedger.FailureMode.allCases {
            var call = 1
            while true {
                let world = EngineWorld()
                let resource = try Samples.resource()
                world.azure.script(Self.stories[story], for: resource.id)
                guard try await runAndCrash(world, resource, call: call, mode) else { break }
                let restarted = world.with(ledger: MemoryLedger(world.ledger.rows))
                try await restarted.withEngine([resource], options: LedgerFailureTests.options) { running in
                    #expect(await running.settle(version: 2), "save \(call) \(mode)")
                }
                #expect(world.violations([resource]) == [], "save \(call) \(mode)")
                #expect(Set(world.azure.sent(resource.id)) == [.secondary], "save \(call) \(mode)")
                #expect(world.azure.isPublishedKeyAlive(resource), "save \(call) \(mode)")
                call += 1
            }
            #expect(call > 9)
        }
    }

    @Test func aRestartAloneRegeneratesNothing() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { await $0.idle() }
        let due = world.ledger.rows[resource.name]?.record.due
        for _ in 0..<5 {
            world.clock.advance(by: .seconds(60))
            try await world.withEngine([resource]) { await $0.idle() }
        }
        #expect(world.azure.sent(resource.id).isEmpty)
        #expect(world.publisher.publications(resource.name).count == 1)
        #expect(world.delivery.deliveries.count == 1)
        #expect(world.ledger.rows[resource.name]?.record.due == due)
    }

    @Test func aLostLedgerMeansAdoptionWithAWholeOverlap() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource], options: LedgerFailureTests.options) { running in
            #expect(await running.settle(version: 2))
        }
        let restarted = world.with(ledger: MemoryLedger())
        try await restarted.withEngine([resource], options: LedgerFailureTests.options) { running in
            await running.idle()
            #expect(await running.status(resource.name)?.isSettled(version: 2) == true)
            #expect(await running.status(resource.name)?.publication?.keyType == .secondary)
            #expect(
                await running.engine.rotate(resource.name, actor: "alice")
                    == .refused(.overlap(until: world.clock.now + .seconds(3601))))
            #expect(await running.settle(version: 3))
        }
        #expect(world.azure.sent(resource.id) == [.secondary, .primary])
        #expect(world.violations([resource]) == [])
    }

    /// A backup of the ledger was put back: what it says is long past.
    @Test func anyEarlierStateOfTheLedgerDoesNoHarm() async throws {
        var count = 0
        var total = 1
        while count < total {
            let world = EngineWorld()
            let resource = try Samples.resource()
            try await world.withEngine([resource], options: LedgerFailureTests.options) { running in
                #expect(await running.settle(version: 3))
            }
            total = world.ledger.saves.count
            let restarted = world.with(ledger: MemoryLedger(world.ledger.state(after: count)))
            try await restarted.withEngine([resource], options: LedgerFailureTests.options) { running in
                await running.advance(by: .seconds(1800))
                #expect(world.azure.isPublishedKeyAlive(resource), "state \(count)")
                _ = await running.engine.resume(resource.name, actor: "alice")
                let version = world.publisher.current(resource.name)?.order.version ?? 0
                #expect(await running.settle(version: version + 1), "state \(count)")
            }
            #expect(world.violations([resource]) == [], "state \(count)")
            #expect(world.azure.isPublishedKeyAlive(resource), "state \(count)")
            count += 1
        }
        #expect(count > 12)
    }
}
