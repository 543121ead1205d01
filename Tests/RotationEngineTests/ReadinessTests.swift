import Rotation
import RotationEngine
import RotationTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct ReadinessTests {
    private func options(_ calls: Protected<Int>) -> EngineOptions {
        var options = EngineOptions()
        options.ready = { calls.change { $0 += 1 } }
        return options
    }

    @Test func isToldOnceAfterTheFirstLookAtAll() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(5)
        let calls = Protected(0)
        let gate = world.azure.holdUp(.list, of: resources[3].id)
        try await world.withEngine(resources, options: options(calls)) { running in
            await running.idle(ignoring: [resources[3].name])
            await gate.waitForArrivals()
            #expect(calls.value == 0)
            gate.open()
            await running.idle()
            #expect(calls.value == 1)
            await running.advance(by: .seconds(8 * 3600))
            await running.engine.reconfigure(Array(resources.prefix(2)))
            await running.engine.reconfigure(resources)
            await running.advance(by: .seconds(600))
            #expect(calls.value == 1)
        }
    }

    @Test func comesWithoutResources() async throws {
        let calls = Protected(0)
        try await EngineWorld().withEngine([], options: options(calls)) { running in
            await running.idle()
            #expect(calls.value == 1)
        }
    }

    @Test func aResourceThatFailsDoesNotPutItOff() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(4)
        world.azure.setListingFailure(Failure(.forbidden, "403"), of: resources[0].id)
        world.azure.setProbeOutcome(.denied(Failure(.keyDenied, "401")), of: resources[1].id)
        world.publisher.fail([Failure(.publishFailed, "disk full")], of: resources[2].name)
        world.ledger.setFailing(.before, of: resources[3].name)
        let calls = Protected(0)
        try await world.withEngine(resources, options: options(calls)) { running in
            await running.idle()
            #expect(calls.value == 1)
            #expect(world.clock.elapsed == .zero)
        }
    }

    @Test func oneThatHangsPutsItOffForALimitedTime() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(2)
        let calls = Protected(0)
        let gate = world.azure.holdUp(.list, of: resources[0].id)
        try await world.withEngine(resources, options: options(calls)) { running in
            await running.advance(by: .seconds(59), ignoring: [resources[0].name])
            #expect(calls.value == 0)
            await running.advance(by: .seconds(1), ignoring: [resources[0].name])
            #expect(calls.value == 1)
            gate.open()
            await running.idle()
            #expect(calls.value == 1)
        }
    }

    /// Who starts after this daemon must not read a dead key.
    @Test func waitsForTheFirstPublicationAndForADeadKeyToBeReplaced() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let calls = Protected(0)
        let gate = world.publisher.holdUp(resource.name)
        try await world.withEngine([resource], options: options(calls)) { running in
            await gate.waitForArrivals()
            await running.clock.waitForSleeper()
            #expect(calls.value == 0)
            gate.open()
            await running.idle()
            #expect(calls.value == 1)
        }
        world.azure.regenerateByAnotherHand(.primary, of: resource.id)
        let again = Protected(0)
        let second = world.publisher.holdUp(resource.name)
        try await world.withEngine([resource], options: options(again)) { running in
            await second.waitForArrivals()
            #expect(again.value == 0)
            second.open()
            await running.idle()
            #expect(again.value == 1)
        }
    }

    @Test func aRotationUnderWayAndASlowHookDoNotPutItOff() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let calls = Protected(0)
        let gate = world.delivery.holdUp("run:warm")
        try await world.withEngine([resource], options: options(calls)) { running in
            await gate.waitForArrivals()
            await running.idle(ignoring: [resource.name])
            #expect(calls.value == 1)
            gate.open()
        }
    }
}
