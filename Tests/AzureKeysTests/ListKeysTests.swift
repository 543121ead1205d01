import AzureKeys
import KeyMaterial
import NIOHTTP1
import Rotation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(15)))
struct ListKeysTests {
    @Test
    func `a listing is read, with Azure's clock`() async throws {
        try await Fixture.run { request in
            .answer(200, request.keys().listing, headers: ["Date": "Mon, 02 Mar 2026 01:02:03 GMT"])
        } _: { fixture in
            let listing = try await fixture.listKeys()
            let keys = TestKeys(port: fixture.server.port)
            #expect(listing.primary == (try ConnectionString(keys.connectionString(.primary))))
            #expect(listing.secondary == (try ConnectionString(keys.connectionString(.secondary))))
            #expect(listing.serverDate == Fixture.now)
            let request = try #require(fixture.server.requests.first)
            #expect(request.method == .POST)
            #expect(request.path.hasSuffix(Fixture.listKeysPath))
            #expect(request.headers["content-length"] == ["0"])
            #expect(request.headers["content-type"] == [])
            #expect(request.headers["x-ms-return-client-request-id"] == ["true"])
            #expect(request.headers["user-agent"] == ["keyturn"])
        }
    }

    @Test(arguments: ["primaryKey", "secondaryKey", "primaryConnectionString", "secondaryConnectionString"])
    func `a missing field is a bad listing`(field: String) async throws {
        try await Fixture.run {
            .answer(200, $0.keys().listing.replacing("\"\(field)\"", with: "\"other\""))
        } _: {
            fixture in
            let failure = await fixture.listKeysFailure()
            #expect(failure?.reason == .badConnectionString)
            #expect(failure?.detail.contains(field) == true)
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test
    func `equal keys are a bad listing`() async throws {
        try await Fixture.run { request in
            let keys = request.keys()
            return .answer(200, keys.listing.replacing(keys.secondary, with: keys.primary))
        } _: { fixture in
            #expect(await fixture.listKeysFailure()?.reason == .badConnectionString)
        }
    }

    @Test
    func `a connection string with another key is a bad listing`() async throws {
        try await Fixture.run { request in
            let keys = request.keys()
            let swapped = keys.listing.replacing("accesskey=\(keys.primary)", with: "accesskey=\(TestKeys.key(9))")
            return .answer(200, swapped)
        } _: { fixture in
            let failure = await fixture.listKeysFailure()
            #expect(failure?.reason == .badConnectionString)
            #expect(failure?.detail.contains("does not contain") == true)
        }
    }

    @Test(arguments: ["", "not json", "[1]"])
    func `a body that is no object is a bad answer`(body: String) async throws {
        try await Fixture.run { _ in
            .answer(200, body)
        } _: { fixture in
            #expect(await fixture.listKeysFailure()?.reason == .badResponse)
        }
    }

    @Test(arguments: [408, 429, 500, 502, 503, 504])
    func `a passing trouble is waited out`(status: Int) async throws {
        let count = Mutex(0)
        try await Fixture.run { request in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number < 3 ? .answer(status, "{}") : .answer(200, request.keys().listing)
        } _: { fixture in
            _ = try await fixture.listKeys()
            #expect(fixture.server.requests.count == 3)
            #expect(fixture.time.sleeps == [.milliseconds(800), .milliseconds(1600)])
        }
    }

    @Test
    func `three tries are enough`() async throws {
        try await Fixture.run { _ in
            .answer(503, "{}", headers: ["Retry-After": "2"])
        } _: { fixture in
            let failure = await fixture.listKeysFailure()
            #expect(failure?.reason == .azureUnavailable)
            #expect(failure?.retryAfter == .seconds(2))
            #expect(fixture.server.requests.count == 3)
            #expect(fixture.time.sleeps == [.seconds(2), .seconds(2)])
        }
    }

    @Test
    func `a long Retry-After is the caller's business`() async throws {
        try await Fixture.run { _ in
            .answer(429, "{}", headers: ["Retry-After": "300"])
        } _: { fixture in
            let failure = await fixture.listKeysFailure()
            #expect(failure?.reason == .throttled)
            #expect(failure?.retryAfter == .seconds(300))
            #expect(fixture.server.requests.count == 1)
            #expect(fixture.time.sleeps == [])
        }
    }

    @Test(arguments: [
        (400, Reason.badResponse), (403, .forbidden), (404, .notFound), (409, .conflict), (418, .badResponse),
    ])
    func `a refusal is not repeated`(status: Int, reason: Reason) async throws {
        try await Fixture.run { _ in
            .answer(status, "{}")
        } _: { fixture in
            #expect(await fixture.listKeysFailure()?.reason == reason)
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test
    func `a broken connection is tried again`() async throws {
        let count = Mutex(0)
        try await Fixture.run { request in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number == 1 ? .reset : .answer(200, request.keys().listing)
        } _: { fixture in
            _ = try await fixture.listKeys()
            #expect(fixture.server.requests.count == 2)
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `a redirect is not followed`(status: Int) async throws {
        try await Fixture.run { request in
            request.path == "/elsewhere"
                ? .answer(200, request.keys().listing) : .answer(status, "{}", headers: ["Location": "/elsewhere"])
        } _: { fixture in
            #expect(await fixture.listKeysFailure()?.reason == .badResponse)
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test
    func `a body over the limit is not read`() async throws {
        try await Fixture.run { _ in
            .answer(200, String(repeating: " ", count: 1 << 21))
        } _: { fixture in
            #expect(await fixture.listKeysFailure()?.reason == .badResponse)
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test
    func `silence is a timeout`() async throws {
        let options = AzureOptions(callTimeout: .seconds(3), tries: 2)
        try await Fixture.run(Fixture.Setup(options: options)) { _ in
            .silence
        } _: { fixture in
            #expect(await fixture.listKeysFailure()?.reason == .timeout)
            #expect(fixture.server.requests.count == 2)
        }
    }

    @Test
    func `a refused token is replaced once`() async throws {
        try await Fixture.run { _ in
            .answer(401, "{}")
        } _: { fixture in
            #expect(await fixture.listKeysFailure()?.reason == .unauthenticated)
            #expect(fixture.tokens.count == 2)
            #expect(fixture.server.requests.count == 2)
        }
    }

    @Test
    func `the resource is read`() async throws {
        let body = """
            {"name":"contoso-sms","location":"global","properties":{"hostName":"contoso-sms.unitedstates.communication.\
            azure.com","immutableResourceId":"9c7f","provisioningState":"Succeeded","disableLocalAuth":false,\
            "publicNetworkAccess":"Enabled"}}
            """
        try await Fixture.run { _ in
            .answer(200, body)
        } _: { fixture in
            let service = try await fixture.clients.resourceManager.get(Fixture.resource)
            #expect(service.name == "contoso-sms")
            #expect(service.hostName == "contoso-sms.unitedstates.communication.azure.com")
            #expect(service.immutableResourceID == "9c7f")
            #expect(service.provisioningState == "Succeeded")
            #expect(service.disableLocalAuth == false)
            #expect(service.publicNetworkAccess == "Enabled")
            let request = try #require(fixture.server.requests.first)
            #expect(request.method == .GET)
            #expect(request.uri.hasSuffix("/contoso-sms?api-version=2025-09-01"))
        }
    }
}
