import ArgumentParser
import AsyncHTTPClient
import Crypto
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Does what an application with a connection string does.
struct Consumer: Sendable {
    private let every: Duration
    private let client: HTTPClient
    private let tally: ConsumerTally

    init(every: Duration, authorityFile: String?, tally: ConsumerTally) throws {
        self.every = every
        self.tally = tally
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(10))
        if let authorityFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            do {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authorityFile))
            } catch {
                throw ValidationError("--ca-file: cannot read a certificate from \(authorityFile)")
            }
            configuration.tlsConfiguration = tls
        }
        client = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
    }

    func shutdown() async throws {
        try await client.shutdown()
    }

    /// Returns when all files are there, or the time is over, or the task is cancelled.
    static func waitForFiles(_ paths: [String], atMost limit: Duration) async {
        let deadline = ContinuousClock.now.advanced(by: limit)
        while ContinuousClock.now < deadline, !Task.isCancelled {
            if paths.allSatisfy({ (try? UsableConnectionString(contentsOf: $0)) != nil }) { return }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Reads the file and uses what is in it, again and again until the task is cancelled.
    func consume(_ path: String) async {
        while !Task.isCancelled {
            do {
                let connection = try UsableConnectionString(contentsOf: path)
                tally.saw(connection.fingerprint, in: path)
                await call(connection, path)
            } catch {
                tally.couldNotRead(path, because: error.description)
            }
            try? await Task.sleep(for: every)
        }
    }

    private func call(_ connection: UsableConnectionString, _ path: String) async {
        let target = "/rooms?api-version=2023-06-14"
        let date = HTTPDate.text(Date())
        let hash = DataPlaneSignature.contentHash(of: [])
        let signature = DataPlaneSignature(
            method: "GET", target: target, date: date, host: connection.host, contentHash: hash)
        var request = HTTPClientRequest(url: connection.endpoint + target)
        request.headers.add(name: "x-ms-date", value: date)
        request.headers.add(name: "x-ms-content-sha256", value: hash)
        request.headers.add(name: "Authorization", value: signature.authorization(with: connection.signingKey))
        do {
            let response = try await client.execute(request, timeout: .seconds(10))
            _ = try await response.body.collect(upTo: 1 << 20)
            tally.answered(Int(response.status.code), path, fingerprint: connection.fingerprint)
        } catch {
            if !Task.isCancelled { tally.failed(path, because: "\(error)") }
        }
    }
}
