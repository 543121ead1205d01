import AzureKeys
import KeyMaterial
import Rotation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(15)))
struct TokenCacheTests {
    /// Answers when the test says so.
    final class GatedSource: AccessTokenSource {
        struct Pending: Sendable {
            let number: Int
            let answer: CheckedContinuation<Result<AccessToken, Failure>, Never>
        }

        private let state = Mutex((count: 0, pending: [Pending]()))

        var count: Int { state.withLock { $0.count } }

        func requestToken(audience: String, claims: String?) async throws(Failure) -> AccessToken {
            let number = state.withLock { state in
                state.count += 1
                return state.count
            }
            let result = await withTaskCancellationHandler {
                await withCheckedContinuation { answer in
                    let isLate = state.withLock { state in
                        if !Task.isCancelled { state.pending.append(Pending(number: number, answer: answer)) }
                        return Task.isCancelled
                    }
                    if isLate { answer.resume(returning: .failure(Failure(.unreachable, "cancelled"))) }
                }
            } onCancel: {
                answer(number, .failure(Failure(.unreachable, "cancelled")))
            }
            return try result.get()
        }

        func answer(_ number: Int, _ result: Result<AccessToken, Failure>) {
            let pending = state.withLock { state in
                defer { state.pending.removeAll { $0.number == number } }
                return state.pending.first { $0.number == number }
            }
            pending?.answer.resume(returning: result)
        }

        var isAsked: Bool { state.withLock { !$0.pending.isEmpty } }
    }

    /// Answers at once with what stands next on its list.
    final class ListedSource: AccessTokenSource {
        private let state: Mutex<(count: Int, results: [Result<AccessToken, Failure>])>

        init(_ results: [Result<AccessToken, Failure>]) {
            state = Mutex((0, results))
        }

        var count: Int { state.withLock { $0.count } }

        func requestToken(audience: String, claims: String?) async throws(Failure) -> AccessToken {
            try state.withLock { state in
                state.count += 1
                return state.results.isEmpty ? .failure(Failure(.unreachable, "no more")) : state.results.removeFirst()
            }.get()
        }
    }

    private static func token(_ name: String, expiresIn: Int, refreshIn: Int? = nil) -> AccessToken {
        AccessToken(
            secret: Secret(name), expiresIn: .seconds(expiresIn), refreshIn: refreshIn.map { Duration.seconds($0) })
    }

    private static func cache(_ source: any AccessTokenSource, _ time: ManualTime) -> TokenCache {
        TokenCache(source: source, audience: { "https://management.azure.com" }, now: time.clock.monotonic)
    }

    @Test
    func `a hundred callers make one request`() async throws {
        let source = GatedSource()
        let cache = Self.cache(source, ManualTime())
        let good = Self.token("a", expiresIn: 3600)
        let tokens = try await withThrowingTaskGroup(of: AccessToken.self) { group in
            for _ in 0..<100 { group.addTask { try await cache.token() } }
            #expect(try await eventually { source.isAsked })
            source.answer(1, .success(good))
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(tokens == Array(repeating: good, count: 100))
        #expect(source.count == 1)
    }

    @Test
    func `a failure is everybody's failure, and the next call asks again`() async throws {
        let source = ListedSource([
            .failure(Failure(.unauthenticated, "no")), .success(Self.token("a", expiresIn: 3600)),
        ])
        let cache = Self.cache(source, ManualTime())
        await #expect(throws: Failure(.unauthenticated, "no")) { try await cache.token() }
        #expect(try await cache.token().secret == Secret("a"))
    }

    @Test
    func `a cancelled caller does not cancel the others`() async throws {
        let source = GatedSource()
        let cache = Self.cache(source, ManualTime())
        let good = Self.token("a", expiresIn: 3600)
        try await withThrowingTaskGroup(of: AccessToken.self) { others in
            await withTaskGroup(of: Void.self) { leader in
                leader.addTask { _ = try? await cache.token() }
                _ = try? await eventually { source.isAsked }
                for _ in 0..<20 { others.addTask { try await cache.token() } }
                leader.cancelAll()
            }
            #expect(try await eventually { source.isAsked })
            source.answer(2, .success(good))
            for try await token in others { #expect(token == good) }
        }
        #expect(source.count == 2)
    }

    @Test
    func `a caller that is cancelled while it waits stops waiting`() async throws {
        let source = GatedSource()
        let cache = Self.cache(source, ManualTime())
        let good = Self.token("a", expiresIn: 3600)
        try await withThrowingTaskGroup(of: AccessToken.self) { leader async throws in
            leader.addTask { try await cache.token() }
            #expect(try await eventually { source.isAsked })
            await withTaskGroup(of: Bool.self) { waiting in
                waiting.addTask { (try? await cache.token()) == nil }
                waiting.cancelAll()
                for await hasStopped in waiting { #expect(hasStopped) }
            }
            source.answer(1, .success(good))
            #expect(try await leader.next() == good)
        }
        #expect(source.count == 1)
    }

    @Test(arguments: [
        (3600, nil, 3300), (86_400, nil, 43_200), (7200, nil, 3600), (7199, nil, 6899), (3600, 1000, 1000),
    ])
    func `renewed early`(expiresIn: Int, refreshIn: Int?, due: Int) async throws {
        let time = ManualTime()
        let source = ListedSource([
            .success(Self.token("a", expiresIn: expiresIn, refreshIn: refreshIn)),
            .success(Self.token("b", expiresIn: 3600)),
        ])
        let cache = Self.cache(source, time)
        _ = try await cache.token()
        time.advance(.seconds(due - 1))
        #expect(try await cache.token().secret == Secret("a"))
        time.advance(.seconds(1))
        #expect(try await cache.token().secret == Secret("b"))
        #expect(source.count == 2)
    }

    @Test
    func `the old token is kept when an early renewal fails, and asking is spaced out`() async throws {
        let time = ManualTime()
        let source = ListedSource([.success(Self.token("a", expiresIn: 3600))])
        let cache = Self.cache(source, time)
        _ = try await cache.token()
        time.advance(.seconds(3300))
        for _ in 0..<5 { #expect(try await cache.token().secret == Secret("a")) }
        #expect(source.count == 2)
        time.advance(.seconds(29))
        _ = try await cache.token()
        #expect(source.count == 2)
        time.advance(.seconds(1))
        _ = try await cache.token()
        #expect(source.count == 3)
        time.advance(.seconds(270))
        await #expect(throws: Failure(.unreachable, "no more")) { try await cache.token() }
    }

    @Test
    func `others use the old token while one renews it`() async throws {
        let time = ManualTime()
        let source = GatedSource()
        let cache = Self.cache(source, time)
        try await withThrowingTaskGroup(of: AccessToken.self) { group in
            group.addTask { try await cache.token() }
            #expect(try await eventually { source.isAsked })
            source.answer(1, .success(Self.token("a", expiresIn: 3600)))
            _ = try await group.next()
            time.advance(.seconds(3400))
            group.addTask { try await cache.token() }
            #expect(try await eventually { source.isAsked })
            #expect(try await cache.token().secret == Secret("a"))
            source.answer(2, .success(Self.token("b", expiresIn: 3600)))
            #expect(try await group.next()?.secret == Secret("b"))
        }
        #expect(source.count == 2)
    }

    @Test
    func `a refused token is forgotten, a newer one is not`() async throws {
        let source = ListedSource([
            .success(Self.token("a", expiresIn: 3600)), .success(Self.token("b", expiresIn: 3600)),
        ])
        let cache = Self.cache(source, ManualTime())
        let first = try await cache.token()
        cache.invalidate(first)
        #expect(try await cache.token().secret == Secret("b"))
        cache.invalidate(first)
        #expect(try await cache.token().secret == Secret("b"))
        #expect(source.count == 2)
    }

    @Test
    func `a token service that asks to be left alone is`() async throws {
        let time = ManualTime()
        let source = ListedSource([
            .failure(Failure(.throttled, "slow down", retryAfter: .seconds(60))),
            .success(Self.token("a", expiresIn: 3600)),
        ])
        let cache = Self.cache(source, time)
        await #expect(throws: Failure.self) { try await cache.token() }
        time.advance(.seconds(40))
        await #expect(throws: Failure(.throttled, "slow down", retryAfter: .seconds(20))) { try await cache.token() }
        #expect(source.count == 1)
        time.advance(.seconds(20))
        #expect(try await cache.token().secret == Secret("a"))
    }
}
