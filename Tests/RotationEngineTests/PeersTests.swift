import Rotation
import RotationEngine
import RotationTestKit
import Testing

/// A canary and `stopAfter`, with the engine that knows all resources of a policy.
@Suite(.timeLimit(.minutes(15)))
struct PeersTests {
    private func resources(_ names: [String], _ adjust: (inout Policy) -> Void) throws -> [ManagedResource] {
        var policy = Samples.policy
        adjust(&policy)
        return try names.map { name in
            var resource = try Samples.resource(name, policy: policy)
            resource.settings.policyName = "often"
            return resource
        }
    }

    @Test func theCanaryRotatesFirstEveryTime() async throws {
        let world = EngineWorld()
        let resources = try resources(["a", "b", "canary"]) { ($0.canary, $0.jitter) = ("canary", .seconds(600)) }
        try await world.withEngine(resources) { running in
            for version in 2...4 {
                #expect(await running.settle(version: version))
                let canary = try #require(world.publisher.current("canary"))
                for resource in resources where resource.name != "canary" {
                    let keyType = try #require(world.publisher.current(resource.name)).order.keyType
                    let key = try #require(world.azure.key(keyType, of: resource.id))
                    #expect(key.bornAt >= canary.at, "\(resource.name) turned before the canary was published")
                }
            }
        }
        #expect(world.violations(resources) == [])
    }

    @Test func aCanaryThatFailsKeepsTheOthersFromRotating() async throws {
        let world = EngineWorld()
        let resources = try resources(["a", "b", "canary"]) { $0.canary = "canary" }
        let canary = resources[2]
        let failure = Failure(.keyDenied, "401")
        try await world.withEngine(resources) { running in
            #expect(await running.settle())
            world.azure.setProbeOutcome(.denied(failure), of: canary.id)
            await running.advance(by: .seconds(8 * 3600))
            for resource in resources { #expect(world.azure.sent(resource.id).isEmpty) }
            #expect(await running.status("canary")?.health == .degraded(.probeUnusable))
            let other = try #require(await running.status("a"))
            #expect(other.health == .degraded(.canaryUnhealthy))
            #expect(other.detail?.contains("canary is degraded (probe-unusable)") == true)
            world.azure.setProbeOutcome(nil, of: canary.id)
            #expect(await running.settle(version: 2))
        }
        #expect(world.violations(resources) == [])
    }

    @Test func soManyFailuresInARowStopTheOthersUntilOneSucceeds() async throws {
        let world = EngineWorld()
        let resources = try resources(["a", "b", "c", "d", "e"]) { $0.stopAfter = 2 }
        let refused = ModelOutcome.refused(Failure(.forbidden, "403"))
        for resource in resources { world.azure.script(Array(repeating: refused, count: 3), for: resource.id) }
        try await world.withEngine(resources) { running in
            #expect(await running.settle())
            await running.advance(by: .seconds(6 * 3600 + 30))
            let tried = resources.filter { !world.azure.sent($0.id).isEmpty }
            #expect(tried.count == 2, "\(tried.map(\.name))")
            let stopped = await running.engine.status().filter { $0.health == .degraded(.policyStopped) }
            #expect(stopped.count == 3)
            #expect(stopped.first?.detail?.contains(tried[0].name) == true)
            // Those that failed go on with their retries, and end the stop.
            #expect(await running.settle(version: 2, atMost: .seconds(48 * 3600)))
        }
        for resource in resources {
            #expect(
                world.ledger.notes(resource.name).count { $0.reason == .policyStopped } <= 4, "said once, and ended")
        }
        #expect(world.violations(resources) == [])
    }

    @Test func atMostSoManyAsMayFailAreUnderWay() async throws {
        let world = EngineWorld()
        let resources = try resources(["a", "b", "c", "d", "e"]) { $0.stopAfter = 2 }
        try await world.withEngine(resources) { running in
            #expect(await running.settle())
            var most = 0
            let done = await running.advance(atMost: .seconds(7 * 3600)) { statuses in
                most = max(most, statuses.count { !["settled"].contains($0.phase) })
                return statuses.allSatisfy { $0.isSettled(version: 2) }
            }
            #expect(done)
            #expect(most <= 2)
        }
        #expect(world.violations(resources) == [])
    }

    /// What one of them is about is on record, and nobody at work on it.
    @Test func nothingBeginsWhileOneOfThemChangesItsName() async throws {
        let world = EngineWorld()
        let resources = try resources(["a", "b", "c"]) { $0.stopAfter = 3 }
        let exchanged = [
            ManagedResource(id: resources[1].id, settings: resources[0].settings),
            ManagedResource(id: resources[0].id, settings: resources[1].settings), resources[2],
        ]
        try await world.withEngine(resources) { running in
            #expect(await running.settle())
            await running.advance(by: .seconds(3 * 3600))
            for name in ["a", "b"] { #expect(await running.engine.rotate(name, actor: "alice") == .accepted) }
            await running.advance(by: .seconds(3600))
            let gate = world.azure.holdUp(.list, of: resources[1].id)
            await running.advance(by: .seconds(3600 + 1800), ignoring: ["b"])
            await gate.waitForArrivals()
            await running.engine.reconfigure(exchanged)
            await running.advance(by: .seconds(2 * 3600), ignoring: ["a", "b"])
            #expect(world.azure.sent(resources[2].id).isEmpty, "it was due an hour ago")
            gate.open()
            await running.advance(by: .seconds(60))
            #expect(world.azure.sent(resources[2].id) == [.secondary], "as soon as both are there")
            #expect(resources.prefix(2).allSatisfy { world.azure.sent($0.id) == [.secondary] })
        }
    }
}
