import Rotation
import RotationEngine
import RotationTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct CommandTests {
    @Test func rotateRotatesNow() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { running in
            await running.idle()
            let preview = await running.engine.preview(resource.name)
            #expect(preview.outcome == .accepted)
            #expect(preview.keyType == .secondary)
            #expect(await running.engine.rotate(resource.name, actor: "alice (uid 1000)") == .accepted)
            await running.advance(by: .seconds(20))
            #expect(await running.status(resource.name)?.isSettled(version: 2) == true)
        }
        #expect(world.azure.sent(resource.id) == [.secondary])
        #expect(world.ledger.notes(resource.name).first { $0.kind == .regenerateSent }?.actor == "alice (uid 1000)")
        #expect(world.violations([resource]) == [])
    }

    @Test func rotateIsRefusedWithTheReason() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { running in
            let engine = running.engine
            await running.idle()
            #expect(await engine.rotate("nobody", actor: "alice") == .gone)
            #expect(await engine.pause("nobody", actor: "alice") == .gone)
            #expect(await engine.pause(resource.name, actor: "alice") == .accepted)
            #expect(await engine.rotate(resource.name, actor: "alice") == .refused(.paused))
            #expect(await engine.resume(resource.name, actor: "alice") == .accepted)
            #expect(await engine.rotate(resource.name, actor: "alice") == .accepted)
            #expect(await running.advance(atMost: .seconds(1)) { $0.allSatisfy { $0.phase == "verifying" } })
            #expect(await engine.rotate(resource.name, actor: "bob") == .refused(.underWay("verifying")))
            #expect(await running.settle(version: 2))
            // Azure tells the time without fractions.
            let until = world.clock.now + .seconds(3601)
            #expect(await engine.rotate(resource.name, actor: "alice") == .refused(.overlap(until: until)))
            #expect(await engine.preview(resource.name).outcome == .refused(.overlap(until: until)))
        }
        #expect(world.violations([resource]) == [])
    }

    @Test func rotateIsRefusedWhileNothingIsPublished() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.azure.setListingFailure(Failure(.forbidden, "403"), of: resource.id)
        try await world.withEngine([resource]) { running in
            await running.idle()
            #expect(await running.engine.rotate(resource.name, actor: "alice") == .refused(.unpublished))
        }
    }

    @Test func pauseStopsTheScheduleUntilResume() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { running in
            await running.idle()
            #expect(await running.engine.pause(resource.name, actor: "alice") == .accepted)
            await running.advance(by: .seconds(8 * 3600))
            #expect(world.azure.sent(resource.id).isEmpty)
            #expect(await running.status(resource.name)?.health == .paused)
            #expect(await running.status(resource.name)?.nextAt == nil)
            #expect(await running.engine.resume(resource.name, actor: "alice") == .accepted)
            await running.advance(by: .seconds(20))
            #expect(await running.status(resource.name)?.isSettled(version: 2) == true)
        }
        #expect(world.violations([resource]) == [])
    }

    /// The machine is about to send a regenerate; the pause that came before counts.
    @Test func pauseCountsBeforeWhatIsDecidedAfterIt() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { running in
            await running.advance(by: .seconds(6 * 3600 - 1))
            let gate = world.azure.holdUp(.probe, of: resource.id)
            await running.advance(by: .seconds(1), ignoring: [resource.name])
            await gate.waitForArrivals()
            async let paused = running.engine.pause(resource.name, actor: "alice")
            await poll { await running.engine.hasMail(resource.name) }
            gate.open()
            #expect(await paused == .accepted)
            await running.advance(by: .seconds(3600))
            #expect(world.azure.sent(resource.id).isEmpty)
        }
    }

    @Test func manyCommandsAtOnceAreAllAnswered() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource]) { running in
            await running.idle()
            let engine = running.engine
            let outcomes = await withTaskGroup(of: CommandOutcome.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        switch number % 3 {
                        case 0: await engine.rotate(resource.name, actor: "\(number)")
                        case 1: await engine.pause(resource.name, actor: "\(number)")
                        default: await engine.resume(resource.name, actor: "\(number)")
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count == 100)
            #expect(!outcomes.contains(.gone))
            _ = await engine.resume(resource.name, actor: "alice")
            await running.advance(by: .seconds(7 * 3600))
        }
        #expect(Set(world.azure.sent(resource.id)).count <= 2)
        #expect(world.violations([resource]) == [])
    }

    @Test func aCommandAfterTheEndIsAnswered() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let engine = try await world.withEngine([resource]) { running in
            await running.idle()
            return running.engine
        }
        guard case .unavailable = await engine.pause(resource.name, actor: "alice") else {
            Issue.record("it was not told that the daemon is stopping")
            return
        }
    }
}
