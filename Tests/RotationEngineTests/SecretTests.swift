import FoundationEssentials
import KeyMaterial
import Logging
import Rotation
import RotationEngine
import RotationTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct SecretTests {
    private struct CapturingLogHandler: LogHandler {
        let lines: Protected<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = "\(event.level) \(event.message) \(event.metadata ?? [:])"
            lines.change { $0.append(line) }
        }
    }

    private func secrets(_ world: EngineWorld, _ resources: [ManagedResource]) -> [String] {
        resources.flatMap { world.azure.keys(of: $0.id) }.flatMap { key in
            [key.connectionString.secret, key.connectionString.accessKey.secret].map { $0.withExposedText { $0 } }
        }
    }

    @Test func noKeyIsLoggedOrStoredOrShown() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(5)
        world.azure.script([.runsUnanswered], for: resources[0].id)
        world.azure.script([.changesBoth], for: resources[1].id)
        world.azure.failListings(
            [Failure(.azureUnavailable, "503"), Failure(.badConnectionString, "no")], of: resources[2].id)
        world.publisher.fail([Failure(.publishFailed, "disk full")], of: resources[3].name)
        world.azure.script([.refused(Failure(.throttled, "429"))], for: resources[4].id)
        let log = Protected([String]())
        let logger = Logger(label: "engine", factory: { _ in CapturingLogHandler(lines: log) })
        var shown = ""
        try await world.withEngine(resources, options: LedgerFailureTests.options, logger: logger) { running in
            await running.idle()
            for resource in resources { _ = await running.engine.resume(resource.name, actor: "alice") }
            await running.advance(by: .seconds(30 * 3600))
            for status in await running.engine.status() { dump(status, to: &shown) }
        }
        for save in world.ledger.saves {
            shown += String(decoding: try JSONEncoder().encode(save.rotation.record), as: UTF8.self)
            dump(save, to: &shown)
        }
        let secrets = secrets(world, resources)
        #expect(secrets.count > 20)
        for text in [log.value.joined(separator: "\n"), shown] {
            #expect(!text.isEmpty)
            #expect(!secrets.contains { text.contains($0) })
            #expect(!text.lowercased().contains("accesskey="))
        }
        let fingerprint = try #require(world.azure.key(.primary, of: resources[0].id)?.fingerprint.hex)
        #expect(log.value.joined(separator: "\n").contains(fingerprint))
    }

    @Test func keysAreNotKeptInMemoryWhileNothingNeedsThem() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.azure.script([.runsUnanswered], for: resource.id)
        world.delivery.fail([Failure(.deliveryFailed, "no")], of: "run:warm")
        try await world.withEngine([resource]) { running in
            await running.idle()
            #expect(await running.status(resource.name)?.phase == "delivering")
            #expect(await !running.engine.keepsSecrets(resource.name))
            await running.advance(by: .seconds(6 * 3600))
            #expect(await running.status(resource.name)?.phase == "uncertain")
            #expect(await !running.engine.keepsSecrets(resource.name))
            #expect(await running.advance(atMost: .seconds(300)) { $0.allSatisfy { $0.phase == "verifying" } })
            #expect(await running.engine.keepsSecrets(resource.name))
            #expect(await running.settle(version: 2))
            #expect(await !running.engine.keepsSecrets(resource.name))
        }
    }
}
