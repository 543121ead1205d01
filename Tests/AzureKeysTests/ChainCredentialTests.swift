import KeyMaterial
import NIOHTTP1
import NIOPosix
import Rotation
import Testing

@testable import AzureKeys

@Suite(.timeLimit(.minutes(4)))
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
        let setup = Fixture.Setup(credential: { server in
            let identity = AzureCredential.Link(
                "managed-identity",
                .success(.managedIdentity(.systemAssigned, .virtualMachine(try Endpoint(server.baseURL)))))
            let other = AzureCredential.Link("other", .failure(Failure(.unauthenticated, "not configured")))
            return .chain(isAlone ? [identity] : [other, identity])
        })
        try await Fixture.run(setup) { request in
            request.headers["metadata"] == ["true"]
                ? .answer(200, #"{"access_token":"tok","expires_in":3599}"#) : .answer(400, "{}")
        } _: { fixture in
            _ = try await fixture.clients.tokens.token()
            #expect(fixture.server.requests.map { $0.headers["metadata"] } == (isAlone ? [["true"]] : [[], ["true"]]))
        }
    }
}
