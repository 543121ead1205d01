import AzureKeys
import KeyMaterial
import NIOHTTP1
import NIOPosix
import Rotation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(15)))
struct CredentialTests {
    private static func answer(expiresIn: String = #""3599""#) -> String {
        #"{"token_type":"Bearer","expires_in":\#(expiresIn),"access_token":"tok"}"#
    }

    private static func managedIdentity(_ identity: ManagedIdentity = .systemAssigned) -> Fixture.Setup {
        Fixture.Setup(credential: { server in
            .managedIdentity(identity, .virtualMachine(try Endpoint(server.baseURL)))
        })
    }

    private static func clientSecret(_ secret: @escaping @Sendable () -> Secret) -> Fixture.Setup {
        Fixture.Setup(credential: { _ in
            .clientSecret(tenant: "contoso.example", clientID: "app 1", secret: { secret() })
        })
    }

    private static func failure(_ fixture: Fixture) async -> Failure? {
        do {
            _ = try await fixture.clients.tokens.token()
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            (.systemAssigned, ""), (.clientID("8f1c"), "&client_id=8f1c"), (.objectID("9f1c"), "&object_id=9f1c"),
            (.resourceID("/subscriptions/x"), "&msi_res_id=%2Fsubscriptions%2Fx"),
        ] as [(ManagedIdentity, String)])
    func `a managed identity`(identity: ManagedIdentity, query: String) async throws {
        try await Fixture.run(Self.managedIdentity(identity)) { _ in
            .answer(200, Self.answer())
        } _: { fixture in
            let token = try await fixture.clients.tokens.token()
            #expect(token == AccessToken(secret: Secret("tok"), expiresIn: .seconds(3599)))
            let request = try #require(fixture.server.requests.first)
            #expect(request.method == .GET)
            #expect(
                request.uri == "/metadata/identity/oauth2/token?api-version=2018-02-01"
                    + "&resource=http%3A%2F%2F127.0.0.1%3A\(fixture.server.port)"
                    + query)
            #expect(request.headers["metadata"] == ["true"])
            #expect(request.headers["authorization"] == [])
        }
    }

    @Test(arguments: [404, 429, 500, 503])
    func `the metadata service is asked five times`(status: Int) async throws {
        try await Fixture.run(Self.managedIdentity()) { _ in
            .answer(status, "{}")
        } _: { fixture in
            #expect(await Self.failure(fixture) != nil)
            #expect(fixture.server.requests.count == 5)
            #expect(fixture.time.sleeps == [1600, 3200, 6400, 12800].map { .milliseconds($0) })
        }
    }

    @Test
    func `while the metadata service is updated it is given more than 70 s`() async throws {
        try await Fixture.run(Self.managedIdentity()) { _ in
            .answer(410, "{}")
        } _: { fixture in
            #expect(await Self.failure(fixture) != nil)
            #expect(fixture.time.sleeps.reduce(.zero, +) >= .seconds(70))
        }
    }

    @Test
    func `an identity that is not assigned is not asked for again`() async throws {
        let body = #"{"error":"invalid_request","error_description":"Identity not found"}"#
        try await Fixture.run(Self.managedIdentity(.clientID("abc"))) { _ in
            .answer(400, body)
        } _: { fixture in
            let failure = await Self.failure(fixture)
            #expect(failure?.reason == .unauthenticated)
            #expect(failure?.detail.contains("abc") == true)
            #expect(failure?.detail.contains("Identity not found") == true)
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test
    func `no metadata service here`() async throws {
        let port = refusingPort
        let setup = Fixture.Setup(credential: { _ in
            .managedIdentity(.systemAssigned, .virtualMachine(try Endpoint("http://127.0.0.1:\(port)")))
        })
        try await Fixture.run(setup) { _ in
            .close
        } _: { fixture in
            let failure = await Self.failure(fixture)
            #expect(failure?.reason == .unreachable)
            #expect(failure?.detail.contains("is this a machine in Azure") == true)
            #expect(fixture.time.sleeps == [])
        }
    }

    @Test
    func `a client secret, read anew each time`() async throws {
        let reads = Mutex(0)
        let setup = Self.clientSecret {
            reads.withLock { reads in
                reads += 1
                return Secret("s3cr+t/\(reads)&x=1")
            }
        }
        try await Fixture.run(setup) { _ in
            .answer(200, Self.answer(expiresIn: "3599"))
        } _: { fixture in
            let first = try await fixture.clients.tokens.token()
            fixture.clients.tokens.invalidate(first)
            _ = try await fixture.clients.tokens.token()
            let requests = fixture.server.requests
            #expect(requests.map(\.uri) == Array(repeating: "/contoso.example/oauth2/v2.0/token", count: 2))
            #expect(requests[0].headers["content-type"] == ["application/x-www-form-urlencoded"])
            #expect(
                requests.map(\.body)
                    == [1, 2].map {
                        "client_id=app%201&grant_type=client_credentials&client_secret=s3cr%2Bt%2F\($0)%26x%3D1"
                            + "&scope=http%3A%2F%2F127.0.0.1%3A\(fixture.server.port)%2F.default"
                            + "&claims=%7B%22access_token%22%3A%7B%22xms_cc%22%3A%7B%22values%22%3A%5B%22CP1%22%5D%7D%7D%7D"
                    })
        }
    }

    @Test(arguments: [
        (400, "invalid_request", Reason.unauthenticated, 1), (401, "invalid_client", .unauthenticated, 1),
        (400, "temporarily_unavailable", .azureUnavailable, 3), (429, "", .throttled, 3),
        (503, "", .azureUnavailable, 3),
        (302, "", .badResponse, 1),
    ])
    func `the token service refuses`(status: Int, error: String, reason: Reason, requests: Int) async throws {
        let body = #"{"error":"\#(error)","error_description":"AADSTS7000222: expired."}"#
        try await Fixture.run(Self.clientSecret { Secret("hunter2") }) { _ in
            .answer(status, body)
        } _: { fixture in
            let failure = await Self.failure(fixture)
            #expect(failure?.reason == reason)
            #expect(failure?.detail.contains("AADSTS7000222") == true)
            #expect(fixture.server.requests.count == requests)
        }
    }

    @Test
    func `a secret that cannot be read is the failure`() async throws {
        let unreadable = Failure(.unauthenticated, "cannot read /run/credentials/client-secret")
        let setup = Fixture.Setup(credential: { _ in
            .clientSecret(tenant: "t", clientID: "c", secret: { () throws(Failure) in throw unreadable })
        })
        try await Fixture.run(setup) { _ in
            .close
        } _: { fixture in
            #expect(await Self.failure(fixture) == unreadable)
            #expect(fixture.server.requests.isEmpty)
        }
    }

    @Test(arguments: [
        (#"{"access_token":"tok","expires_in":10}"#, 10), (#"{"access_token":"tok","expires_in":"10"}"#, 10),
        (#"{"access_token":"tok","expires_on":"1772413423"}"#, 100),
        (#"{"access_token":"tok","expires_on":1772413423}"#, 100),
    ])
    func `how long a token is good`(body: String, seconds: Int) async throws {
        let date: HTTPHeaders = ["Date": "Mon, 02 Mar 2026 01:02:03 GMT"]
        try await Fixture.run(Self.managedIdentity()) { _ in
            .answer(200, body, headers: date)
        } _: { fixture in
            let token = try await fixture.clients.tokens.token()
            #expect(token.expiresIn == .seconds(seconds))
        }
    }

    @Test(arguments: [
        "", "{}", #"{"access_token":"","expires_in":10}"#, #"{"access_token":"tok"}"#,
        #"{"access_token":"tok","expires_in":-5}"#, #"{"access_token":"tok","expires_in":1e300}"#,
        #"{"access_token":"a\r\nX: y","expires_in":10}"#,
    ])
    func `what is no token`(body: String) async throws {
        try await Fixture.run(Self.managedIdentity()) { _ in
            .answer(200, body)
        } _: { fixture in
            #expect(await Self.failure(fixture)?.reason == .badResponse)
        }
    }

    @Test
    func `a CA file that cannot be used is named`() {
        let group = MultiThreadedEventLoopGroup.singleton
        let error = #expect(throws: Failure.self) {
            try AzureClients(
                cloud: .azureCloud, credential: .source(FakeTokens()), group: group, caFile: "/nonexistent/ca.pem",
                logger: CapturingLog().logger())
        }
        #expect(error?.detail.contains("/nonexistent/ca.pem") == true)
    }
}
