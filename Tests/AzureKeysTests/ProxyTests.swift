import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import Rotation
import Testing

@testable import AzureKeys

@Suite(.timeLimit(.minutes(15)))
struct ProxyTests {
    private static let name = "arm.contoso.example"

    /// A resource manager whose name only the proxy can resolve.
    private func withARM(
        behind proxy: ConnectProxy, account: String = "", excepted: String = "",
        _ body: @escaping @Sendable (Fixture) async throws -> Void
    ) async throws {
        let authority = try TestAuthority(name: Self.name)
        let directory = try TemporaryDirectory()
        let file = try directory.write(authority.certificatePEM, to: "ca.pem")
        var setup = Fixture.Setup(
            cloudURL: {
                proxy.lead(to: $0.port)
                return "https://\(Self.name)"
            }, tls: authority.server, caFile: file)
        setup.options.tries = 1
        setup.proxies = try ProxySettings(environment: [
            "https_proxy": "http://\(account)127.0.0.1:\(proxy.port)", "no_proxy": excepted,
        ])
        try await Fixture.run(setup) { request in
            request.path.hasSuffix("regenerateKey")
                ? .answer(200, request.keys().pair(.secondary)) : .answer(200, request.keys().listing)
        } _: { fixture in
            try await body(fixture)
        }
    }

    @Test
    func `calls to Azure go through the proxy, TLS within`() async throws {
        try await ConnectProxy.run { proxy in
            try await withARM(behind: proxy, account: "user:p%40ss@") { fixture in
                // Whatever the answers' hosts are: that they are read shows that there was a tunnel with TLS.
                _ = await fixture.listKeysFailure()
                _ = await fixture.regenerate()
                #expect(fixture.server.requests(to: "regenerateKey").count == 1)
                #expect(fixture.server.requests(to: "listKeys").count == 1)
            }
            #expect(proxy.requests.map(\.target) == ["\(Self.name):443", "\(Self.name):443"])
            let basic = "Basic \(Data("user:p@ss".utf8).base64EncodedString())"
            #expect(proxy.requests.map(\.authorization) == [basic, basic])
        }
    }

    @Test(arguments: ["403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway"])
    func `a proxy that opens no tunnel proves that nothing was sent`(status: String) async throws {
        try await ConnectProxy.run(status: status) { proxy in
            try await withARM(behind: proxy) { fixture in
                guard case .notExecuted(let failure) = await fixture.regenerate() else {
                    Issue.record("not told as not executed")
                    return
                }
                #expect(failure.reason == .unreachable)
                #expect(failure.detail.contains("(through the proxy 127.0.0.1:\(proxy.port))"), "\(failure.detail)")
                #expect(failure.detail.contains(status.hasPrefix("407") ? "user or password" : "refuses"))
                #expect(fixture.server.requests.isEmpty)
            }
        }
    }

    @Test
    func `a proxy that breaks connections is named`() async throws {
        try await ConnectProxy.run { proxy in
            try await withARM(behind: proxy) { fixture in
                proxy.lead(to: 1)
                let failure = try #require(await fixture.listKeysFailure())
                #expect(failure.reason == .unreachable)
                #expect(failure.detail.contains("the proxy 127.0.0.1:\(proxy.port)"), "\(failure.detail)")
            }
        }
    }

    @Test
    func `a proxy that is not there is named`() async throws {
        // Nobody listens there (tcpmux); a port that was free a moment ago may be another test's by now.
        let port = 1
        let transport = HTTPTransport(
            group: HTTPClient.defaultEventLoopGroup, connectTimeout: .seconds(30), idleTimeout: .seconds(30),
            extraTrustRoots: [],
            proxies: try ProxySettings(environment: ["https_proxy": "http://127.0.0.1:\(port)"]))
        let call = HTTPCall(method: .GET, url: "https://\(Self.name)/", headers: [:], timeout: .seconds(60))
        let failure = await #expect(throws: TransportFailure.self) { try await transport.send(call) }
        #expect(failure?.kind == .connect)
        #expect(failure?.detail == "connection refused (through the proxy 127.0.0.1:\(port))")
        await transport.shutdown()
    }

    @Test
    func `no_proxy is reached directly`() async throws {
        try await ConnectProxy.run { proxy in
            try await withARM(behind: proxy, excepted: "contoso.example") { fixture in
                // The name is nobody's.
                #expect(await fixture.listKeysFailure()?.reason == .unreachable)
            }
            #expect(proxy.requests.isEmpty)
        }
    }

    @Test
    func `managed identities are asked directly wherever they are`() async throws {
        try await ConnectProxy.run { proxy in
            let proxies = try ProxySettings(environment: ["http_proxy": "http://127.0.0.1:\(proxy.port)"])
            let transport = HTTPTransport(
                group: HTTPClient.defaultEventLoopGroup, connectTimeout: .seconds(30), idleTimeout: .seconds(30),
                extraTrustRoots: [],
                proxies: proxies)
            var call = HTTPCall(
                method: .GET, url: "http://identity.contoso.example/msi/token", headers: [:], timeout: .seconds(60))
            call.neverProxied = true
            await #expect(throws: TransportFailure.self) { try await transport.send(call) }
            #expect(proxy.requests.isEmpty)
            call.neverProxied = false
            _ = try? await transport.send(call)
            #expect(!proxy.requests.isEmpty)
            await transport.shutdown()
        }
    }
}
