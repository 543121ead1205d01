import Rotation
import RotationEngine
import RotationTestKit
import Testing

/// For which listings the engine says that somebody waits.
@Suite(.timeLimit(.minutes(15)))
struct UrgencyTests {
    private static let options = LedgerFailureTests.options

    @Test func onlyLooksAtASettledResourceAreDriftChecks() async throws {
        let world = EngineWorld()
        var policy = Samples.policy
        policy.driftCheck = .seconds(3600)
        let resource = try Samples.resource(policy: policy)
        try await world.withEngine([resource], options: Self.options) { running in
            #expect(await running.settle(version: 1))
            let adoption = world.azure.urgencies(resource.id).count
            #expect(Set(world.azure.urgencies(resource.id)) == [.work])
            await running.advance(by: .seconds(5 * 3600))
            let looks = world.azure.urgencies(resource.id).dropFirst(adoption)
            #expect(looks.count >= 5 && Set(looks) == [.driftCheck])
            #expect(await running.settle(version: 2))
            let rotation = world.azure.urgencies(resource.id).dropFirst(adoption + looks.count)
            #expect(rotation.filter { $0 == .work }.count >= 3)
        }
    }

    @Test func whatACommandAsksForIsWork() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource], options: Self.options) { running in
            #expect(await running.settle(version: 1))
            await running.advance(by: .seconds(2 * 3600))
            let before = world.azure.urgencies(resource.id).count
            #expect(await running.engine.rotate(resource.name, actor: "ada") == .accepted)
            await running.idle()
            #expect(world.azure.urgencies(resource.id).dropFirst(before).first == .work)
        }
    }

    @Test func aRetryAfterAFailureIsWork() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource], options: Self.options) { running in
            #expect(await running.settle(version: 1))
            await running.advance(by: .seconds(100))
            world.azure.failListings([Failure(.throttled, "429")], of: resource.id)
            let before = world.azure.urgencies(resource.id).count
            await running.advance(by: .seconds(3700))
            let looks = world.azure.urgencies(resource.id).dropFirst(before)
            #expect(Array(looks.prefix(2)) == [.driftCheck, .work])
        }
    }

    @Test func workGoesBeforeDriftChecksThatWait() async throws {
        let world = EngineWorld()
        var options = Self.options
        options.concurrencyPerSubscription = 4
        let looking = try Samples.resources(20)
        var policy = Samples.policy
        policy.driftCheck = .seconds(5 * 3600)
        let asked = try Samples.resource("asked", policy: policy)
        try await world.withEngine(looking + [asked], options: options) { running in
            #expect(await running.settle(version: 1))
            await running.advance(by: .seconds(1800))
            let gates = looking.map { world.azure.holdUp(.list, of: $0.id) }
            await running.advance(by: .seconds(1800), ignoring: Set(looking.map(\.name)))
            #expect(gates.map(\.arrivals).reduce(0, +) == 4)
            #expect(await running.engine.rotate(asked.name, actor: "ada") == .accepted)
            let before = world.azure.urgencies(asked.id).count
            await poll { await running.engine.waitingCalls == 17 }
            gates.first { $0.arrivals > 0 }?.open()
            await poll { world.azure.urgencies(asked.id).count > before }
            #expect(world.azure.urgencies(asked.id).last == .work)
            for gate in gates { gate.open() }
        }
        #expect(world.violations(looking + [asked]) == [])
    }
}
