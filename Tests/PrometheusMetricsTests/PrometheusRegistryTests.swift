import CoreMetrics
import PrometheusMetrics
import Testing

@Suite struct PrometheusRegistryTests {
    private func samples(_ registry: PrometheusRegistry) -> [String] {
        var writer = ExpositionWriter(.prometheusText)
        registry.write(to: &writer)
        return String(decoding: writer.finished(), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map(String.init)
    }

    @Test(arguments: [
        ("http.server.active_requests", "http_server_active_requests"), ("9 lives", "_9_lives"), ("", "_"),
        ("größe", "gr__e"), ("ns:sub-total", "ns:sub_total"),
    ])
    func `names become valid`(_ label: String, _ name: String) {
        let registry = PrometheusRegistry()
        Meter(label: label, factory: registry).set(1)
        #expect(samples(registry) == ["\(name) 1"])
    }

    @Test func `labels become valid, and each stands there once`() {
        let registry = PrometheusRegistry()
        let dimensions = [("http.route", "/a"), ("http_route", "/b"), ("__name__", "x"), ("le", "1"), ("a:b", "c")]
        Counter(label: "calls", dimensions: dimensions, factory: registry).increment()
        Timer(label: "time", dimensions: [("le", "1"), ("a", "b")], factory: registry).recordNanoseconds(1)
        let lines = samples(registry)
        #expect(lines.first == #"calls_total{http_route="/a",label__name__="x",le="1",a_b="c"} 1"#)
        #expect(lines.contains(#"time_seconds_bucket{a="b",le="0.005"} 1"#))
        #expect(lines.last == #"time_seconds_count{a="b"} 1"#)
    }

    @Test func `the same name and labels are the same series`() {
        let registry = PrometheusRegistry()
        for amount in [1, 2] { Counter(label: "calls", factory: registry).increment(by: amount) }
        FloatingPointCounter(label: "calls.total", factory: registry).increment(by: 0.5)
        #expect(samples(registry) == ["calls_total 3.5"])
    }

    @Test func `counters never go down`() {
        let registry = PrometheusRegistry()
        let counter = FloatingPointCounter(label: "calls", factory: registry)
        for amount in [2, -1, .nan, .infinity] { counter.increment(by: amount) }
        #expect(samples(registry) == ["calls_total 2"])
    }

    @Test func `another kind under the same name is not kept, and does not end the process`() {
        let registry = PrometheusRegistry([MetricDescription("calls_total", .counter, "Calls.")])
        Meter(label: "calls_total", factory: registry).set(7)
        Timer(label: "calls", factory: registry).recordNanoseconds(1)
        Counter(label: "calls", factory: registry).increment()
        Meter(label: "calls_seconds", factory: registry).set(7)
        Recorder(label: "calls_total", factory: registry).record(7)
        #expect(samples(registry).filter { $0.hasPrefix("calls_total") } == ["calls_total 1"])
        #expect(samples(registry).filter { $0.hasPrefix("calls_seconds") }.last == "calls_seconds_count 1")
        #expect(!samples(registry).contains("calls_seconds 7"))
    }

    @Test func `a metric that is destroyed leaves nothing, and one like it begins anew`() {
        let registry = PrometheusRegistry()
        let first = Counter(label: "calls", dimensions: [("to", "a")], factory: registry)
        first.increment()
        let timer = Timer(label: "time", factory: registry)
        first.destroy()
        timer.destroy()
        #expect(samples(registry).isEmpty)
        let second = Counter(label: "calls", dimensions: [("to", "a")], factory: registry)
        second.increment(by: 5)
        first.increment()
        first.destroy()
        #expect(samples(registry) == [#"calls_total{to="a"} 5"#])
    }

    @Test func `labels without bound fill one family and no more`() {
        let registry = PrometheusRegistry()
        for number in 0..<(PrometheusRegistry.seriesLimit + 10) {
            Counter(label: "calls", dimensions: [("to", "\(number)")], factory: registry).increment()
        }
        Counter(label: "calls", dimensions: [("to", "0")], factory: registry).increment()
        let lines = samples(registry)
        #expect(lines.count == PrometheusRegistry.seriesLimit)
        #expect(lines.contains(#"calls_total{to="0"} 2"#))
    }

    @Test func `libraries reach it through the factory in force`() {
        let registry = PrometheusRegistry()
        withMetricsFactory(registry) { Gauge(label: "depth").record(3) }
        #expect(samples(registry) == ["depth 3"])
    }

    @Test func `many threads count at once`() async {
        let registry = PrometheusRegistry()
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        Counter(label: "calls", factory: registry).increment()
                        Timer(label: "time", factory: registry).recordNanoseconds(1_000_000_000)
                    }
                }
            }
        }
        let lines = samples(registry)
        #expect(lines.contains("calls_total 8000"))
        #expect(lines.contains(#"time_seconds_bucket{le="1.0"} 8000"#))
        #expect(lines.contains("time_seconds_sum 8000"))
    }
}
