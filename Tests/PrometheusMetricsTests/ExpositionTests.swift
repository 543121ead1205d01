import CoreMetrics
import PrometheusMetrics
import Testing

@Suite struct ExpositionTests {
    private static let descriptions = [
        MetricDescription("app_calls_total", .counter, "Calls \"made\",\nby C:\\kind."),
        MetricDescription("app_call_duration_seconds", .histogram, "Time.", bounds: [0.5, 1, 2.5]),
        MetricDescription("app_unused_total", .counter, "Never counted."),
    ]

    private func registry() -> PrometheusRegistry {
        let registry = PrometheusRegistry(Self.descriptions)
        Counter(label: "app_calls_total", dimensions: [("kind", "a\"b\\c\nd")], factory: registry).increment(by: 3)
        Counter(label: "app_calls_total", dimensions: [("kind", "")], factory: registry).increment(by: 0)
        let timer = Timer(label: "app.call.duration", factory: registry)
        for milliseconds in [500, 501, 2500, 9000] as [Int64] { timer.recordNanoseconds(milliseconds * 1_000_000) }
        Meter(label: "queue.length", factory: registry).set(2.5)
        Recorder(label: "body.size", factory: registry).record(1 << 40)
        return registry
    }

    private func text(_ format: ExpositionFormat, _ registry: PrometheusRegistry) -> String {
        var writer = ExpositionWriter(format)
        writer.family(MetricDescription("app_build_info", .info, "The version."))
        writer.sample(1, LabelSet(["version": "1.0"]))
        registry.write(to: &writer)
        return String(decoding: writer.finished(), as: UTF8.self)
    }

    @Test func `Prometheus's text, byte for byte`() {
        #expect(
            text(.prometheusText, registry()) == #"""
                # HELP app_build_info The version.
                # TYPE app_build_info gauge
                app_build_info{version="1.0"} 1
                # HELP app_call_duration_seconds Time.
                # TYPE app_call_duration_seconds histogram
                app_call_duration_seconds_bucket{le="0.5"} 1
                app_call_duration_seconds_bucket{le="1.0"} 2
                app_call_duration_seconds_bucket{le="2.5"} 3
                app_call_duration_seconds_bucket{le="+Inf"} 4
                app_call_duration_seconds_sum 12.501
                app_call_duration_seconds_count 4
                # HELP app_calls_total Calls "made",\nby C:\\kind.
                # TYPE app_calls_total counter
                app_calls_total{kind=""} 0
                app_calls_total{kind="a\"b\\c\nd"} 3
                # HELP app_unused_total Never counted.
                # TYPE app_unused_total counter
                # HELP body_size Reported by a library as body.size.
                # TYPE body_size summary
                body_size_sum 1099511627776
                body_size_count 1
                # HELP queue_length Reported by a library as queue.length.
                # TYPE queue_length gauge
                queue_length 2.5

                """#)
    }

    @Test func `OpenMetrics, byte for byte`() {
        #expect(
            text(.openMetrics, registry()) == #"""
                # HELP app_build The version.
                # TYPE app_build info
                app_build_info{version="1.0"} 1
                # HELP app_call_duration_seconds Time.
                # TYPE app_call_duration_seconds histogram
                # UNIT app_call_duration_seconds seconds
                app_call_duration_seconds_bucket{le="0.5"} 1
                app_call_duration_seconds_bucket{le="1.0"} 2
                app_call_duration_seconds_bucket{le="2.5"} 3
                app_call_duration_seconds_bucket{le="+Inf"} 4
                app_call_duration_seconds_sum 12.501
                app_call_duration_seconds_count 4
                # HELP app_calls Calls \"made\",\nby C:\\kind.
                # TYPE app_calls counter
                app_calls_total{kind=""} 0
                app_calls_total{kind="a\"b\\c\nd"} 3
                # HELP app_unused Never counted.
                # TYPE app_unused counter
                # HELP body_size Reported by a library as body.size.
                # TYPE body_size summary
                body_size_sum 1099511627776
                body_size_count 1
                # HELP queue_length Reported by a library as queue.length.
                # TYPE queue_length gauge
                queue_length 2.5
                # EOF

                """#)
    }

    @Test(arguments: [
        (1764053585.123456, "1764053585.123456"), (0, "0"), (-3, "-3"), (1e300, "1e+300"), (1e-05, "1e-05"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (9_007_199_254_740_992, "9007199254740992.0"),
    ])
    func `numbers are written so that they read the same`(_ value: Double, _ expected: String) {
        var writer = ExpositionWriter(.prometheusText)
        writer.family(MetricDescription("x", .gauge, "X."))
        writer.sample(value)
        #expect(String(decoding: writer.finished(), as: UTF8.self).hasSuffix("\nx \(expected)\n"))
    }

    @Test(
        arguments: [
            (nil, .prometheusText), ("", .prometheusText), ("*/*", .prometheusText),
            ("text/html,*/*;q=0.8", .prometheusText),
            ("application/openmetrics-text", .openMetrics),
            ("APPLICATION/OpenMetrics-Text; Version=\"1.0.0\"", .openMetrics),
            ("application/openmetrics-text; version=2.0.0", .prometheusText),
            ("application/openmetrics-text;q=0", .prometheusText),
            ("application/openmetrics-text;q=0.5,text/plain;version=0.0.4;q=0.6", .prometheusText),
            ("application/openmetrics-text;q=0.5,text/plain;version=1.0.0;q=0.6", .openMetrics),
            ("application/openmetrics-text;q=high,text/plain", .prometheusText),
            ("application/openmetrics-text , text/plain", .openMetrics), ("application/json", .prometheusText),
            // What Prometheus 2.42 and 3.0 send.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                    + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                    + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics
            ),
        ] as [(String?, ExpositionFormat)])
    func `the format is what is asked for`(_ accept: String?, _ format: ExpositionFormat) {
        #expect(ExpositionFormat(accept: accept) == format)
    }
}
