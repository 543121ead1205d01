import Delivery
import KeyturnConfig
import Logging
import Rotation
import RotationEngine
import Testing

@testable import Daemon

/// What a reload takes away while consumers are being told.
@Suite struct DeliveryAdapterTests {
    private static func loaded(_ resources: String) throws -> LoadedConfiguration {
        let text = "policies: {monthly: {every: 30d}}\nresources: \(resources)\n"
        let surroundings = ConfigurationSurroundings(
            now: Instant(unixSeconds: 1_800_000_000), zone: { _ in .known(.utc) }, zoneNames: { [] })
        let result = Configuration.parse([.init(path: "k.yaml", bytes: Array(text.utf8))], in: surroundings)
        var errors: [String] = []
        return LoadedConfiguration(
            try #require(result.configuration, "\(result.diagnostics)"), warnings: [], path: "k.yaml", errors: &errors)
    }

    private static func resource(_ name: String, _ more: String = "") -> String {
        "{name: \(name), subscription: 00000000-0000-0000-0000-000000000001, resourceGroup: lab, policy: monthly\(more)}"
    }

    private static let published = Publication(
        keyType: .primary, fingerprint: Fingerprint(value: 1), version: 2,
        publishedAt: Instant(unixSeconds: 1_800_000_000))

    private func told(_ resources: String, _ consumers: [String]) async throws -> [String: Failure?] {
        let id = try ResourceID(
            subscription: "00000000-0000-0000-0000-000000000001", resourceGroup: "lab", name: "contoso-sms")
        let settings = RotationSettings(
            name: "contoso-sms", policy: Policy(every: .seconds(86_400 * 30), overlap: .seconds(86_400)),
            consumers: consumers)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let adapter = DeliveryAdapter(
            deliverer: Deliverer(logger: logger), running: RunningConfiguration(try Self.loaded(resources)))
        return await adapter.deliver(
            Self.published, to: consumers, of: ManagedResource(id: id, settings: settings))
    }

    @Test func `nobody is told of a resource that has left the configuration`() async throws {
        let results = try await told("[\(Self.resource("contoso-mail"))]", ["a.service", "b.service"])
        #expect(results.count == 2)
        for (consumer, failure) in results {
            let failure = try #require(failure, "\(consumer) counts as told")
            #expect(failure.reason == .deliveryFailed && failure.detail.contains("not in the configuration any more"))
        }
    }

    @Test func `a consumer that has left the configuration has nothing to be told`() async throws {
        let results = try await told("[\(Self.resource("contoso-sms"))]", ["a.service"])
        #expect(results.mapValues { $0 == nil } == ["a.service": true])
    }

    @Test func `one that is still there is told`() async throws {
        let resources = "[\(Self.resource("contoso-sms", ", run: [[/bin/false]]"))]"
        let consumer = try #require(try Self.loaded(resources).consumers["contoso-sms"]?.first?.id.rawValue)
        let results = try await told(resources, [consumer])
        #expect(results[consumer]??.reason == .deliveryFailed)
    }
}
