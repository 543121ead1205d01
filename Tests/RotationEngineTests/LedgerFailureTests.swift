import Rotation
import RotationEngine
import RotationTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct LedgerFailureTests {
    static let options = {
        var options = EngineOptions()
        options.longestSleep = .seconds(3600)
        return options
    }()

    /// How many saves a whole story takes: adoption and one rotation.
    private func savesOfOneRotation(_ outcomes: [ModelOutcome]) async throws -> Int {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.azure.script(outcomes, for: resource.id)
        try await world.withEngine([resource], options: Self.options) { running in
            #expect(await running.settle(version: 2))
        }
        return world.ledger.calls
    }

    /// Every regenerate that was sent was on record before.
    private func expectSentOnRecord(_ world: EngineWorld, _ resource: ManagedResource) {
        let intents = Set(
            world.ledger.saves.compactMap { save -> String? in
                if case .regenerating(let intent) = save.rotation.record.phase { intent.operationID } else { nil }
            })
        #expect(world.azure.sent(resource.id).count <= intents.count)
    }

    @Test(arguments: MemoryLedger.FailureMode.allCases)
    func everySaveMayFailOnce(_ mode: MemoryLedger.FailureMode) async throws {
        for outcomes in [[ModelOutcome](), [.runsUnanswered], [.isLost]] {
            let saves = try await savesOfOneRotation(outcomes)
            #expect(saves >= 10)
            for call in 1...saves {
                let world = EngineWorld()
                let resource = try Samples.resource()
                world.azure.script(outcomes, for: resource.id)
                world.ledger.fail(call: call, mode)
                try await world.withEngine([resource], options: Self.options) { running in
                    #expect(await running.settle(version: 2), "save \(call), \(outcomes)")
                }
                #expect(world.violations([resource]) == [], "save \(call), \(outcomes)")
                #expect(Set(world.azure.sent(resource.id)) == [.secondary], "save \(call), \(outcomes)")
                #expect(world.azure.isPublishedKeyAlive(resource), "save \(call), \(outcomes)")
                expectSentOnRecord(world, resource)
            }
        }
    }

    @Test(arguments: MemoryLedger.FailureMode.allCases)
    func theLedgerMayFailForHoursFromAnySaveOn(_ mode: MemoryLedger.FailureMode) async throws {
        let saves = try await savesOfOneRotation([.runsUnanswered])
        for call in 1...saves {
            let world = EngineWorld()
            let resource = try Samples.resource()
            world.azure.script([.runsUnanswered], for: resource.id)
            world.ledger.failOn(call: call, mode)
            try await world.withEngine([resource], options: Self.options) { running in
                #expect(await running.advance(atMost: .seconds(36000)) { _ in world.ledger.calls >= call })
                await running.advance(by: .seconds(600))
                #expect(await running.status(resource.name)?.health == .degraded(.ledgerUnavailable), "save \(call)")
                let sent = world.azure.sent(resource.id).count
                // Another hand is busy meanwhile: what was seen before the ledger failed is not true any more.
                world.azure.regenerateByAnotherHand(.primary, of: resource.id)
                await running.advance(by: .seconds(10800))
                #expect(world.azure.sent(resource.id).count == sent, "save \(call)")
                world.ledger.heal()
                await running.advance(by: .seconds(1200))
                #expect(await running.status(resource.name)?.health != .degraded(.ledgerUnavailable), "save \(call)")
                #expect(world.azure.isPublishedKeyAlive(resource), "save \(call)")
            }
            #expect(world.violations([resource]) == [], "save \(call)")
            expectSentOnRecord(world, resource)
        }
    }

    /// Another hand regenerates the other key while the intent cannot be put on record: what was listed before is not
    /// true any more, and who took the new key from Azure has an overlap.
    @Test func whatWasSeenBeforeTheLedgerFailedIsLookedAtAnew() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource], options: Self.options) { running in
            await running.advance(by: .seconds(6 * 3600 - 1))
            world.ledger.failOn(call: world.ledger.calls + 1, .before)
            await running.advance(by: .seconds(1))
            #expect(await running.status(resource.name)?.health == .degraded(.ledgerUnavailable))
            world.azure.regenerateByAnotherHand(.secondary, of: resource.id)
            await running.advance(by: .seconds(7200))
            world.ledger.heal()
            await running.advance(by: .seconds(3000))
            #expect(world.azure.sent(resource.id).isEmpty)
            #expect(world.ledger.notes(resource.name).contains { $0.kind == .otherKeyChanged })
            let version = world.publisher.current(resource.name)?.order.version ?? 0
            #expect(await running.settle(version: version + 1))
        }
        #expect(world.violations([resource]) == [])
    }

    @Test func theAnswerOfARegenerateOutlastsALedgerThatCannotTakeIt() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource], options: Self.options) { running in
            await running.advance(by: .seconds(6 * 3600 - 1))
            // The next save is the intent, the one after it the answer.
            let call = world.ledger.calls + 2
            for offset in 0..<20 { world.ledger.fail(call: call + offset, .before) }
            await running.advance(by: .seconds(600))
            #expect(world.azure.sent(resource.id) == [.secondary])
            world.ledger.heal()
            #expect(await running.settle(version: 2))
        }
        let notes = world.ledger.notes(resource.name)
        #expect(notes.contains { $0.kind == .regenerateAnswered })
        #expect(!notes.contains { $0.kind == .regenerateUndecided })
        #expect(world.violations([resource]) == [])
    }

    @Test func aLedgerThatRecoversIsNoticedWithoutAnythingElseToDo() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource], options: Self.options) { running in
            await running.idle()
            world.ledger.fail(call: world.ledger.calls + 1, .before)
            let outcome = await running.engine.pause(resource.name, actor: "alice")
            #expect(outcome == .unavailable(Failure(.ledgerUnavailable, "the model ledger fails save 6")))
            await running.idle()
            #expect(await running.status(resource.name)?.health == .degraded(.ledgerUnavailable))
            await running.advance(by: .seconds(10))
            #expect(await running.status(resource.name)?.health == .ok)
        }
    }

    @Test func aCommandAfterALedgerFailureTriesItAgain() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        try await world.withEngine([resource], options: Self.options) { running in
            await running.idle()
            world.ledger.fail(call: world.ledger.calls + 1, .before)
            _ = await running.engine.pause(resource.name, actor: "alice")
            #expect(await running.engine.pause(resource.name, actor: "alice") == .accepted)
            await running.idle()
            #expect(await running.status(resource.name)?.health == .paused)
        }
    }

    @Test func oneResourceWhoseRowCannotBeWrittenDoesNotDisturbTheOthers() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(3)
        world.ledger.setFailing(.before, of: resources[1].name)
        try await world.withEngine(resources, options: Self.options) { running in
            await running.advance(by: .seconds(8 * 3600))
            #expect(await running.status(resources[0].name)?.publication?.version == 2)
            #expect(await running.status(resources[1].name)?.publication == nil)
            #expect(await running.status(resources[2].name)?.publication?.version == 2)
            world.ledger.heal()
            #expect(await running.settle(version: 2))
        }
        #expect(world.violations(resources) == [])
    }
}
