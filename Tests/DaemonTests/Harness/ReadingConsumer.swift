import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import Rotation

@testable import AcsEmulator

/// An application that reads the published file before each call, and remembers what it saw.
actor ReadingConsumer {
    struct Sighting {
        /// Before the file was read.
        let at: Instant
        let fingerprint: String
    }

    private(set) var sightings: [Sighting] = []
    private(set) var calls = 0
    /// What was refused, unreadable or not answered.
    private(set) var complaints: [String] = []
    private let path: String

    init(path: String) {
        self.path = path
    }

    /// Reads and calls until the task is cancelled.
    func consume() async {
        while !Task.isCancelled {
            let at = Instant(unixMicroseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000))
            do {
                let connection = try UsableConnectionString(contentsOf: path)
                sightings.append(Sighting(at: at, fingerprint: connection.fingerprint))
                let status = try await Self.call(connection)
                calls += 1
                if status != 200 { complaints.append("\(at): \(status) with \(connection.fingerprint)") }
            } catch let unreadable as UsableConnectionString.Unreadable {
                complaints.append("\(at): the file \(unreadable)")
            } catch {
                if !Task.isCancelled { complaints.append("\(at): \(error)") }
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// One signed call; the answer's status.
    private static func call(_ connection: UsableConnectionString) async throws -> Int {
        let target = "/rooms?api-version=2023-06-14"
        let date = HTTPDate.text(Date())
        let hash = DataPlaneSignature.contentHash(of: [])
        let signature = DataPlaneSignature(
            method: "GET", target: target, date: date, host: connection.host, contentHash: hash)
        var request = HTTPClientRequest(url: connection.endpoint + target)
        request.headers.add(name: "x-ms-date", value: date)
        request.headers.add(name: "x-ms-content-sha256", value: hash)
        request.headers.add(name: "Authorization", value: signature.authorization(with: connection.signingKey))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        _ = try await response.body.collect(upTo: 1 << 20)
        return Int(response.status.code)
    }

    /// One call with what a file says now; the answer's status.
    static func status(ofCallWith path: String) async throws -> Int {
        try await call(UsableConnectionString(contentsOf: path))
    }
}
