import KeyMaterial
import NIOHTTP1
import NIOPosix
import Rotation
import Testing

@testable import AzureKeys

@Suite(.timeLimit(.minutes(15)))
struct ChainCredentialTests {
    private static func link(
        _ name: String, _ source: Result<any AccessTokenSource, Failure>, mayBeAbsent: Bool = false
    ) -> ChainCredential.Link {
        ChainCredential.Link(name: name, source: source, mayBeAbsent: mayBeAbsent)
    }

    private static func failing(_ reason: Reason, _ detail: String) -> FakeTokens {
        let tokens = FakeTokens()
        tokens.fail(with: Failure(reason, detail))
        return tokens
    }

    private static func failure(_ chain: ChainCredential) async -> Failure? {
        do {
            _ = try await chain.requestToken(audience: "a", claims: nil)
            return nil
        } catch {
            return error
        }
    }

    @Test
    func `the first that is there is used, and from then on alone`() async throws {
        let absent = Self.failing(.unreachable, "nothing there")
        let (present, spare) = (FakeTokens(), FakeTokens())
        let chain = ChainCredential(
            [
                Self.link("one", .failure(Failure(.unauthenticated, "not configured"))),
                Self.link("two", .success(absent), mayBeAbsent: true), Self.link("three", .success(present)),
                Self.link("four", .success(spare)),
            ], logger: CapturingLog().logger())
        for _ in 1...3 { _ = try await chain.requestToken(audience: "a", claims: nil) }
        #expect([absent.count, present.count, spare.count] == [1, 3, 0])
        present.fail(with: Failure(.unauthenticated, "revoked"))
        #expect(await Self.failure(chain)?.detail == "revoked")
        #expect([absent.count, spare.count] == [1, 0])
    }

    @Test
    func `one that is configured and refused ends it, with what was tried before`() async {
        let spare = FakeTokens()
        let chain = ChainCredential(
            [
                Self.link("one", .failure(Failure(.unauthenticated, "not configured"))),
                Self.link("two", .success(Self.failing(.unauthenticated, "AADSTS7000215"))),
                Self.link("three", .success(spare)),
            ], logger: CapturingLog().logger())
        #expect(await Self.failure(chain)?.detail == "one: not configured; two: AADSTS7000215")
        #expect(spare.count == 0)
    }

    @Test(arguments: [Reason.throttled, .azureUnavailable])
    func `one that is only busy is there`(reason: Reason) async {
        let spare = FakeTokens()
        let chain = ChainCredential(
            [
                Self.link("one", .success(Self.failing(reason, "busy")), mayBeAbsent: true),
                Self.link("two", .success(spare)),
            ], logger: CapturingLog().logger())
        #expect(await Self.failure(chain)?.reason == reason)
        #expect(spare.count == 0)
    }

    @Test
    func `when there is none, each says why`() async {
        let chain = ChainCredential(
            [
                Self.link("one", .failure(Failure(.unauthenticated, "not configured"))),
                Self.link("two", .success(Self.failing(.unreachable, "nothing there")), mayBeAbsent: true),
            ], logger: CapturingLog().logger())
        let failure = await Self.failure(chain)
        #expect(failure?.reason == .unauthenticated)
        #expect(failure?.detail == "no credential was found. one: not configured; two: nothing there")
    }

    @Test(arguments: [true, false])
    func `a metadata service that may be absent is looked for first`(isAlone: Bool) async throws {
        let setup = Self.setup(lookingFor: .seconds(60)) { identity in
            isAlone ? [identity] : [.init("other", .failure(Failure(.unauthenticated, "not configured"))), identity]
        }
        try await Fixture.run(setup) { request in
            request.headers["metadata"] == ["true"]
                ? .answer(200, #"{"access_token":"tok","expires_in":3599}"#) : .answer(400, "{}")
        } _: { fixture in
            _ = try await fixture.clients.tokens.token()
            #expect(fixture.server.requests.map { $0.headers["metadata"] } == (isAlone ? [["true"]] : [[], ["true"]]))
        }
    }

    @Test
    func `a metadata service that says nothing is left for the next one`() async throws {
        let next = FakeTokens()
        let setup = Self.setup(lookingFor: .milliseconds(100)) { [$0, .init("next", .success(.source(next)))] }
        try await Fixture.run(setup) { _ in
            .silence
        } _: { fixture in
            _ = try await fixture.clients.tokens.token()
            #expect(next.count == 1)
            // A busy machine may be too slow even to be asked.
            #expect(fixture.server.requests.allSatisfy { $0.headers["metadata"] == [] })
        }
        #expect(AzureOptions().metadataProbeTimeout == .seconds(1), "as long as the Azure SDKs look")
    }

    /// The managed identity of a machine, whose metadata service is the scripted server, in a chain.
    private static func setup(
        lookingFor timeout: Duration, _ chain: @escaping @Sendable (AzureCredential.Link) -> [AzureCredential.Link]
    ) -> Fixture.Setup {
        Fixture.Setup(
            options: AzureOptions(metadataProbeTimeout: timeout),
            credential: { server in
                let host = ManagedIdentityHost.virtualMachine(try Endpoint(server.baseURL))
                return .chain(chain(.init("managed-identity", .success(.managedIdentity(.systemAssigned, host)))))
            })
    }
}
