import Rotation
import RotationEngine
import RotationTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct RotationRunTests {
    @Test func adoptsByPublishingPrimaryAndRegeneratesNothing() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { running in
            await running.idle()
            let status = try #require(await running.status(resource.name))
            #expect(status.isSettled(version: 1))
            #expect(status.publication?.keyType == .primary)
            #expect(status.nextKeyType == .secondary)
            #expect(status.nextAt == world.clock.now + .seconds(6 * 3600))
        }
        #expect(world.azure.sent(resource.id).isEmpty)
        #expect(world.azure.isPublishedKeyAlive(resource))
        #expect(world.delivery.untold(of: resource, version: 1).isEmpty)
        #expect(world.violations([resource]) == [])
    }

    @Test func aRotationGoesThroughEveryStepOnceItIsDue() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let start = world.clock.elapsed
        try await world.withEngine([resource]) { running in
            await running.advance(by: .seconds(6 * 3600 - 1))
            #expect(world.azure.sent(resource.id).isEmpty)
            #expect(await running.settle(version: 2))
        }
        #expect(world.azure.sent(resource.id) == [.secondary])
        let publication = try #require(world.publisher.current(resource.name))
        #expect(publication.order.keyType == .secondary)
        #expect(publication.order.previous == world.azure.key(.primary, of: resource.id)?.fingerprint)
        // Three probes, ten seconds apart, the first at once.
        let born = try #require(world.azure.key(.secondary, of: resource.id)?.bornAt)
        #expect(born == start + .seconds(6 * 3600))
        #expect(publication.at == born + .seconds(20))
        #expect(world.delivery.deliveries.map(\.version) == [1, 2])
        #expect(world.delivery.deliveries.last?.keyType == .secondary)
        let kinds = world.ledger.notes(resource.name).map(\.kind)
        #expect(
            kinds == [
                .adopted, .keyVerified, .published, .delivered, .regenerateSent, .regenerateAnswered, .keyConfirmed,
                .keyVerified, .published, .delivered,
            ])
        #expect(world.violations([resource]) == [])
    }

    @Test func keysTakeTurns() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { running in
            #expect(await running.settle(version: 6, atMost: .seconds(40 * 3600)))
        }
        #expect(world.azure.sent(resource.id) == [.secondary, .primary, .secondary, .primary, .secondary])
        #expect(world.violations([resource]) == [])
    }

    @Test func adoptsWhatTheSecretsDirectoryHoldsAndWaitsOutItsOverlap() async throws {
        let world = EngineWorld()
        var policy = Samples.policy
        policy.every = .seconds(600)
        let resource = try Samples.resource(policy: policy)
        try await world.publish(.secondary, version: 7, ago: .seconds(300), of: resource)
        try await world.withEngine([resource]) { running in
            await running.idle()
            #expect(await running.status(resource.name)?.isSettled(version: 7) == true)
            await running.advance(by: .seconds(3599))
            #expect(world.azure.sent(resource.id).isEmpty)
            #expect(await running.settle(version: 8))
        }
        #expect(world.azure.sent(resource.id) == [.primary])
        #expect(world.violations([resource]) == [])
    }

    @Test func aKeyThatSpreadsSlowlyIsPublishedOnlyWhenItWorks() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.azure.setPropagation(.seconds(240), of: resource.id)
        try await world.withEngine([resource]) { running in
            #expect(await running.settle(version: 2))
        }
        let born = try #require(world.azure.key(.secondary, of: resource.id)?.bornAt)
        let published = try #require(world.publisher.current(resource.name)?.at)
        #expect(published - born >= .seconds(260))
        #expect(world.violations([resource]) == [])
    }

    @Test func aConsumerThatFailsIsToldAgainAndBlocksTheNextRegenerate() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let failures = Array(repeating: Failure(.deliveryFailed, "exit status 1"), count: 12)
        world.delivery.fail(failures, of: "run:warm")
        try await world.withEngine([resource]) { running in
            await running.advance(by: .seconds(6 * 3600))
            #expect(await running.status(resource.name)?.health == .degraded(.deliveryFailed))
            #expect(world.azure.sent(resource.id).isEmpty)
            #expect(await running.settle(version: 2))
        }
        #expect(world.delivery.deliveries.filter { $0.consumers == Samples.consumers }.count == 2)
        #expect(world.violations([resource]) == [])
    }

    @Test func retiresTheSupersededKeyAfterTheOverlap() async throws {
        let world = EngineWorld()
        var policy = Samples.policy
        policy.retire = true
        let resource = try Samples.resource(policy: policy)
        try await world.withEngine([resource]) { running in
            #expect(await running.settle(version: 3))
        }
        #expect(world.azure.sent(resource.id) == [.secondary, .primary])
        #expect(world.publisher.current(resource.name)?.order.keyType == .secondary)
        #expect(world.violations([resource]) == [])
    }

    @Test func filesThatSomebodyChangedAreWrittenAnew() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { running in
            await running.idle()
            world.publisher.tamper(resource.name)
            await running.advance(by: .seconds(3600))
            #expect(await running.status(resource.name)?.isSettled(version: 2) == true)
        }
        #expect(world.azure.sent(resource.id).isEmpty)
        #expect(world.ledger.notes(resource.name).contains { $0.kind == .secretsTampered })
        #expect(world.violations([resource]) == [])
    }

    @Test func aPublishedKeyThatAnotherHandKilledIsReplacedAtTheNextLook() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { running in
            await running.idle()
            world.azure.regenerateByAnotherHand(.primary, of: resource.id)
            #expect(!world.azure.isPublishedKeyAlive(resource))
            await running.advance(by: .seconds(3600))
            #expect(world.azure.isPublishedKeyAlive(resource))
        }
        #expect(world.azure.sent(resource.id).isEmpty)
        #expect(world.publisher.current(resource.name)?.order.keyType == .primary)
        #expect(world.violations([resource]) == [])
    }
}
