import AzureKeys
import KeyMaterial
import NIOHTTP1
import NIOPosix
import Rotation
import Testing

@Suite(.timeLimit(.minutes(15)))
struct CloudAuthorityTests {
    /// Runs against a resource manager that describes its cloud as given; `ORIGIN` stands for the server.
    private static func run(
        status: Int = 200, _ description: String, audience: String? = nil,
        _ body: @Sendable (ScriptedServer, AzureClients) async throws -> Void
    ) async throws {
        try await ScriptedServer.run(tls: nil) { request in
            guard request.path.hasSuffix("/metadata/endpoints") else {
                return .answer(200, #"{"access_token":"tok","expires_in":3599}"#)
            }
            let origin = "http://\(request.headers.first(name: "host") ?? "")"
            return .answer(status, description.replacing("ORIGIN", with: origin))
        } _: { server in
            let clients = try AzureClients(
                cloud: try AzureCloud(resourceManager: "\(server.baseURL)/arm", audience: audience),
                credential: .clientSecret(tenant: "t", clientID: "c") { Secret("s") },
                group: MultiThreadedEventLoopGroup.singleton, clock: ManualTime().clock, logger: CapturingLog().logger()
            )
            do {
                try await body(server, clients)
            } catch {
                await clients.shutdown()
                throw error
            }
            await clients.shutdown()
        }
    }

    private static func failure(_ clients: AzureClients) async -> Failure? {
        do {
            _ = try await clients.tokens.token()
            return nil
        } catch {
            return error
        }
    }

    private static func object(_ login: String, _ audiences: String, _ more: String = "") -> String {
        #"{"name":"x","authentication":{"loginEndpoint":"\#(login)","audiences":[\#(audiences)]\#(more)}}"#
    }

    @Test(
        arguments: [
            (object("ORIGIN/login/", #""https://a.example/","ORIGIN/arm/""#), nil, "ORIGIN/arm/.default"),
            (object("ORIGIN/login", #""https://a.example/","https://b.example""#), nil, "https://a.example//.default"),
            ("\u{feff}" + object("ORIGIN/login", ""), "https://c.example", "https://c.example/.default"),
            (
                "[" + object("https://other.example", #""x""#) + ","
                    + #"{"resourceManager":"ORIGIN/arm/","authentication":{"loginEndpoint":"ORIGIN/login","audiences":["y"]}}"#
                    + "]", nil, "y/.default"
            ),
        ] as [(String, String?, String)])
    func `the token service and the audience are asked for once`(
        description: String, audience: String?, scope: String
    ) async throws {
        try await Self.run(description, audience: audience) { server, clients in
            let token = try await clients.tokens.token()
            clients.tokens.invalidate(token)
            _ = try await clients.tokens.token()
            #expect(
                server.requests.map(\.uri)
                    == ["/arm/metadata/endpoints?api-version=2022-09-01"]
                    + Array(repeating: "/login/t/oauth2/v2.0/token", count: 2))
            #expect(server.requests[0].headers["authorization"] == [])
            let expected = scope.replacing("ORIGIN", with: server.baseURL)
            let form = server.requests[1].body.replacing("%3A", with: ":").replacing("%2F", with: "/")
            #expect(form.contains("&scope=\(expected)&"))
        }
    }

    @Test(
        arguments: [
            (200, "", "does not name the token service"), (200, "{}", "does not name the token service"),
            (200, "[]", "does not name the token service"),
            (200, object("http://login.example", #""x""#), "cannot be used"),
            (200, object("ORIGIN", ""), "what tokens must be for"),
            (200, object("ORIGIN/adfs", #""x""#, #","identityProvider":"ADFS""#), "AD FS"),
            (404, "{}", "answered 404"), (503, "{}", "answered 503"),
        ])
    func `what cannot be used says what to set`(status: Int, description: String, words: String) async throws {
        try await Self.run(status: status, description) { server, clients in
            let failure = await Self.failure(clients)
            #expect(failure?.detail.contains(words) == true, "\(failure?.detail ?? "")")
            #expect(failure?.detail.contains("set login (and audience) of azure.cloud") == true)
            #expect(server.requests.count == (status == 503 ? 3 : 1))
        }
    }
}
