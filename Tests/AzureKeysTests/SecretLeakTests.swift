import AzureKeys
import KeyMaterial
import NIOHTTP1
import Rotation
import Synchronization
import Testing

/// Runs every call against a server that repeats in its answers all the secrets it was sent, and searches everything
/// that comes out for them.
@Suite(.timeLimit(.minutes(15)))
struct SecretLeakTests {
    private static let clientSecret = "cl13nt~s3cret.\(TestKeys.key(150).prefix(30))"
    private static let token = "eyJhbGciOi.\(TestKeys.key(160)).\(TestKeys.key(170).filter { $0.isLetter })"

    private static func secrets(_ keys: TestKeys) -> [String] {
        [clientSecret, clientSecret.replacing("~", with: "%7E"), token, keys.primary, keys.secondary]
    }

    /// What the server answers to everything but token requests, in turn.
    private static func replies(_ keys: TestKeys) -> [ScriptedServer.Reply] {
        let echo = "saw \(secrets(keys).joined(separator: ", ")) and accesskey=\(keys.primary) Bearer \(token)"
        let error = #"{"error":{"code":"\#(keys.primary)","message":"\#(echo)"}}"#
        var replies: [ScriptedServer.Reply] = [400, 401, 403, 404, 408, 409, 429, 500, 503].map { status in
            .answer(status, error, headers: ["x-ms-failure-cause": token, "Retry-After": "100"])
        }
        replies.append(.answer(200, keys.listing.replacing("secondaryKey", with: "nothing")))
        replies.append(.answer(200, keys.listing.replacing("http://127.0.0.1", with: "http://evil.example")))
        replies.append(.answer(200, keys.listing.replacing("endpoint=", with: "")))
        replies.append(.answer(200, keys.listing.replacing("}", with: "")))
        replies.append(.answer(200, keys.listing))
        return replies + [.reset, .partialAnswer, .close, .answer(302, error, headers: ["Location": "/\(token)"])]
    }

    @Test(arguments: [true, false])
    func `nothing that comes out holds a secret`(tokenServiceWorks: Bool) async throws {
        let reply = Mutex(0)
        let setup = Fixture.Setup(
            options: AzureOptions(tries: 1),
            credential: { _ in .clientSecret(tenant: "t", clientID: "c", secret: { Secret(Self.clientSecret) }) })
        try await Fixture.run(setup) { request in
            let keys = request.keys()
            if request.path.hasSuffix("/token") {
                let echo = "\(Self.clientSecret) \(request.body)"
                return tokenServiceWorks
                    ? .answer(200, #"{"access_token":"\#(Self.token)","expires_in":3600}"#)
                    : .answer(401, #"{"error":"invalid_client","error_description":"\#(echo)"}"#)
            }
            return Self.replies(keys)[reply.withLock { $0 }]
        } _: { fixture in
            let keys = TestKeys(port: fixture.server.port)
            var outcomes: [String] = []
            for number in Self.replies(keys).indices {
                reply.withLock { $0 = number }
                let client = fixture.clients.resourceManager
                let connectionString = try ConnectionString(keys.connectionString(.primary))
                outcomes.append(Self.text(of: await fixture.listKeysFailure() as Any))
                outcomes.append(Self.text(of: await client.regenerate(Fixture.resource, .primary)))
                outcomes.append(Self.text(of: await client.regenerateKey(Fixture.resource, .secondary)))
                outcomes.append(Self.text(of: await fixture.clients.probe.probe(connectionString)))
                outcomes.append(await Self.outcome { try await client.get(Fixture.resource) })
                outcomes.append(await Self.outcome { try await fixture.listKeys() })
                outcomes.append(await Self.outcome { try await fixture.clients.tokens.token() })
            }
            let all = outcomes.joined(separator: "\n") + fixture.log.text
            #expect(fixture.log.text.contains("regenerateKey") == tokenServiceWorks)
            for secret in Self.secrets(keys) {
                for part in [secret.prefix(16), secret.suffix(16)] { #expect(!all.contains(part)) }
            }
        }
    }

    private static func outcome(_ body: () async throws -> some Sendable) async -> String {
        do {
            return text(of: try await body())
        } catch {
            return text(of: error)
        }
    }

    /// Everything that Swift would print about a value.
    private static func text(of value: Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        return "\(value) \(String(reflecting: value)) \(dumped)"
    }
}
