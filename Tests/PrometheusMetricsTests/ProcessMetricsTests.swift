import Glibc
import PrometheusMetrics
import Testing

@Suite struct ProcessMetricsTests {
    private func values(_ metrics: ProcessMetrics) -> [String: Double] {
        var writer = ExpositionWriter(.prometheusText)
        metrics.write(to: &writer)
        let lines = String(decoding: writer.finished(), as: UTF8.self).split(separator: "\n")
        return Dictionary(
            uniqueKeysWithValues: lines.filter { !$0.hasPrefix("#") }.map { line in
                let parts = line.split(separator: " ")
                return (String(parts[0]), Double(parts[1]) ?? .nan)
            })
    }

    @Test func `tells about this process`() throws {
        let metrics = ProcessMetrics()
        let now = Double(time(nil))
        let first = values(metrics)
        let start = try #require(first["process_start_time_seconds"])
        #expect(start <= now + 1 && start > now - 86_400)
        #expect(try #require(first["process_resident_memory_bytes"]) > 1_000_000)
        #expect(
            try #require(first["process_virtual_memory_bytes"]) > #require(first["process_resident_memory_bytes"]))
        let open = try #require(first["process_open_fds"])
        #expect(open >= 3)
        #expect(try #require(first["process_max_fds"]) >= open)
        let cpu = try #require(first["process_cpu_seconds_total"])
        var sum = 0.0
        for number in 0..<200_000 { sum += Double(number).squareRoot() }
        #expect(sum > 0)
        let second = values(metrics)
        #expect(try #require(second["process_cpu_seconds_total"]) > cpu)
        #expect(second["process_start_time_seconds"] == start)
    }
}
