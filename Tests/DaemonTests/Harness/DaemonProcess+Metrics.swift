import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import Testing

/// One answer of the metrics' listener.
struct MetricsAnswer {
    let status: UInt
    let contentType: String?
    let text: String
    var headers = HTTPHeaders()

    var lines: [String] { text.split(separator: "\n").map(String.init) }
    var samples: [String] { lines.filter { !$0.hasPrefix("#") } }
    /// Names of the samples, as a query has them.
    var names: Set<String> { Set(samples.map { String($0.prefix { $0 != "{" && $0 != " " }) }) }
    /// Names of all families, those without samples too.
    var families: Set<String> {
        Set(lines.filter { $0.hasPrefix("# TYPE ") }.map { String($0.split(separator: " ")[2]) })
    }

    /// The value of the one sample that begins so; nil when there is none.
    func value(_ series: String) -> Double? {
        samples.first { $0.hasPrefix(series + " ") }.flatMap { Double($0.dropFirst(series.count + 1)) }
    }
}

extension DaemonProcess {
    /// Where metrics are served, as the log says.
    func metricsPort() async throws -> Int {
        try await eventually("metrics are served") {
            if let ending = child.ended { throw TestError("the daemon ended: \(ending)") }
            let line = log.split(separator: "\n").first { $0.contains("metrics are served") }
            return line.flatMap { $0.split(separator: ":").last.flatMap { Int($0.prefix { $0.isNumber }) } }
        }
    }

    /// - Parameter host: what `Host:` says; nil: where it is asked.
    func get(
        _ path: String, accept: String? = nil, method: HTTPMethod = .GET, host: String? = nil
    ) async throws -> MetricsAnswer {
        let port = try await metricsPort()
        return try await HTTPClient.withHTTPClient { client in
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
            request.method = method
            if let host { request.headers.add(name: "Host", value: host) }
            if let accept { request.headers.add(name: "Accept", value: accept) }
            let response = try await client.execute(request, timeout: .seconds(120))
            let text = String(buffer: try await response.body.collect(upTo: 64 << 20))
            // For `expectNoLeak`.
            try lab.write(text, to: "\(lab.directory)/answer-\(UInt32.random(in: 0 ... .max))")
            return MetricsAnswer(
                status: response.status.code, contentType: response.headers.first(name: "Content-Type"), text: text,
                headers: response.headers)
        }
    }

    func scrape(accept: String? = nil) async throws -> MetricsAnswer {
        let answer = try await get("/metrics", accept: accept)
        #expect(answer.status == 200)
        return answer
    }
}
