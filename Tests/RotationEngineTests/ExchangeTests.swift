import Rotation
import RotationEngine
import RotationTestKit
import Testing

/// Names that mean other Azure resources in a new configuration than they did before.
@Suite(.timeLimit(.minutes(15)))
struct ExchangeTests {
    private static let now = Instant(unixSeconds: 1_800_000_000)

    /// Each under the name of the next one.
    private static func exchanged(_ resources: [ManagedResource]) throws -> [ManagedResource] {
        try resources.indices.map { index in
            try Samples.resource(resources[(index + 1) % resources.count].name, id: resources[index].id)
        }
    }

    private static func row(_ resource: ManagedResource, regenerations: Int) -> StoredRotation {
        var record = RotationRecord()
        record.regenerations = regenerations
        return StoredRotation(name: resource.name, id: resource.id, record: record)
    }

    @Test(arguments: [2, 3])
    func bothGoOnFromWhereTheyWere(count: Int) async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(count)
        let exchanged = try Self.exchanged(resources)
        try await world.withEngine(resources) { running in
            #expect(await running.settle(version: 2))
            await running.engine.reconfigure(exchanged)
            #expect(await running.settle(version: 3))
            for resource in exchanged {
                let status = await running.status(resource.name)
                #expect(status?.id == resource.id)
                #expect(status?.publication?.keyType == .secondary)
                #expect(status?.regenerations == 1)
            }
        }
        for resource in resources { #expect(world.azure.sent(resource.id) == [.secondary], "no reason to rotate") }
        #expect(world.ledger.rows.keys.sorted() == resources.map(\.name))
        for resource in exchanged { #expect(world.ledger.rows[resource.name]?.id == resource.id) }
        let notes = exchanged.flatMap { world.ledger.notes($0.name) }.map(\.kind)
        #expect(notes.count { $0 == .adopted } == count, "once, at the start")
        #expect(notes.count { $0 == .filesUpdated } == count)
        #expect(!notes.contains(.secretsTampered), "nobody else had a hand in it")
    }

    @Test func nobodyElseIsAtWorkOnAResourceWhoseRegenerateIsOnItsWay() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(2)
        let exchanged = try Self.exchanged(resources)
        let gate = world.azure.holdUp(.regenerate, of: resources[1].id)
        try await world.withEngine(resources) { running in
            await running.advance(by: .seconds(6 * 3600 - 1))
            await running.advance(by: .seconds(1), ignoring: [resources[1].name])
            await gate.waitForArrivals()
            await running.engine.reconfigure(exchanged)
            await running.advance(by: .seconds(3600), ignoring: Set(resources.map(\.name)))
            #expect(world.azure.sent(resources[1].id) == [.secondary])
            #expect(world.ledger.rows[resources[1].name]?.phase.name == "regenerating")
            gate.open()
            #expect(await running.settle(version: 2))
        }
        // Consumers need the files under the new name first; the key that was under way is made once more after that.
        #expect(Set(world.azure.sent(resources[1].id)) == [.secondary])
    }

    /// Of two that are exchanged one is saved first, and the process dies before the other one is.
    @Test(arguments: [0, 1]) func whatIsOnRecordOfTheOtherOneIsNotLost(first: Int) throws {
        let resources = try Samples.resources(2)
        let exchanged = try Self.exchanged(resources)
        var rows = [
            resources[0].name: Self.row(resources[0], regenerations: 7),
            resources[1].name: Self.row(resources[1], regenerations: 9),
        ]
        let core = EngineCore()
        core.load(rows, resources, Self.now)
        core.reconfigure(exchanged, Self.now)
        rows.save(try #require(Self.saved(core, exchanged[first].name)))
        #expect(rows.count == 2)
        let again = EngineCore()
        again.load(rows, exchanged, Self.now)
        let status = Dictionary(uniqueKeysWithValues: again.status(Self.now).map { ($0.id, $0.regenerations) })
        #expect(status == [resources[0].id: 7, resources[1].id: 9])
        rows.save(try #require(Self.saved(again, exchanged[1 - first].name)))
        #expect(rows.keys.sorted() == resources.map(\.name))
    }

    /// What the core wants saved first of that resource.
    private static func saved(_ core: EngineCore, _ name: String) -> StoredRotation? {
        _ = core.takeDue(now)
        while let step = core.next(name, now: now, ending: false) {
            switch step {
            case .save(let rotation, _, _): return rotation
            case .perform(.readSecrets, _): core.answered(.secretsRead(nil), name)
            case .perform: core.answered(.listKeysFailed(Failure(.azureUnavailable, "503")), name)
            }
        }
        return nil
    }

    @Test func oneThatLeftAndComesBackElsewhereIsFoundAlthoughItsNameWasGivenAway() throws {
        let resources = try Samples.resources(2)
        var rows = [resources[0].name: Self.row(resources[0], regenerations: 7)]
        let core = EngineCore()
        core.load(rows, [resources[0]], Self.now)
        let heir = try Samples.resource(resources[0].name, id: resources[1].id)
        core.reconfigure([heir], Self.now)
        #expect(core.status(Self.now).map(\.regenerations) == [0])
        rows.save(try #require(Self.saved(core, heir.name)))
        #expect(rows[heir.name]?.id == heir.id)
        #expect(rows[resources[0].id.description]?.record.regenerations == 7)
        let back = try Samples.resource("contoso-back", id: resources[0].id)
        core.driverEnded(heir.name, Self.now)
        core.reconfigure([heir, back], Self.now)
        #expect(core.status(Self.now).first { $0.name == back.name }?.regenerations == 7)
        rows.save(try #require(Self.saved(core, back.name)))
        #expect(rows.keys.sorted() == [heir.name, back.name].sorted())
    }
}
