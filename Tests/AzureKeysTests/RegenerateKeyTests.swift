import AzureKeys
import KeyMaterial
import NIOHTTP1
import Rotation
import Testing

@Suite(.timeLimit(.minutes(15)))
struct RegenerateKeyTests {
    @Test(arguments: KeyType.allCases)
    func `200 with the right pair is a regenerated key`(keyType: KeyType) async throws {
        try await Fixture.run {
            .answer(200, $0.keys().pair(keyType))
        } _: { fixture in
            let keys = TestKeys(port: fixture.server.port)
            let key = try #require(AccessKey(keys[keyType]))
            #expect(await fixture.regenerate(keyType) == .regenerated(keyType, key.fingerprint))
            let request = try #require(fixture.server.requests.first)
            #expect(fixture.server.requests.count == 1)
            #expect(request.method == .POST)
            #expect(
                request.uri
                    == "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-mail/providers"
                    + "/Microsoft.Communication/communicationServices/contoso-sms/regenerateKey?api-version=2023-04-01")
            #expect(request.body == #"{"keyType":"\#(keyType.rawValue)"}"#)
            #expect(request.headers["content-type"] == ["application/json"])
            #expect(request.headers["accept"] == ["application/json"])
            #expect(request.headers["content-length"] == ["\(request.body.utf8.count)"])
            #expect(request.headers["authorization"] == ["Bearer \(FakeTokens.text(1))"])
            #expect(request.headers["x-ms-client-request-id"].first?.count == 36)
            #expect(request.headers["x-ms-return-client-request-id"] == ["true"])
            #expect(request.headers["connection"] == ["close"])
        }
    }

    @Test
    func `the one-shot variant hands over the connection string`() async throws {
        try await Fixture.run {
            .answer(200, $0.keys().pair(.primary))
        } _: { fixture in
            let answer = await fixture.clients.resourceManager.regenerate(Fixture.resource, .primary)
            let expected = try ConnectionString(TestKeys(port: fixture.server.port).connectionString(.primary))
            #expect(answer == .regenerated(.primary, expected))
        }
    }

    @Test(arguments: [
        (400, "InvalidKeyType", Reason.badResponse), (401, "ExpiredAuthenticationToken", .unauthenticated),
        (403, "AuthorizationFailed", .forbidden), (404, "ResourceNotFound", .notFound), (409, "ScopeLocked", .locked),
        (429, "SubscriptionRequestsThrottled", .throttled),
    ])
    func `a refusal before anything was done is no execution`(status: Int, code: String, reason: Reason) async throws {
        let body = #"{"error":{"code":"\#(code)","message":"No."}}"#
        let headers: HTTPHeaders = ["Retry-After": "7", "x-ms-request-id": "req-1", "x-ms-failure-cause": "gateway"]
        try await Fixture.run { _ in
            .answer(status, body, headers: headers)
        } _: { fixture in
            guard case .notExecuted(let failure) = await fixture.regenerate() else {
                Issue.record("not .notExecuted")
                return
            }
            #expect(failure.reason == reason)
            #expect(failure.retryAfter == .seconds(7))
            #expect(failure.requestID == "req-1")
            #expect(failure.detail.contains(code))
            #expect(failure.detail.contains("x-ms-failure-cause: gateway"))
            #expect(fixture.server.requests.count == (status == 401 ? 2 : 1))
            #expect(fixture.time.sleeps == [])
        }
    }

    @Test(arguments: [
        (201, Reason.badResponse), (202, .badResponse), (204, .badResponse), (302, .badResponse), (307, .badResponse),
        (405, .badResponse), (408, .timeout), (409, .conflict), (500, .azureUnavailable), (502, .azureUnavailable),
        (503, .azureUnavailable), (504, .azureUnavailable),
    ])
    func `every other status is ambiguous after one request`(status: Int, reason: Reason) async throws {
        let headers: HTTPHeaders = ["Location": "/elsewhere", "Retry-After": "1"]
        try await Fixture.run { _ in
            .answer(status, status == 204 ? "" : "{}", headers: headers)
        } _: { fixture in
            guard case .ambiguous(let failure) = await fixture.regenerate() else {
                Issue.record("not .ambiguous")
                return
            }
            #expect(failure.reason == reason)
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test(arguments: ["", "null", "[]", "{}", "Bad Gateway", #"{"primaryKey":5}"#])
    func `200 with a body that makes no sense is ambiguous`(body: String) async throws {
        try await Fixture.run { _ in
            .answer(200, body)
        } _: { fixture in
            guard case .ambiguous = await fixture.regenerate() else {
                Issue.record("not .ambiguous")
                return
            }
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test
    func `200 with the wrong pair is ambiguous`() async throws {
        try await Fixture.run {
            .answer(200, $0.keys().pair(.primary))
        } _: { fixture in
            guard case .ambiguous(let failure) = await fixture.regenerate(.secondary) else {
                Issue.record("not .ambiguous")
                return
            }
            #expect(failure.reason == .badConnectionString)
            #expect(failure.detail.contains("secondaryKey"))
        }
    }

    @Test
    func `200 whose connection string points elsewhere is ambiguous`() async throws {
        try await Fixture.run { request in
            let pair = request.keys().pair(.secondary)
            return .answer(200, pair.replacing("http://127.0.0.1:\(request.keys().port)", with: "https://evil.example"))
        } _: { fixture in
            guard case .ambiguous(let failure) = await fixture.regenerate() else {
                Issue.record("not .ambiguous")
                return
            }
            #expect(failure.reason == .badConnectionString)
            #expect(failure.detail.contains("evil.example"))
        }
    }

    @Test
    func `a 401 is answered once with a new token`() async throws {
        try await Fixture.run { request in
            request.headers["authorization"] == ["Bearer \(FakeTokens.text(1))"]
                ? .answer(401, #"{"error":{"code":"ExpiredAuthenticationToken","message":"old"}}"#)
                : .answer(200, request.keys().pair(.secondary))
        } _: { fixture in
            guard case .regenerated = await fixture.regenerate() else {
                Issue.record("not .regenerated")
                return
            }
            #expect(fixture.tokens.count == 2)
            #expect(fixture.server.requests.count == 2)
            #expect(Set(fixture.server.requests.map(\.connection)).count == 2)
        }
    }

    @Test
    func `without a token nothing is sent`() async throws {
        try await Fixture.run { _ in
            .answer(200, "{}")
        } _: { fixture in
            let failure = Failure(.unauthenticated, "no identity")
            fixture.tokens.fail(with: failure)
            #expect(await fixture.regenerate() == .notExecuted(failure))
            #expect(fixture.server.requests.isEmpty)
        }
    }

    @Test
    func `a 403 names the action, the scope and what to do`() async throws {
        let message =
            "The client 'app' with object id '8f1c3c1e-7c55-4a8e-9d5b-0f1e2d3c4b5a' does not have authorization."
        let body = #"{"error":{"code":"AuthorizationFailed","message":"\#(message)"}}"#
        try await Fixture.run { _ in
            .answer(403, body)
        } _: { fixture in
            guard case .notExecuted(let failure) = await fixture.regenerate() else {
                Issue.record("not .notExecuted")
                return
            }
            #expect(failure.detail.contains("Microsoft.Communication/communicationServices/regenerateKey/action"))
            #expect(failure.detail.contains(Fixture.resource.description))
            #expect(failure.detail.contains("assign a role"))
            #expect(failure.detail.contains(message))
        }
    }
}
