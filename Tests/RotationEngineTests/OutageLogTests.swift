import EventCatalog
import Logging
import Rotation
import RotationEngine
import RotationTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct OutageLogTests {
    /// Keeps the lines that a journal would have: not those for debugging.
    private struct Handler: LogHandler {
        let lines: Protected<[(level: Logger.Level, event: String, resources: [String])]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let facts = event.metadata ?? [:]
            let resources: [String] =
                switch facts["resource"] {
                case .array(let values): values.map(\.description)
                case let value?: [value.description]
                case nil: []
                }
            lines.change { $0.append((event.level, facts["event"]?.description ?? "", resources)) }
        }
    }

    @Test func `hours without Azure are a few lines, and each resource has its own story`() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(200, policy: Policy(every: .seconds(30 * 86400), overlap: .seconds(3600)))
        let lines = Protected([(level: Logger.Level, event: String, resources: [String])]())
        let logger = Logger(label: "engine", factory: { _ in Handler(lines: lines) })
        try await world.withEngine(resources, options: LedgerFailureTests.options, logger: logger) { running in
            #expect(await running.settle())
            lines.change { $0 = [] }
            for resource in resources {
                world.azure.setListingFailure(Failure(.unreachable, "no route to \(resource.name)"), of: resource.id)
            }
            await running.advance(by: .seconds(5 * 3600))
            let down = lines.value
            #expect(down.count <= 80, "\(down.count) lines: \(down.map(\.event))")
            #expect(Set(down.map(\.event)) == ["failed", "also-failing", "still-failing"])
            #expect(Set(down.filter { $0.event != "still-failing" }.flatMap(\.resources)).count == 200)

            lines.change { $0 = [] }
            for resource in resources { world.azure.setListingFailure(nil, of: resource.id) }
            await running.advance(by: .seconds(3 * 3600))
            let up = lines.value
            #expect(up.count <= 60, "\(up.count) lines: \(up.map(\.event))")
            let over = up.filter { $0.event.hasSuffix("recovered") }
            #expect(over.flatMap(\.resources).sorted() == resources.map(\.name).sorted())
        }
    }

    @Test func `consumers that lose their files are told of together`() async throws {
        let world = EngineWorld()
        let resources = try Samples.resources(50)
        let lines = Protected([(level: Logger.Level, event: String, resources: [String])]())
        let logger = Logger(label: "engine", factory: { _ in Handler(lines: lines) })
        try await world.withEngine(resources, logger: logger) { running in
            #expect(await running.settle())
            for resource in resources {
                world.publisher.remove(resource.name)
                world.azure.setListingFailure(Failure(.unreachable, "no route"), of: resource.id)
            }
            await running.advance(by: .seconds(2 * 3600))
            let told = lines.value.filter { $0.event == "nothing-published" }
            #expect(told.flatMap(\.resources).sorted() == resources.map(\.name).sorted())
            #expect(told.count <= 30, "\(told.count)")
        }
    }

    @Test func `consumers without any file are told of, once`() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let lines = Protected([(level: Logger.Level, event: String, resources: [String])]())
        let logger = Logger(label: "engine", factory: { _ in Handler(lines: lines) })
        world.azure.setListingFailure(Failure(.unreachable, "no route"), of: resource.id)
        try await world.withEngine([resource], logger: logger) { running in
            await running.advance(by: .seconds(7200))
            #expect(await running.engine.resourcesWithoutFiles() == [resource.name])
            let told = lines.value.filter { $0.event == "nothing-published" }
            #expect(told.map(\.level) == [.error])
            #expect(told.map(\.resources) == [[resource.name]])
            world.azure.setListingFailure(nil, of: resource.id)
            #expect(await running.settle())
            #expect(await running.engine.resourcesWithoutFiles() == [])
        }
    }
}
