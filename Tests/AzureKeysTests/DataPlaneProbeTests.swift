import AzureKeys
import Crypto
import KeyMaterial
import NIOHTTP1
import Rotation
import Testing

@testable import AzureKeys

@Suite(.timeLimit(.minutes(15)))
struct DataPlaneProbeTests {
    private static let skew = """
        {"error":{"code":"AuthenticationFailed","message":"The given request could not be resolved.\\nThe time \
        difference between the originating client and the server is greater than the allowed margin of 5 minutes."}}
        """

    private static func probe(_ fixture: Fixture) async throws -> ProbeOutcome {
        let keys = TestKeys(port: fixture.server.port)
        return await fixture.clients.probe.probe(try ConnectionString(keys.connectionString(.primary)))
    }

    /// What the server expects to be signed with, at the date the request names.
    private static func isSigned(_ request: ScriptedServer.Request) -> Bool {
        let signature = RequestSignature(
            method: "GET", pathAndQuery: request.uri, host: request.headers.first(name: "host") ?? "",
            date: request.headers.first(name: "x-ms-date") ?? "",
            contentHash: request.headers.first(name: "x-ms-content-sha256") ?? "")
        let expected = AccessKey(request.keys().primary)?.withSigningKey { signature.authorization(with: $0) }
        return request.headers["authorization"] == [expected]
    }

    @Test
    func `a signed call that is let in`() async throws {
        try await Fixture.run {
            Self.isSigned($0) ? .answer(200, #"{"value":[]}"#) : .answer(401, "{}")
        } _: { fixture in
            let outcome = try await Self.probe(fixture)
            #expect(outcome == .succeeded)
            let request = try #require(fixture.server.requests.first)
            #expect(request.uri == "/rooms?api-version=2023-06-14")
            #expect(request.headers["x-ms-date"] == ["Mon, 02 Mar 2026 01:02:03 GMT"])
            #expect(request.headers["x-ms-content-sha256"] == [RequestSignature.emptyContentHash])
            #expect(request.headers["host"] == ["127.0.0.1:\(fixture.server.port)"])
            #expect(request.headers["x-ms-return-client-request-id"] == ["true"])
        }
    }

    @Test
    func `another call may be configured`() async throws {
        let setup = Fixture.Setup(options: AzureOptions(probe: .phoneNumbers))
        try await Fixture.run(setup) {
            Self.isSigned($0) ? .answer(200, "{}") : .answer(401, "{}")
        } _: { fixture in
            let outcome = try await Self.probe(fixture)
            #expect(outcome == .succeeded)
            #expect(fixture.server.requests.first?.uri == "/phoneNumbers?skip=0&top=1&api-version=2022-12-01")
        }
    }

    @Test
    func `a long list of rooms is not read to its end`() async throws {
        try await Fixture.run { _ in
            .answer(200, String(repeating: "x", count: 1 << 20))
        } _: { fixture in
            let outcome = try await Self.probe(fixture)
            #expect(outcome == .succeeded)
        }
    }

    @Test(arguments: [
        #"{"error":{"code":"Denied","message":"Denied by the resource provider."}}"#,
        #"{"error":{"code":"7509","message":"HMAC-SHA256 validation failed"}}"#, "", "no json",
    ])
    func `401 denies the key`(body: String) async throws {
        try await Fixture.run { _ in
            .answer(401, body, headers: ["x-azure-ref": "ref/1=="])
        } _: { fixture in
            guard case .denied(let failure) = try await Self.probe(fixture)
            else {
                Issue.record("not .denied")
                return
            }
            #expect(failure.requestID == "ref/1==")
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test(arguments: [
        (204, Reason.probeUnusable), (302, .probeUnusable), (400, .probeUnusable), (403, .probeUnusable),
        (404, .probeUnusable), (405, .probeUnusable), (429, .throttled), (408, .probeUnreachable),
        (500, .probeUnreachable),
        (503, .probeUnreachable),
    ])
    func `what teaches nothing about the key`(status: Int, reason: Reason) async throws {
        let headers: HTTPHeaders = ["Retry-After": "9", "Location": "/elsewhere"]
        try await Fixture.run { _ in
            .answer(status, "", headers: headers)
        } _: { fixture in
            guard case .inconclusive(let failure) = try await Self.probe(fixture) else {
                Issue.record("not .inconclusive")
                return
            }
            #expect(failure.reason == reason)
            #expect(failure.retryAfter == .seconds(9))
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test(arguments: RegenerateKeyWireTests.Breakage.allCases.filter { $0 != .partialAnswer })
    func `a broken connection teaches nothing`(breakage: RegenerateKeyWireTests.Breakage) async throws {
        let setup = Fixture.Setup(
            options: breakage == .silence ? AzureOptions(callTimeout: .milliseconds(300)) : AzureOptions())
        try await Fixture.run(setup) { _ in
            breakage.reply
        } _: { fixture in
            guard case .inconclusive(let failure) = try await Self.probe(fixture) else {
                Issue.record("not .inconclusive")
                return
            }
            #expect(failure.reason == .probeUnreachable)
        }
    }

    @Test
    func `a wrong clock is corrected once and warned about`() async throws {
        let serverDate = "Mon, 02 Mar 2026 01:12:03 GMT"
        try await Fixture.run { request in
            guard request.headers["x-ms-date"] == [serverDate] else {
                return .answer(401, Self.skew, headers: ["Date": serverDate])
            }
            return Self.isSigned(request) ? .answer(200, "{}") : .answer(401, "{}")
        } _: { fixture in
            let outcome = try await Self.probe(fixture)
            #expect(outcome == .succeeded)
            #expect(fixture.server.requests.count == 2)
            #expect(fixture.log.text.contains("warning"))
            #expect(fixture.log.text.contains("clock-offset=600 s"))
        }
    }

    @Test
    func `with the right time the key may still be denied`() async throws {
        let serverDate = "Mon, 02 Mar 2026 01:12:03 GMT"
        try await Fixture.run { request in
            request.headers["x-ms-date"] == [serverDate]
                ? .answer(401, #"{"error":{"code":"Denied","message":"Denied by the resource provider."}}"#)
                : .answer(401, Self.skew, headers: ["Date": serverDate])
        } _: { fixture in
            guard case .denied = try await Self.probe(fixture) else {
                Issue.record("not .denied")
                return
            }
        }
    }

    @Test(arguments: [["Date": "Mon, 02 Mar 2026 01:12:03 GMT"], [:]] as [HTTPHeaders])
    func `a clock that cannot be corrected does not deny the key`(headers: HTTPHeaders) async throws {
        try await Fixture.run { _ in
            .answer(401, Self.skew, headers: headers)
        } _: { fixture in
            guard case .inconclusive(let failure) = try await Self.probe(fixture) else {
                Issue.record("not .inconclusive")
                return
            }
            #expect(failure.reason == .clockSkew)
            #expect(fixture.server.requests.count == (headers.isEmpty ? 1 : 2))
        }
    }

    @Test
    func `a host that is not allowed is never called`() async throws {
        try await Fixture.run { _ in
            .answer(200, "{}")
        } _: { fixture in
            let connectionString = try ConnectionString("endpoint=https://evil.example/;accesskey=\(TestKeys.key(0))")
            guard case .inconclusive(let failure) = await fixture.clients.probe.probe(connectionString) else {
                Issue.record("not .inconclusive")
                return
            }
            #expect(failure.reason == .badConnectionString)
        }
    }
}
