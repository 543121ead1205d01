import Rotation
import RotationEngine
import RotationTestKit
import ServiceLifecycleTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct ShutdownTests {
    private static let options = LedgerFailureTests.options

    private func phase(_ world: EngineWorld, _ resource: ManagedResource) -> String? {
        world.ledger.rows[resource.name]?.record.phase.name
    }

    /// A new engine over the same world ends the story well.
    private func expectGoodEnd(_ world: EngineWorld, _ resources: [ManagedResource]) async throws {
        let restarted = world.with(ledger: MemoryLedger(world.ledger.rows))
        try await restarted.withEngine(resources, options: Self.options) { running in
            #expect(await running.settle(version: 2))
        }
        #expect(world.violations(resources) == [])
        for resource in resources { #expect(Set(world.azure.sent(resource.id)) == [.secondary]) }
    }

    @Test func anIdleEngineEndsAtOnce() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await testGracefulShutdown { trigger in
            try await world.withEngine([resource], options: Self.options) { running in
                await running.idle()
                trigger.triggerGracefulShutdown()
                await running.waitForEnd()
            }
        }
        #expect(world.clock.sleepers == 0)
    }

    @Test func aShutdownBeforeTheStartEndsAtOnce() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await testGracefulShutdown { trigger in
            trigger.triggerGracefulShutdown()
            try await world.withEngine([resource], options: Self.options) { running in
                await running.waitForEnd()
            }
        }
        #expect(world.azure.calls(.list) == 0)
    }

    @Test(arguments: [(ModelCall.list, 0), (.list, 21600), (.probe, 0), (.probe, 21600)])
    func whatOnlyLooksIsCutShort(_ call: ModelCall, after seconds: Int) async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let gate = try await testGracefulShutdown { trigger in
            let gate = seconds == 0 ? world.azure.holdUp(call, of: resource.id) : nil
            return try await world.withEngine([resource], options: Self.options) { running in
                if seconds > 0 { await running.advance(by: .seconds(seconds - 1)) }
                let gate = gate ?? world.azure.holdUp(call, of: resource.id)
                await running.advance(by: .seconds(1), ignoring: [resource.name])
                await gate.waitForArrivals()
                trigger.triggerGracefulShutdown()
                await running.waitForEnd()
                return gate
            }
        }
        #expect(gate.arrivals == 1)
        #expect(!gate.isOpen)
        #expect(world.azure.sent(resource.id).isEmpty)
        #expect(world.ledger.rows[resource.name]?.record.trouble == nil)
        gate.open()
        try await expectGoodEnd(world, [resource])
    }

    @Test(arguments: [ModelOutcome.runs, .runsUnanswered, .isLost])
    func aRegenerateThatWasSentIsAwaitedAndItsOutcomeSaved(_ outcome: ModelOutcome) async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.azure.script([outcome], for: resource.id)
        let awaited = Protected([Int]())
        var options = Self.options
        options.awaitingRegenerates = { count in awaited.change { $0.append(count) } }
        let gate = world.azure.holdUp(.regenerate, of: resource.id)
        try await testGracefulShutdown { trigger in
            try await world.withEngine([resource], options: options) { running in
                await running.advance(by: .seconds(6 * 3600 - 1))
                await running.advance(by: .seconds(1), ignoring: [resource.name])
                await gate.waitForArrivals()
                trigger.triggerGracefulShutdown()
                await poll { !awaited.value.isEmpty }
                await running.clock.waitForSleeper()
                world.clock.advance(by: .seconds(5))
                await poll { awaited.value.count >= 2 }
                #expect(!running.hasEnded)
                #expect(phase(world, resource) == "regenerating")
                gate.open()
                await running.waitForEnd()
            }
        }
        #expect(awaited.value.allSatisfy { $0 == 1 })
        if case .runs = outcome {
            #expect(phase(world, resource) == "confirming")
        } else {
            #expect(phase(world, resource) == "uncertain")
        }
        try await expectGoodEnd(world, [resource])
        if case .runs = outcome { #expect(world.azure.sent(resource.id).count == 1) }
    }

    @Test func aRegenerateThatWaitsForItsTurnIsNotSentAnyMore() async throws {
        // Who comes to its regenerate while another holds the only slot is up to the scheduler.
        for _ in 0..<50 {
            if try await regenerateWaitsForItsTurn() { return }
        }
        Issue.record("no regenerate waited for another one in 50 worlds")
    }

    /// False when only one resource came to its regenerate, so that nothing was tried.
    private func regenerateWaitsForItsTurn() async throws -> Bool {
        let world = EngineWorld()
        let resources = try Samples.resources(3)
        let gates = resources.map { world.azure.holdUp(.regenerate, of: $0.id) }
        var options = Self.options
        options.concurrency = 1
        let names = Set(resources.map(\.name))
        var onRecord = 0
        try await testGracefulShutdown { trigger in
            try await world.withEngine(resources, options: options) { running in
                await running.advance(by: .seconds(6 * 3600 - 1))
                await running.advance(by: .seconds(1), ignoring: names)
                await poll { gates.contains { $0.arrivals > 0 } }
                for _ in 0..<1000 where onRecord < 3 {
                    await Task.yield()
                    onRecord = resources.count { phase(world, $0) == "regenerating" }
                }
                trigger.triggerGracefulShutdown()
                await poll { resources.count { phase(world, $0) == "settled" } == 2 }
                for gate in gates { gate.open() }
                await running.waitForEnd()
            }
        }
        #expect(resources.flatMap { world.azure.sent($0.id) } == [.secondary])
        #expect(resources.compactMap { phase(world, $0) }.sorted() == ["confirming", "settled", "settled"])
        try await expectGoodEnd(world, resources)
        #expect(resources.flatMap { world.azure.sent($0.id) }.count == 3)
        return onRecord > 1
    }

    @Test func aPublicationThatHasBegunIsFinishedAndSaved() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let gate = world.publisher.holdUp(resource.name)
        try await testGracefulShutdown { trigger in
            try await world.withEngine([resource], options: Self.options) { running in
                await gate.waitForArrivals()
                trigger.triggerGracefulShutdown()
                gate.open()
                await running.waitForEnd()
            }
        }
        #expect(phase(world, resource) == "delivering")
        #expect(world.ledger.rows[resource.name]?.record.current?.version == 1)
        try await expectGoodEnd(world, [resource])
        #expect(world.publisher.publications(resource.name).map(\.order.version) == [1, 2])
    }

    @Test func whoWasToldStaysToldAndWhoWasCutShortIsToldAgain() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let gate = world.delivery.holdUp("run:warm")
        try await testGracefulShutdown { trigger in
            try await world.withEngine([resource], options: Self.options) { running in
                await gate.waitForArrivals()
                await poll { world.delivery.untold(of: resource, version: 1).count == 1 }
                trigger.triggerGracefulShutdown()
                await running.waitForEnd()
            }
        }
        #expect(!gate.isOpen)
        #expect(phase(world, resource) == "delivering")
        #expect(world.ledger.rows[resource.name]?.record.told == ["reload:app.service"])
        gate.open()
        try await expectGoodEnd(world, [resource])
        #expect(world.delivery.deliveries.prefix(2).map(\.consumers) == [Samples.consumers, ["run:warm"]])
    }

    @Test func anAnswerThatWaitsForTheLedgerIsSavedAtTheEnd() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await testGracefulShutdown { trigger in
            try await world.withEngine([resource], options: Self.options) { running in
                await running.advance(by: .seconds(6 * 3600 - 1))
                world.ledger.fail(call: world.ledger.calls + 2, .before)
                await running.advance(by: .seconds(1))
                #expect(phase(world, resource) == "regenerating")
                #expect(world.azure.sent(resource.id) == [.secondary])
                trigger.triggerGracefulShutdown()
                await running.waitForEnd()
            }
        }
        #expect(phase(world, resource) == "confirming")
        try await expectGoodEnd(world, [resource])
    }

    @Test func aLedgerThatFailsToTheEndDoesNotHoldTheShutdownUp() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await testGracefulShutdown { trigger in
            try await world.withEngine([resource], options: Self.options) { running in
                await running.advance(by: .seconds(6 * 3600 - 1))
                world.ledger.failOn(call: world.ledger.calls + 2, .before)
                await running.advance(by: .seconds(1))
                trigger.triggerGracefulShutdown()
                await running.waitForEnd()
            }
        }
        #expect(phase(world, resource) == "regenerating")
        try await expectGoodEnd(world, [resource])
        #expect(world.azure.sent(resource.id) == [.secondary])
    }

    @Test func commandsThatWaitAreAnsweredAtTheEnd() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let gate = world.azure.holdUp(.regenerate, of: resource.id)
        try await testGracefulShutdown { trigger in
            try await world.withEngine([resource], options: Self.options) { running in
                await running.advance(by: .seconds(6 * 3600 - 1))
                await running.advance(by: .seconds(1), ignoring: [resource.name])
                await gate.waitForArrivals()
                async let paused = running.engine.pause(resource.name, actor: "alice")
                await poll { await running.engine.hasMail(resource.name) }
                trigger.triggerGracefulShutdown()
                gate.open()
                await running.waitForEnd()
                let outcome = await paused
                if case .unavailable = outcome { return }
                Issue.record("the command was answered with \(outcome)")
            }
        }
    }
}
