import Rotation
import RotationEngine
import RotationTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct ReconfigureTests {
    private static let options = LedgerFailureTests.options

    @Test func aNewResourceIsTakenUpAndOneThatIsGoneIsLetGo() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(3)
        try await world.withEngine(Array(resources.prefix(2)), options: Self.options) { running in
            await running.idle()
            await running.engine.reconfigure(Array(resources.suffix(2)))
            #expect(await running.engine.status().map(\.name) == ["contoso-1", "contoso-2"])
            await running.idle()
            #expect(world.publisher.current("contoso-2") != nil)
            #expect(await running.engine.rotate("contoso-0", actor: "alice") == .gone)
            await running.advance(by: .seconds(8 * 3600))
            #expect(world.azure.sent(resources[0].id).isEmpty)
            await running.engine.reconfigure(resources)
            #expect(await running.settle(version: 2))
            #expect(world.publisher.publications("contoso-0").map(\.order.version).first == 1)
        }
        #expect(world.violations(resources) == [])
    }

    @Test func removingAndAddingAgainWhileItIsAtWorkLosesNothing() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let gate = world.azure.holdUp(.list, of: resource.id)
        try await world.withEngine([resource], options: Self.options) { running in
            await gate.waitForArrivals()
            await running.engine.reconfigure([])
            #expect(await running.engine.status().isEmpty)
            await running.engine.reconfigure([resource])
            #expect(await running.engine.status().count == 1)
            gate.open()
            #expect(await running.settle(version: 2))
        }
        #expect(world.azure.sent(resource.id) == [.secondary])
        #expect(world.violations([resource]) == [])
    }

    @Test func aResourceThatIsRemovedBeforeItsRegenerateIsNotRegenerated() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource], options: Self.options) { running in
            await running.advance(by: .seconds(6 * 3600 - 1))
            let gate = world.azure.holdUp(.probe, of: resource.id)
            await running.advance(by: .seconds(1), ignoring: [resource.name])
            await gate.waitForArrivals()
            await running.engine.reconfigure([])
            gate.open()
            await running.advance(by: .seconds(3600))
            #expect(world.azure.sent(resource.id).isEmpty)
            await running.engine.reconfigure([resource])
            #expect(await running.settle(version: 2))
        }
        #expect(world.violations([resource]) == [])
    }

    @Test func aRegenerateThatWaitsForItsTurnIsNotSentWhenItsResourceIsRemoved() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(2)
        let gates = resources.map { world.azure.holdUp(.regenerate, of: $0.id) }
        var options = Self.options
        options.concurrency = 1
        try await world.withEngine(resources, options: options) { running in
            await running.advance(by: .seconds(6 * 3600 - 1))
            await running.advance(by: .seconds(1), ignoring: Set(resources.map(\.name)))
            await poll { world.ledger.rows.values.allSatisfy { $0.record.phase.name == "regenerating" } }
            await poll { resources.contains { !world.azure.sent($0.id).isEmpty } }
            let sent = try #require(resources.first { !world.azure.sent($0.id).isEmpty })
            let waiting = try #require(resources.first { world.azure.sent($0.id).isEmpty })
            await running.engine.reconfigure([sent])
            for gate in gates { gate.open() }
            await running.idle()
            #expect(world.azure.sent(waiting.id).isEmpty)
            #expect(world.ledger.rows[waiting.name]?.record.phase == .settled)
            await running.engine.reconfigure(resources)
            #expect(await running.settle(version: 2))
        }
        #expect(world.violations(resources) == [])
    }

    @Test func aPauseInTheConfigurationCountsBeforeTheRegenerate() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        var policy = Samples.policy
        policy.mode = .paused
        let paused = try Samples.resource(policy: policy)
        try await world.withEngine([resource], options: Self.options) { running in
            await running.advance(by: .seconds(6 * 3600 - 1))
            let gate = world.azure.holdUp(.probe, of: resource.id)
            await running.advance(by: .seconds(1), ignoring: [resource.name])
            await gate.waitForArrivals()
            await running.engine.reconfigure([paused])
            gate.open()
            await running.advance(by: .seconds(3600))
            #expect(world.azure.sent(resource.id).isEmpty)
            #expect(await running.status(resource.name)?.health == .paused)
        }
    }

    @Test(arguments: [ModelOutcome.runs, .runsUnanswered])
    func theAnswerOfARegenerateIsSavedBeforeItsResourceIsLetGo(_ outcome: ModelOutcome) async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.azure.script([outcome], for: resource.id)
        let gate = world.azure.holdUp(.regenerate, of: resource.id)
        try await world.withEngine([resource], options: Self.options) { running in
            await running.advance(by: .seconds(6 * 3600 - 1))
            await running.advance(by: .seconds(1), ignoring: [resource.name])
            await gate.waitForArrivals()
            await running.engine.reconfigure([])
            let call = world.ledger.calls + 1
            world.ledger.fail(call: call, .before)
            gate.open()
            await running.idle()
            #expect(world.ledger.calls == call)
            #expect(world.ledger.rows[resource.name]?.record.phase.name == "regenerating")
            await running.advance(by: .seconds(10))
            let phase = world.ledger.rows[resource.name]?.record.phase.name
            #expect(
                phase
                    == (world.ledger.notes(resource.name).contains { $0.kind == .regenerateAnswered }
                        ? "confirming" : "uncertain"))
            await running.engine.reconfigure([resource])
            #expect(await running.settle(version: 2))
        }
        #expect(world.azure.sent(resource.id) == [.secondary])
        #expect(world.violations([resource]) == [])
    }

    @Test(arguments: [0, 1, 5, 15, 25])
    func removingAtAnyMomentOfARotationAndAddingLaterEndsWell(_ seconds: Int) async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.azure.script([.runsUnanswered], for: resource.id)
        try await world.withEngine([resource], options: Self.options) { running in
            await running.advance(by: .seconds(6 * 3600 + seconds))
            await running.engine.reconfigure([])
            await running.advance(by: .seconds(1800))
            await running.engine.reconfigure([resource])
            #expect(await running.settle(version: 2))
        }
        #expect(Set(world.azure.sent(resource.id)) == [.secondary])
        #expect(world.violations([resource]) == [])
    }

    @Test func anotherAzureResourceBehindTheSameNameIsAdoptedAnew() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let other = try Samples.resource(id: Samples.resource("another").id)
        try await world.withEngine([resource], options: Self.options) { running in
            await running.idle()
            let gate = world.azure.holdUp(.list, of: resource.id)
            await running.advance(by: .seconds(3600), ignoring: [resource.name])
            await gate.waitForArrivals()
            await running.engine.reconfigure([other])
            gate.open()
            await running.idle()
            #expect(await running.status(resource.name)?.id == other.id)
            #expect(world.azure.isPublishedKeyAlive(other))
            #expect(world.azure.sent(other.id).isEmpty)
            let version = try #require(world.publisher.current(resource.name)?.order.version)
            #expect(await running.settle(version: version + 1))
        }
        #expect(world.azure.sent(resource.id).isEmpty)
        #expect(world.violations([]) == [])
        #expect(world.azure.isPublishedKeyAlive(other))
    }

    @Test func aNewScheduleMovesTheNextRotationAndAReloadAloneDoesNot() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        var policy = Samples.policy
        policy.every = .seconds(2 * 3600)
        let sooner = try Samples.resource(policy: policy)
        try await world.withEngine([resource], options: Self.options) { running in
            await running.idle()
            let due = await running.status(resource.name)?.nextAt
            await running.advance(by: .seconds(3600))
            await running.engine.reconfigure([resource])
            await running.idle()
            #expect(await running.status(resource.name)?.nextAt == due)
            await running.engine.reconfigure([sooner])
            await running.idle()
            #expect(await running.status(resource.name)?.nextAt == due.map { $0 - .seconds(4 * 3600) })
            await running.advance(by: .seconds(3620))
            #expect(await running.status(resource.name)?.isSettled(version: 2) == true)
        }
        #expect(world.violations([resource]) == [])
    }

    @Test func reloadsAllTheTimeDisturbNothing() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(3)
        for resource in resources { world.azure.script([.runsUnanswered], for: resource.id) }
        try await world.withEngine(resources, options: Self.options) { running in
            for _ in 0..<1500 {
                await running.engine.reconfigure(resources)
                await running.advance(by: .seconds(17))
            }
            #expect(await running.settle(version: 2))
        }
        #expect(world.violations(resources) == [])
        for resource in resources { #expect(world.azure.sent(resource.id) == [.secondary]) }
    }
}
