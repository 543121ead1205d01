import Rotation
import RotationEngine
import RotationTestKit
import Testing

/// The model must see what the other tests rely on it to see.
@Suite(.timeLimit(.minutes(15)))
struct ModelAzureTests {
    private func publish(_ keyType: KeyType, version: Int, _ world: EngineWorld, _ resource: ManagedResource)
        async throws
    {
        try await world.publish(keyType, version: version, of: resource)
        let published = Publication(
            keyType: keyType, fingerprint: Fingerprint(value: 0), version: version, publishedAt: world.clock.now)
        _ = await world.delivery.deliver(published, to: resource.settings.consumers, of: resource)
    }

    @Test func seesARegenerateOfThePublishedKey() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await publish(.primary, version: 1, world, resource)
        _ = await world.azure.regenerateKey(.primary, of: resource)
        #expect(world.azure.violations.count == 1)
        #expect(world.azure.brokenPromises(resource).count == 1)
    }

    @Test func seesARegenerateWithinTheOverlapAndAllowsItAfter() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await publish(.primary, version: 1, world, resource)
        try await publish(.secondary, version: 2, world, resource)
        world.clock.advance(by: .seconds(3599))
        _ = await world.azure.regenerateKey(.primary, of: resource)
        #expect(world.azure.violations.count == 1)
        #expect(world.azure.brokenPromises(resource).count == 1)
        world.clock.advance(by: .seconds(1))
        _ = await world.azure.regenerateKey(.primary, of: resource)
        #expect(world.azure.violations.count == 1)
    }

    @Test func seesTwoAtOnceAndOneThatIsUndecided() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await publish(.primary, version: 1, world, resource)
        let gate = world.azure.holdUp(.regenerate, of: resource.id)
        world.azure.script([.landsLater(.seconds(60))], for: resource.id)
        async let first = world.azure.regenerateKey(.secondary, of: resource)
        await gate.waitForArrivals()
        async let second = world.azure.regenerateKey(.secondary, of: resource)
        await gate.waitForArrivals(2)
        gate.open()
        _ = await (first, second)
        #expect(world.azure.violations.count == 1)
        _ = await world.azure.regenerateKey(.primary, of: resource)
        #expect(world.azure.violations.contains { $0.contains("undecided") })
    }

    @Test func seesConsumersThatWereNotTold() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.delivery.fail([Failure(.deliveryFailed, "no")], of: "run:warm")
        try await publish(.primary, version: 1, world, resource)
        _ = await world.azure.regenerateKey(.secondary, of: resource)
        #expect(world.azure.violations.contains { $0.contains("run:warm") })
    }

    @Test func aRequestLandsLaterOnce() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await publish(.primary, version: 1, world, resource)
        let before = try #require(world.azure.key(.secondary, of: resource.id)?.fingerprint)
        world.azure.script([.landsLater(.seconds(30))], for: resource.id)
        _ = await world.azure.regenerateKey(.secondary, of: resource)
        #expect(world.azure.key(.secondary, of: resource.id)?.fingerprint == before)
        world.clock.advance(by: .seconds(30))
        let after = world.azure.key(.secondary, of: resource.id)
        #expect(after?.fingerprint != before)
        #expect(after?.bornAt == .seconds(30))
        world.clock.advance(by: .seconds(30))
        #expect(world.azure.key(.secondary, of: resource.id)?.fingerprint == after?.fingerprint)
    }
}
