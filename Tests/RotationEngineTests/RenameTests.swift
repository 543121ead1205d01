import Rotation
import RotationEngine
import RotationTestKit
import Testing

/// The same Azure resource under another name goes on from where it was.
@Suite(.timeLimit(.minutes(15)))
struct RenameTests {
    private static func renamed(_ resource: ManagedResource) throws -> ManagedResource {
        try Samples.resource("contoso-mail", id: resource.id)
    }

    @Test func theSameKeyIsPublishedUnderTheNewNameAndConsumersAreTold() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let other = try Self.renamed(resource)
        try await world.withEngine([resource]) { running in
            #expect(await running.settle(version: 2))
            let before = await running.status(resource.name)
            await running.engine.reconfigure([other])
            #expect(await running.settle(version: 3))
            let after = await running.status(other.name)
            #expect(after?.publication?.keyType == before?.publication?.keyType)
            #expect(after?.publication?.publishedAt == before?.publication?.publishedAt)
            #expect(after?.previousGoodUntil == before?.previousGoodUntil)
            #expect(after?.nextAt == before?.nextAt, "a new name is no reason to rotate")
        }
        #expect(world.azure.sent(resource.id) == [.secondary])
        #expect(world.ledger.rows.keys.sorted() == [other.name], "one row, not two")
        #expect(world.ledger.rows[other.name]?.record.told == Samples.consumers)
        #expect(world.ledger.notes(other.name).contains { $0.kind == .filesUpdated })
        #expect(!world.ledger.notes(other.name).contains { $0.kind == .secretsTampered || $0.kind == .adopted })
    }

    @Test func whileARegenerateIsUndecidedItStaysUndecided() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let other = try Self.renamed(resource)
        world.azure.script([.landsLater(.seconds(60))], for: resource.id)
        try await world.withEngine([resource]) { running in
            #expect(
                await running.advance(atMost: .seconds(8 * 3600)) { $0.allSatisfy { $0.phase == "uncertain" } })
            await running.engine.reconfigure([other])
            await running.idle()
            #expect(await running.status(other.name)?.phase == "uncertain")
            #expect(await running.settle(version: 2))
        }
        // Consumers need the files under the new name first; the key that was under way is made once more after that.
        #expect(Set(world.azure.sent(resource.id)) == [.secondary])
        #expect(world.violations([other]) == [])
    }

    @Test func afterARestartTheRowOfTheOldNameIsFound() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let other = try Self.renamed(resource)
        try await world.withEngine([resource]) { running in
            #expect(await running.settle(version: 2))
        }
        try await world.withEngine([other]) { running in
            #expect(await running.settle(version: 3))
            #expect(await running.status(other.name)?.publication?.keyType == .secondary)
        }
        #expect(world.azure.sent(resource.id) == [.secondary])
        #expect(world.ledger.rows.keys.sorted() == [other.name])
    }

    /// Nothing is saved between one name and the next, for nothing changes.
    @Test(arguments: [["b", "c"], ["b", "a"], ["b", nil, "b"], ["b", nil, "c"]])
    func theRowThatIsThereGoes(names: [String?]) throws {
        let now = Instant(unixSeconds: 1_800_000_000)
        let resource = try Samples.resource("a")
        let core = EngineCore()
        var rows = ["a": StoredRotation(name: "a", id: resource.id, record: RotationRecord())]
        core.load(rows, [resource], now)
        for name in names {
            core.reconfigure(try name.map { [try Samples.resource($0, id: resource.id)] } ?? [], now)
        }
        let name = try #require(core.takeDue(now).first)
        #expect(name == names.last)
        while let step = core.next(name, now: now, ending: false) {
            switch step {
            case .save(let rotation, _, _):
                #expect(rotation.name == name)
                rows.save(rotation)
                #expect(rows.keys.sorted() == [name])
                return
            case .perform(.readSecrets, _): core.answered(.secretsRead(nil), name)
            case .perform: core.answered(.listKeysFailed(Failure(.azureUnavailable, "503")), name)
            }
        }
        Issue.record("nothing was saved")
    }
}
