import AzureKeys
import NIOHTTP1
import PrometheusMetrics
import Rotation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(15)))
struct ARMMetricsTests {
    private func samples(_ registry: PrometheusRegistry) -> [String] {
        var writer = ExpositionWriter(.prometheusText)
        registry.write(to: &writer)
        return String(decoding: writer.finished(), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test
    func `each request is counted by its operation and how it ended`() async throws {
        let registry = PrometheusRegistry()
        let listings = Count()
        try await Fixture.run(Fixture.Setup(metrics: registry)) { request in
            guard request.path.hasSuffix("/listKeys") else { return .close }
            return listings.next() == 1 ? .answer(503, "{}") : .answer(200, request.keys().listing)
        } _: { fixture in
            try await fixture.listKeys()
            guard case .ambiguous = await fixture.regenerate() else {
                Issue.record("not .ambiguous")
                return
            }
            let samples = samples(registry)
            for (operation, code) in [("listKeys", "503"), ("listKeys", "200"), ("regenerateKey", "none")] {
                let series = "keyturn_azure_requests_total{operation=\"\(operation)\",code=\"\(code)\"}"
                #expect(samples.contains("\(series) 1"), "\(samples)")
            }
            #expect(samples.contains(#"keyturn_azure_request_duration_seconds_count{operation="listKeys"} 2"#))
            #expect(samples.contains(#"keyturn_azure_request_duration_seconds_count{operation="regenerateKey"} 1"#))
        }
    }

    @Test
    func `what the limit leaves room for is known of each subscription`() async throws {
        let options = AzureOptions(subscriptionWrites: WriteLimit(bucket: 5, perHour: 3600))
        try await Fixture.run(Fixture.Setup(options: options)) { request in
            .answer(200, request.keys().listing)
        } _: { fixture in
            let client = fixture.clients.resourceManager
            let subscription = Fixture.resource.subscription
            #expect(client.availableWrites(subscription: subscription) == (5, 5))
            for _ in 1...3 { try await fixture.listKeys() }
            #expect(client.availableWrites(subscription: subscription.uppercased()) == (2, 5))
            #expect(client.availableWrites(subscription: "another") == (5, 5))
        }
    }
}

private final class Count: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
