import AzureKeys
import FoundationEssentials
import KeyMaterial
import NIOHTTP1
import Rotation
import Testing

@Suite(.timeLimit(.minutes(15)))
struct ArcCredentialTests {
    private static let token = #"{"access_token":"tok","expires_in":"3599","token_type":"Bearer"}"#

    /// Runs against an agent that challenges with the given header and then takes `Basic the-key`.
    private static func run(
        _ directory: TemporaryDirectory, realm: String, identity: ManagedIdentity = .systemAssigned,
        _ body: @Sendable (Fixture) async throws -> Void
    ) async throws {
        let path = directory.path
        let setup = Fixture.Setup(credential: { server in
            .managedIdentity(
                identity, .arc(try Endpoint("\(server.baseURL)/metadata/identity/oauth2/token"), directory: path))
        })
        try await Fixture.run(setup) { request in
            switch request.headers["authorization"] {
            case []: .answer(401, "", headers: realm.isEmpty ? [:] : ["WWW-Authenticate": realm])
            case ["Basic the-key"]: .answer(200, token)
            default: .answer(401, "")
            }
        } _: { fixture in
            try await body(fixture)
        }
    }

    private static func failure(_ fixture: Fixture) async -> Failure? {
        do {
            _ = try await fixture.clients.tokens.token()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["Basic realm=", "basic realm=\""])
    func `the challenge is answered with the file's content`(prefix: String) async throws {
        let directory = try TemporaryDirectory()
        try directory.write("the-key", to: "1.key")
        let realm = "\(prefix)\(directory.path)/1.key\(prefix.hasSuffix("\"") ? "\"" : "")"
        try await Self.run(directory, realm: realm) { fixture in
            let token = try await fixture.clients.tokens.token()
            #expect(token.expiresIn == .seconds(3599))
            let requests = fixture.server.requests
            #expect(requests.count == 2)
            for request in requests {
                #expect(
                    request.uri == "/metadata/identity/oauth2/token?api-version=2020-06-01"
                        + "&resource=http%3A%2F%2F127.0.0.1%3A\(fixture.server.port)")
                #expect(request.headers["metadata"] == ["true"])
            }
        }
    }

    /// `D` stands for the directory of challenges; beside it is a file `outside.key`, which must never be sent.
    @Test(arguments: [
        "D/../outside.key", "D/x/../../outside.key", "/etc/passwd", "D/1.txt", "D/.key", "D/link.key", "D/long.key",
        "D/directory.key", "D/absent.key", "D//1.key", "D/sub/1.key", "D/two lines.key", "D/lines.key", "D/empty.key",
        "D",
        "",
    ])
    func `no other file is read and sent`(path: String) async throws {
        let outer = try TemporaryDirectory()
        try outer.write("outside", to: "outside.key")
        let directory = try outer.directory("tokens")
        try directory.write("the-key", to: "1.key")
        try directory.write("the-key", to: "1.txt")
        try directory.write("the-key\nX: y", to: "lines.key")
        try directory.write("", to: "empty.key")
        try directory.write(String(repeating: "k", count: 4097), to: "long.key")
        _ = try directory.directory("directory.key")
        try directory.write("the-key", to: "sub/1.key")
        try directory.link("link.key", to: "../outside.key")
        let realm = "Basic realm=" + path.replacing("D", with: directory.path, maxReplacements: 1)
        try await Self.run(directory, realm: realm) { fixture in
            let failure = try #require(await Self.failure(fixture))
            #expect([.badResponse, .unauthenticated].contains(failure.reason))
            #expect(!failure.detail.contains("the-key"))
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test
    func `a directory that is a link is not entered`() async throws {
        let outer = try TemporaryDirectory()
        try outer.write("the-key", to: "elsewhere/1.key")
        try outer.link("tokens", to: "elsewhere")
        let tokens = TemporaryDirectory(existing: outer.path + "/tokens")
        try await Self.run(tokens, realm: "Basic realm=\(tokens.path)/1.key") { fixture in
            #expect(await Self.failure(fixture)?.reason == .unauthenticated)
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test(arguments: ["", "Bearer realm=x", "Basic"])
    func `a challenge without a file`(realm: String) async throws {
        try await Self.run(try TemporaryDirectory(), realm: realm) { fixture in
            #expect(await Self.failure(fixture)?.reason == .badResponse)
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test
    func `a key that the agent does not take`() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("another-key", to: "1.key")
        try await Self.run(directory, realm: "Basic realm=\(directory.path)/1.key") { fixture in
            let failure = try #require(await Self.failure(fixture))
            #expect(failure.reason == .unauthenticated)
            #expect(!failure.detail.contains("another-key"))
            #expect(fixture.server.requests.count == 2)
        }
    }

    @Test
    func `user-assigned identities are not asked for`() async throws {
        try await Self.run(try TemporaryDirectory(), realm: "", identity: .clientID("x")) { fixture in
            #expect(await Self.failure(fixture)?.detail.contains("system-assigned identity only") == true)
            #expect(fixture.server.requests.isEmpty)
        }
    }

    @Test
    func `no agent here`() async throws {
        let port = refusingPort
        let setup = Fixture.Setup(credential: { _ in
            .managedIdentity(.systemAssigned, .arc(try Endpoint("http://127.0.0.1:\(port)"), directory: "/nowhere"))
        })
        try await Fixture.run(setup) { _ in
            .close
        } _: { fixture in
            let failure = await Self.failure(fixture)
            #expect(failure?.reason == .unreachable)
            #expect(failure?.detail.contains("himds.service") == true)
        }
    }
}
