import Rotation
import RotationEngine
import RotationTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct AmbiguousRegenerateTests {
    @Test(arguments: [
        (ModelOutcome.runsUnanswered, 1), (.isLost, 2), (.landsLater(.seconds(1)), 1), (.landsLater(.seconds(60)), 1),
        (.landsLater(.seconds(119)), 1), (.landsLater(.seconds(121)), 1), (.landsAgain(.seconds(5)), 1),
        (.landsAgain(.seconds(15)), 1),
        (.refused(Failure(.forbidden, "403")), 2), (.refused(Failure(.throttled, "429", retryAfter: .seconds(30))), 2),
    ])
    func endsWellWithTheSameKeyType(_ outcome: ModelOutcome, regenerates: Int) async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.azure.script([outcome], for: resource.id)
        try await world.withEngine([resource]) { running in
            #expect(await running.settle(version: 2))
            await running.advance(by: .seconds(1200))
            #expect(await running.status(resource.name)?.isSettled == true)
        }
        let sent = world.azure.sent(resource.id)
        #expect(Set(sent) == [.secondary])
        #expect(sent.count == regenerates || { if case .landsLater = outcome { sent.count <= 2 } else { false } }())
        #expect(world.azure.isPublishedKeyAlive(resource))
        #expect(world.publisher.current(resource.name)?.order.keyType == .secondary)
        #expect(world.violations([resource]) == [])
    }

    @Test(arguments: [90, 130, 170, 300, 1000])
    func aDuplicateThatLandsAfterPublicationIsMendedWithinMinutes(_ seconds: Int) async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.azure.script([.isLost, .landsAgain(.seconds(seconds))], for: resource.id)
        try await world.withEngine([resource]) { running in
            #expect(await running.settle(version: 2))
            let publishedAt = try #require(world.publisher.current(resource.name)?.at)
            await running.advance(by: publishedAt + .seconds(901) - world.clock.elapsed)
            if seconds < 900 { #expect(world.azure.isPublishedKeyAlive(resource)) }
            await running.advance(by: .seconds(3600))
            #expect(await running.status(resource.name)?.isSettled == true)
        }
        #expect(world.azure.isPublishedKeyAlive(resource))
        #expect(Set(world.azure.sent(resource.id)) == [.secondary])
        #expect(world.violations([resource]) == [])
    }

    @Test(arguments: [
        (ModelOutcome.changesOther, Reason.wrongKeyTypeChanged), (.changesBoth, .bothKeysChanged),
        (.changesNothing, .regenerateWithoutChange),
    ])
    func aContradictionHoldsUntilItIsResumedAndConsumersGetWhatWorks(_ outcome: ModelOutcome, reason: Reason)
        async throws
    {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.azure.script([outcome], for: resource.id)
        try await world.withEngine([resource]) { running in
            await running.advance(by: .seconds(6 * 3600 + 600))
            #expect(await running.status(resource.name)?.health == .held(reason))
            #expect(world.azure.isPublishedKeyAlive(resource))
            await running.advance(by: .seconds(24 * 3600))
            #expect(world.azure.sent(resource.id) == [.secondary])
            #expect(await running.engine.resume(resource.name, actor: "alice") == .accepted)
            #expect(await running.advance(atMost: .seconds(24 * 3600)) { $0.allSatisfy { $0.isSettled } })
            #expect(
                await running.advance(atMost: .seconds(24 * 3600)) { _ in world.azure.sent(resource.id).count == 2 })
            #expect(await running.settle(version: 2))
        }
        #expect(world.azure.sent(resource.id) == [.secondary, .secondary])
        #expect(world.azure.isPublishedKeyAlive(resource))
        #expect(world.violations([resource]) == [])
    }

    @Test func listingsThatFailMeanwhileDecideNothing() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.azure.script([.runsUnanswered], for: resource.id)
        try await world.withEngine([resource]) { running in
            await running.advance(by: .seconds(6 * 3600 - 1))
            let gate = world.azure.holdUp(.regenerate, of: resource.id)
            await running.advance(by: .seconds(1), ignoring: [resource.name])
            await gate.waitForArrivals()
            world.azure.setListingFailure(Failure(.azureUnavailable, "503"), of: resource.id)
            gate.open()
            await running.advance(by: .seconds(1800))
            #expect(await running.status(resource.name)?.phase == "uncertain")
            world.azure.setListingFailure(nil, of: resource.id)
            #expect(await running.settle(version: 2))
        }
        #expect(world.azure.sent(resource.id) == [.secondary])
        #expect(world.violations([resource]) == [])
    }
}
