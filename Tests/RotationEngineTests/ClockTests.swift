import Rotation
import RotationEngine
import RotationTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct ClockTests {
    @Test func aStepForwardIsSeenAtTheNextCappedSleep() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { running in
            await running.advance(by: .seconds(3600))
            // As after a suspend: the wall clock and Azure's are far ahead, the sleep has only just begun.
            world.clock.step(by: .seconds(240))
            await running.advance(by: .seconds(5 * 3600 - 240))
            #expect(world.azure.sent(resource.id) == [.secondary])
            #expect(await running.settle(version: 2))
        }
        #expect(world.violations([resource]) == [])
    }

    @Test func aClockFarFromAzuresRotatesNothing() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { running in
            await running.idle()
            world.clock.step(by: .seconds(30 * 24 * 3600))
            await running.advance(by: .seconds(7200))
            #expect(world.azure.sent(resource.id).isEmpty)
            #expect(await running.status(resource.name)?.health == .degraded(.clockSkew))
            world.clock.step(by: .seconds(-30 * 24 * 3600))
            await running.advance(by: .seconds(3600))
            #expect(await running.status(resource.name)?.health != .degraded(.keyTooOld))
            #expect(await running.settle(version: 2))
        }
        #expect(world.azure.sent(resource.id) == [.secondary])
        #expect(world.violations([resource]) == [])
    }

    @Test(arguments: [-3600, -24 * 3600, -365 * 24 * 3600])
    func aStepBackDoesNotPutLooksOff(_ seconds: Int) async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { running in
            await running.advance(by: .seconds(60))
            world.clock.step(by: .seconds(seconds))
            world.azure.regenerateByAnotherHand(.primary, of: resource.id)
            await running.advance(by: .seconds(3700))
            #expect(world.azure.isPublishedKeyAlive(resource))
        }
        #expect(world.azure.sent(resource.id).isEmpty)
        #expect(world.violations([resource]) == [])
    }

    @Test func aStepBackInTheMiddleOfARotationDoesNotStopIt() async throws {
        for after in [1, 5, 61, 121, 130] {
            let world = EngineWorld()
            let resource = try Samples.resource()
            world.azure.script([.runsUnanswered], for: resource.id)
            try await world.withEngine([resource]) { running in
                await running.advance(by: .seconds(6 * 3600 + after))
                world.clock.step(by: .seconds(-100 * 24 * 3600))
                await running.advance(by: .seconds(900))
                #expect(world.publisher.current(resource.name)?.order.version == 2, "\(after) s")
            }
            #expect(world.azure.sent(resource.id) == [.secondary])
            #expect(world.violations([resource]) == [])
        }
    }

    @Test func aStepBackDoesNotPutTheLedgersRetryOff() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.ledger.fail(call: 1, .before)
        try await world.withEngine([resource]) { running in
            await running.idle()
            world.clock.step(by: .seconds(-24 * 3600))
            await running.advance(by: .seconds(120))
            #expect(await running.status(resource.name)?.publication?.version == 1)
        }
    }

    @Test func idleResourcesCostOneSleepUntilTheNextDueInstant() async throws {
        let world = EngineWorld()
        var policy = Samples.policy
        policy.driftCheck = .seconds(24 * 3600)
        let resources = try Samples.resources(1000, policy: policy)
        var options = EngineOptions()
        options.longestSleep = .seconds(7 * 24 * 3600)
        try await world.withEngine(resources, options: options) { running in
            await running.idle()
            #expect(world.clock.sleeps.last == .seconds(6 * 3600))
            let sleeps = world.clock.sleeps.count
            let lists = world.azure.calls(.list)
            await running.advance(by: .seconds(6 * 3600 - 1))
            #expect(world.clock.sleeps.count == sleeps)
            #expect(world.azure.calls(.list) == lists)
            #expect(await running.engine.status().allSatisfy { $0.isSettled(version: 1) })
        }
        #expect(world.azure.mostCallsUnderWay <= 16)
    }
}
