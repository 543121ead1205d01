import AsyncHTTPClient
import FoundationEssentials
import KeyMaterial
import NIOCore
import Rotation
import Testing

@testable import AzureKeys

@Suite(.timeLimit(.minutes(15)))
struct HTTP2Tests {
    private func withServer(
        protocols: [String], tries: Int = 3,
        _ body: @escaping @Sendable (HTTP2Server, AzureClients) async throws -> Void
    ) async throws {
        let authority = try TestAuthority(protocols: protocols)
        let directory = try TemporaryDirectory()
        let file = try directory.write(authority.certificatePEM, to: "ca.pem")
        try await HTTP2Server.run(tls: authority.server) { path, port in
            let keys = TestKeys(port: port)
            return path.hasSuffix("regenerateKey") ? keys.pair(.secondary) : keys.listing
        } _: { server in
            let clients = try AzureClients(
                cloud: try AzureCloud(
                    resourceManager: "https://127.0.0.1:\(server.port)", login: "https://127.0.0.1:\(server.port)"),
                credential: .source(FakeTokens()), group: HTTPClient.defaultEventLoopGroup, caFile: file,
                options: AzureOptions(tries: tries).patient,
                clock: ManualTime().clock, logger: CapturingLog().logger())
            do {
                try await body(server, clients)
            } catch {
                await clients.shutdown()
                throw error
            }
            await clients.shutdown()
        }
    }

    @Test
    func `calls that read are HTTP/2 over one connection, a regenerate is HTTP/1.1 over its own`() async throws {
        try await withServer(protocols: ["h2", "http/1.1"]) { server, clients in
            for _ in 0..<3 { _ = try await clients.resourceManager.listKeys(Fixture.resource) }
            #expect(server.requests.map(\.isHTTP2) == [true, true, true])
            #expect(server.requests.allSatisfy { $0.host == "127.0.0.1:\(server.port)" })
            #expect(server.connections == 1)
            guard case .regenerated = await clients.resourceManager.regenerateKey(Fixture.resource, .secondary) else {
                Issue.record("not regenerated")
                return
            }
            #expect(server.requests.last?.isHTTP2 == false)
            #expect(server.connections == 2)
        }
    }

    @Test
    func `a server without HTTP/2 is spoken to in HTTP/1.1`() async throws {
        try await withServer(protocols: ["http/1.1"]) { server, clients in
            for _ in 0..<3 { _ = try await clients.resourceManager.listKeys(Fixture.resource) }
            #expect(server.requests.map(\.isHTTP2) == [false, false, false])
            #expect(server.connections == 1)
        }
    }

    @Test
    func `a probe over HTTP/2 signs the host that is sent`() async throws {
        try await withServer(protocols: ["h2"]) { server, clients in
            let connectionString = try ConnectionString(
                "endpoint=https://127.0.0.1:\(server.port)/;accesskey=\(TestKeys.key(0))")
            #expect(await clients.probe.probe(connectionString) == .succeeded)
            #expect(server.requests.map(\.host) == ["127.0.0.1:\(server.port)"])
            #expect(server.requests.map(\.isHTTP2) == [true])
        }
    }

    @Test
    func `a connection that breaks is replaced by another`() async throws {
        // As nothing waits between two tries, some may be given the connection that breaks: none of them is sent.
        try await withServer(protocols: ["h2"], tries: 1000) { server, clients in
            server.breakConnections(2)
            _ = try await clients.resourceManager.listKeys(Fixture.resource)
            #expect(server.requests.count == 3)
            #expect(server.connections == 3)
        }
    }

    @Test
    func `many calls at once share a connection`() async throws {
        try await withServer(protocols: ["h2"]) { server, clients in
            // The connection is there before they come.
            _ = try await clients.resourceManager.listKeys(Fixture.resource)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask { _ = try await clients.resourceManager.listKeys(Fixture.resource) }
                }
                try await group.waitForAll()
            }
            #expect(server.requests.count == 51)
            #expect(server.connections == 1)
        }
    }
}
