import Rotation
import RotationEngine
import RotationTestKit
import Testing

@Suite(.timeLimit(.minutes(15)))
struct FiguresTests {
    @Test func tellTheAgeLimitAndWhoWasNotTold() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let failure = Failure(.deliveryFailed, "exit status 1")
        world.delivery.fail([failure, failure, failure], of: Samples.consumers[1])
        try await world.withEngine([resource]) { running in
            await running.idle()
            let first = try #require(await running.engine.figures().first)
            #expect(first.status.name == resource.name)
            #expect(first.status.undelivered == 1)
            #expect(first.failures == [.deliver: 1])
            #expect(first.status.ageLimit == first.status.publication.map { $0.publishedAt + .seconds(9 * 3600) })
            #expect(await running.settle(version: 1))
            let told = try #require(await running.engine.figures().first)
            #expect(told.status.undelivered == 0)
            #expect(told.failures == [:])
        }
    }

    @Test func nothingIsUndeliveredBeforeThereIsAVersion() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        world.azure.setListingFailure(Failure(.forbidden, "no"), of: resource.id)
        try await world.withEngine([resource]) { running in
            await running.idle()
            let figures = try #require(await running.engine.figures().first)
            #expect(figures.status.undelivered == 0)
            #expect(figures.status.ageLimit == nil)
            #expect(figures.failures == [.look: 1])
        }
    }
}
