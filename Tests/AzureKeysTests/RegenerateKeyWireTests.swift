import AzureKeys
import KeyMaterial
import NIOCore
import NIOHTTP1
import NIOPosix
import Rotation
import Testing

/// What a broken connection says about a regenerate, and that there is only ever one request on the wire.
@Suite(.timeLimit(.minutes(15)))
struct RegenerateKeyWireTests {
    enum Breakage: String, CaseIterable, Sendable {
        case close, reset, partialAnswer, silence

        var message: String {
            switch self {
            case .close: "the connection was closed before an answer"
            case .reset: "connection reset"
            case .partialAnswer: "what came back is no complete HTTP answer"
            case .silence: "no complete answer within 3 s"
            }
        }

        var reply: ScriptedServer.Reply {
            switch self {
            case .close: .close
            case .reset: .reset
            case .partialAnswer: .partialAnswer
            case .silence: .silence
            }
        }
    }

    @Test(arguments: Breakage.allCases)
    func `a connection that breaks after the request is ambiguous`(breakage: Breakage) async throws {
        let options = breakage == .silence ? AzureOptions(regenerateTimeout: .seconds(3)) : AzureOptions()
        try await Fixture.run(Fixture.Setup(options: options)) { _ in
            breakage.reply
        } _: { fixture in
            guard case .ambiguous(let failure) = await fixture.regenerate() else {
                Issue.record("not .ambiguous")
                return
            }
            #expect(failure.reason == (breakage == .silence ? .timeout : .unreachable))
            #expect(failure.detail.hasSuffix(breakage.message))
            #expect(fixture.server.requests.count == 1)
            #expect(fixture.time.sleeps == [])
        }
    }

    @Test
    func `an answer without end is ambiguous`() async throws {
        try await Fixture.run { _ in
            .answer(200, String(repeating: " ", count: 1 << 21))
        } _: { fixture in
            guard case .ambiguous(let failure) = await fixture.regenerate() else {
                Issue.record("not .ambiguous")
                return
            }
            #expect(failure.reason == .badResponse)
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test
    func `cancellation after the request is ambiguous`() async throws {
        try await Fixture.run { _ in
            .silence
        } _: { fixture in
            let outcome = await withTaskGroup(of: RegenerateOutcome.self) { group in
                group.addTask { await fixture.regenerate() }
                _ = try? await eventually { fixture.server.requests.count == 1 }
                group.cancelAll()
                return await group.next()
            }
            guard case .ambiguous = outcome else {
                Issue.record("\(String(describing: outcome)) is not .ambiguous")
                return
            }
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test
    func `a refused connection is no execution`() async throws {
        let port = refusingPort
        try await Fixture.run(Fixture.Setup(cloudURL: { _ in "http://127.0.0.1:\(port)" })) { _ in
            .close
        } _: { fixture in
            guard case .notExecuted(let failure) = await fixture.regenerate() else {
                Issue.record("not .notExecuted")
                return
            }
            #expect(failure.reason == .unreachable)
            #expect(failure.detail.hasSuffix("connection refused"))
        }
    }

    @Test
    func `a failed TLS handshake is no execution`() async throws {
        // The server speaks plain HTTP and answers the handshake with a 400.
        try await Fixture.run(Fixture.Setup(cloudURL: { "https://127.0.0.1:\($0.port)" })) { _ in
            .close
        } _: { fixture in
            guard case .notExecuted(let failure) = await fixture.regenerate() else {
                Issue.record("not .notExecuted")
                return
            }
            #expect(failure.reason == .unreachable)
            #expect(failure.detail.hasSuffix("the server does not speak TLS on this port [WRONG_VERSION_NUMBER]"))
            #expect(fixture.server.requests.isEmpty)
        }
    }

    @Test
    func `a handshake that never ends is no execution`() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let options = AzureOptions(connectTimeout: .milliseconds(300))
        try await Fixture.run(Fixture.Setup(options: options, cloudURL: { _ in "https://127.0.0.1:\(port)" })) { _ in
            .close
        } _: { fixture in
            guard case .notExecuted = await fixture.regenerate() else {
                Issue.record("not .notExecuted")
                return
            }
        }
        try await listener.close()
    }

    @Test
    func `a kept connection that the server has just closed is not used`() async throws {
        try await Fixture.run { request in
            request.path.hasSuffix("/listKeys")
                ? .answerAndClose(200, request.keys().listing) : .answer(200, request.keys(7).pair(.secondary))
        } _: { fixture in
            for round in 1...20 {
                _ = try await fixture.listKeys()
                guard case .regenerated = await fixture.regenerate() else {
                    Issue.record("round \(round): not .regenerated")
                    return
                }
                #expect(fixture.server.requests(to: "/regenerateKey").count == round)
            }
        }
    }

    @Test
    func `every regenerate has a connection of its own`() async throws {
        try await Fixture.run { request in
            request.path.hasSuffix("/listKeys")
                ? .answer(200, request.keys().listing) : .answer(200, request.keys(7).pair(.secondary))
        } _: { fixture in
            for _ in 1...3 {
                _ = try await fixture.listKeys()
                _ = await fixture.regenerate()
            }
            let posts = fixture.server.requests(to: "/regenerateKey").map(\.connection)
            let lists = fixture.server.requests(to: "/listKeys").map(\.connection)
            #expect(Set(posts).count == 3)
            #expect(Set(posts).isDisjoint(with: lists))
            // Idle ones are closed, so a slow machine may need another.
            #expect(Set(lists).count < lists.count)
        }
    }
}

/// A port that nothing listens on: tcpmux, which no system offers, and no test is given by the kernel.
let refusingPort = 1
