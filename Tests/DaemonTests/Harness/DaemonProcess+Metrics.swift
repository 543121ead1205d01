import AsyncHTTPClient
import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import Testing

/// One answer of the metrics' listener.
struct MetricsAnswer {
    let status: UInt
    let contentType: String?
    let text: String

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

    func get(_ path: String, accept: String? = nil, method: HTTPMethod = .GET) async throws -> MetricsAnswer {
        let port = try await metricsPort()
        return try await HTTPClient.withHTTPClient { client in
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
            request.method = method
            if let accept { request.headers.add(name: "Accept", value: accept) }
            let response = try await client.execute(request, timeout: .seconds(20))
            let text = String(buffer: try await response.body.collect(upTo: 64 << 20))
            // For `expectNoLeak`.
            try lab.write(text, to: "\(lab.directory)/answer-\(UInt32.random(in: 0 ... .max))")
            return MetricsAnswer(
                status: response.status.code, contentType: response.headers.first(name: "Content-Type"), text: text)
        }
    }

    func scrape(accept: String? = nil) async throws -> MetricsAnswer {
        let answer = try await get("/metrics", accept: accept)
        #expect(answer.status == 200)
        return answer
    }

    /// The TCP ports over IPv4 at which it listens, without those that it inherits from the tests: the emulators'.
    func listeningPorts() throws -> [Int] {
        let own = Self.sockets("/proc/\(child.pid)/fd").subtracting(Self.sockets("/proc/self/fd"))
        // The kernel's proc_net_tcp.txt: the second field is the address, the fourth the state (0A: listening), the tenth
        // the inode.
        let table = try Self.wholeText("/proc/\(child.pid)/net/tcp")
        return table.split(separator: "\n").compactMap { line -> Int? in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A", own.contains("socket:[\(fields[9])]") else { return nil }
            return fields[1].split(separator: ":").last.flatMap { Int($0, radix: 16) }
        }
    }

    /// The kernel hands out a page at a time, which must not pass for the end.
    private static func wholeText(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TestError("\(path): errno \(errno)") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func sockets(_ directory: String) -> Set<String> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return Set(
            names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\($0)") })
    }
}
