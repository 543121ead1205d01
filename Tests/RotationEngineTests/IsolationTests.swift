import Rotation
import RotationEngine
import RotationTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct IsolationTests {
    private static func options(concurrency: Int) -> EngineOptions {
        var options = EngineOptions()
        options.concurrency = concurrency
        options.longestSleep = .seconds(3600)
        return options
    }

    @Test(arguments: ModelCall.allCases)
    func oneThatHangsDelaysNobody(_ call: ModelCall) async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(6)
        let hanging = resources[0]
        try await world.withEngine(resources, options: Self.options(concurrency: 2)) { running in
            await running.idle()
            let gate = world.azure.holdUp(call, of: hanging.id)
            await running.advance(by: .seconds(7 * 3600), ignoring: [hanging.name])
            #expect(gate.arrivals == 1)
            for resource in resources.dropFirst() {
                #expect(world.publisher.current(resource.name)?.order.version == 2)
                #expect(world.publisher.current(resource.name)?.at == .seconds(6 * 3600 + 20))
            }
            gate.open()
            #expect(await running.settle(version: 2))
        }
        #expect(world.violations(resources) == [])
    }

    @Test func oneThatHangsAndManyThatFailDelayNobody() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(40)
        let well = resources.suffix(5)
        let failing = resources[1..<35]
        for resource in failing {
            world.azure.setListingFailure(Failure(.azureUnavailable, "503"), of: resource.id)
        }
        let gate = world.azure.holdUp(.list, of: resources[0].id)
        let hanging: Set<String> = [resources[0].name]
        try await world.withEngine(resources, options: Self.options(concurrency: 2)) { running in
            await running.advance(by: .seconds(7 * 3600), ignoring: hanging)
            for resource in well {
                #expect(world.publisher.publications(resource.name).map(\.at) == [.zero, .seconds(6 * 3600 + 20)])
            }
            for resource in failing {
                world.azure.setListingFailure(nil, of: resource.id)
            }
            gate.open()
            #expect(await running.settle(version: 2))
        }
        #expect(world.azure.mostCallsUnderWay <= 2)
        #expect(world.violations(resources) == [])
    }

    /// Calls that time out one after the other hold a slot each time; those of a resource in trouble never hold both.
    @Test func manyInTroubleThatHangLeaveRoomForTheOthers() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(10)
        let troubled = resources[0..<6]
        let well = resources[6...]
        for resource in troubled {
            world.azure.setListingFailure(Failure(.timeout, "no answer in 30 s"), of: resource.id)
        }
        try await world.withEngine(resources, options: Self.options(concurrency: 2)) { running in
            await running.idle()
            let gates = troubled.map { world.azure.holdUp(.list, of: $0.id) }
            await running.advance(by: .seconds(7 * 3600), ignoring: Set(troubled.map(\.name)))
            #expect(gates.map(\.arrivals).reduce(0, +) == 1)
            for resource in well {
                #expect(world.publisher.current(resource.name)?.order.version == 2)
            }
            for resource in troubled { world.azure.setListingFailure(nil, of: resource.id) }
            for gate in gates { gate.open() }
            #expect(await running.settle(version: 2))
        }
        #expect(world.violations(resources) == [])
    }

    @Test func aHookThatHangsDelaysNobody() async throws {
        let world = EngineWorld()
        var options = Self.options(concurrency: 2)
        options.deliveries = 2
        let hanging = try Samples.resource("hanging", consumers: ["run:hangs"])
        let resources = try [hanging] + Samples.resources(4)
        let gate = world.delivery.holdUp("run:hangs")
        try await world.withEngine(resources, options: options) { running in
            await running.advance(by: .seconds(7 * 3600), ignoring: [hanging.name])
            for resource in resources.dropFirst() {
                #expect(world.publisher.current(resource.name)?.order.version == 2)
            }
            #expect(world.azure.sent(hanging.id).isEmpty)
            gate.open()
            #expect(await running.settle(version: 2))
        }
        #expect(world.violations(resources) == [])
    }

    @Test(arguments: [1, 2, 5])
    func theConcurrencyBoundIsRespectedAndUsed(_ concurrency: Int) async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(20)
        let gates = resources.map { world.azure.holdUp(.list, of: $0.id) }
        try await world.withEngine(resources, options: Self.options(concurrency: concurrency)) { running in
            await running.idle(ignoring: Set(resources.map(\.name)))
            await poll { gates.map(\.arrivals).reduce(0, +) >= concurrency }
            for gate in gates { gate.open() }
            #expect(await running.settle(version: 2))
        }
        #expect(world.azure.mostCallsUnderWay == concurrency)
        #expect(world.violations(resources) == [])
    }

    @Test func noSubscriptionHasMoreCallsThanItsShare() async throws {
        let world = EngineWorld()
        var options = Self.options(concurrency: 6)
        options.concurrencyPerSubscription = 4
        let crowded = try Samples.resources(20, ofSubscription: 1)
        let resources = try crowded + Samples.resources(20, ofSubscription: 2)
        let gates = resources.map { world.azure.holdUp(.list, of: $0.id) }
        try await world.withEngine(resources, options: options) { running in
            await running.idle(ignoring: Set(resources.map(\.name)))
            await poll { gates.map(\.arrivals).reduce(0, +) >= 6 }
            for gate in gates { gate.open() }
            #expect(await running.settle(version: 2))
        }
        #expect(world.azure.mostCallsOfOneSubscription == 4)
        #expect(world.azure.mostCallsUnderWay == 6)
        #expect(world.violations(resources) == [])
    }

    /// Those who wait for a slot of their subscription hold none of the slots that all share.
    @Test func aSubscriptionWhereEveryCallHangsDelaysNoOther() async throws {
        let world = EngineWorld()
        var options = Self.options(concurrency: 3)
        options.concurrencyPerSubscription = 2
        let hanging = try Samples.resources(20, ofSubscription: 1)
        let well = try Samples.resources(5, ofSubscription: 2)
        let gates = hanging.map { world.azure.holdUp(.list, of: $0.id) }
        try await world.withEngine(hanging + well, options: options) { running in
            await running.advance(by: .seconds(7 * 3600), ignoring: Set(hanging.map(\.name)))
            #expect(gates.map(\.arrivals).reduce(0, +) == 2)
            for resource in well {
                #expect(world.publisher.publications(resource.name).map(\.at) == [.zero, .seconds(6 * 3600 + 20)])
            }
            for gate in gates { gate.open() }
            #expect(await running.settle(version: 2))
        }
        #expect(world.violations(hanging + well) == [])
    }
}
