import AzureKeys
import KeyMaterial
import NIOHTTP1
import NIOPosix
import Rotation
import Synchronization
import Testing

/// Requests are held back before Azure has to refuse them.
@Suite(.timeLimit(.minutes(15)))
struct WriteBudgetTests {
    private static let neighbour = Fixture.resource("contoso-mail")
    private static let stranger = Fixture.resource(
        "contoso-voice", subscription: "99999999-2222-3333-4444-555555555555")

    /// One call a second once `bucket` is used up.
    private func setup(bucket: Int, perHour: Int = 3600) -> Fixture.Setup {
        let limit = WriteLimit(bucket: bucket, perHour: perHour)
        return Fixture.Setup(options: AzureOptions(subscriptionWrites: limit), sleepsTakeTime: true)
    }

    private static func answer(_ request: ScriptedServer.Request, _ headers: HTTPHeaders = [:]) -> ScriptedServer.Reply
    {
        request.path.hasSuffix("/listKeys")
            ? .answer(200, request.keys().listing, headers: headers)
            : .answer(200, request.keys(7).pair(.secondary), headers: headers)
    }

    @Test
    func `calls beyond the bucket go out one by one`() async throws {
        try await Fixture.run(setup(bucket: 2)) {
            Self.answer($0)
        } _: { fixture in
            for _ in 1...4 { try await fixture.listKeys() }
            guard case .regenerated = await fixture.regenerate() else {
                Issue.record("not .regenerated")
                return
            }
            #expect(fixture.time.sleeps == [.seconds(1), .seconds(1), .seconds(1)])
            #expect(fixture.server.requests.count == 5)
        }
    }

    @Test
    func `calls at the same time wait in a row`() async throws {
        var setup = setup(bucket: 2)
        setup.sleepsTakeTime = false
        try await Fixture.run(setup) {
            Self.answer($0)
        } _: { fixture in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...5 { group.addTask { try await fixture.listKeys() } }
                try await group.waitForAll()
            }
            #expect(fixture.time.sleeps.sorted() == [.seconds(1), .seconds(2), .seconds(3)])
        }
    }

    @Test
    func `each subscription has its own limit, in whatever case its id is written`() async throws {
        let subscription = "aaaaaaaa-2222-3333-4444-555555555555"
        try await Fixture.run(setup(bucket: 1)) {
            Self.answer($0)
        } _: { fixture in
            for resource in [Fixture.resource, Self.stranger, Fixture.resource("a", subscription: subscription)] {
                try await fixture.listKeys(resource)
            }
            #expect(fixture.time.sleeps == [])
            try await fixture.listKeys(Fixture.resource("b", subscription: subscription.uppercased()))
            #expect(fixture.time.sleeps == [.seconds(1)])
        }
    }

    @Test
    func `reading the resource is no write`() async throws {
        try await Fixture.run(setup(bucket: 1)) { _ in
            .answer(200, #"{"name":"contoso-sms","location":"global","properties":{"hostName":"h"}}"#)
        } _: { fixture in
            for _ in 1...3 { _ = try await fixture.clients.resourceManager.get(Fixture.resource) }
            #expect(fixture.time.sleeps == [])
        }
    }

    @Test
    func `a repeated call, and one with a new token, count again`() async throws {
        let count = Mutex(0)
        try await Fixture.run(setup(bucket: 1)) { request in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number == 1 ? .answer(503, "{}") : number == 2 ? .answer(401, "{}") : Self.answer(request)
        } _: { fixture in
            try await fixture.listKeys()
            #expect(fixture.server.requests.count == 3)
            #expect(fixture.time.sleeps == [.milliseconds(800), .milliseconds(200), .seconds(1)])
        }
    }

    @Test
    func `a 429 holds up the whole subscription and no other`() async throws {
        try await Fixture.run(setup(bucket: 200, perHour: 36_000)) { request in
            request.path.hasSuffix(Fixture.regeneratePath)
                ? .answer(429, "{}", headers: ["Retry-After": "17"]) : Self.answer(request)
        } _: { fixture in
            guard case .notExecuted(let failure) = await fixture.regenerate() else {
                Issue.record("not .notExecuted")
                return
            }
            #expect(failure.retryAfter == .seconds(17))
            try await fixture.listKeys(Self.stranger)
            #expect(fixture.time.sleeps == [])
            try await fixture.listKeys(Self.neighbour)
            #expect(fixture.time.sleeps == [.seconds(17)])
            try await fixture.listKeys(Self.neighbour)
            #expect(fixture.time.sleeps == [.seconds(17), .milliseconds(100)])
        }
    }

    @Test
    func `a 429 about one resource holds up no other`() async throws {
        try await Fixture.run(setup(bucket: 200)) { request in
            request.path.hasSuffix(Fixture.regeneratePath)
                ? .answer(
                    429, #"{"error":{"code":"RetryableErrorDueToAnotherOperation"}}"#, headers: ["Retry-After": "17"])
                : Self.answer(request)
        } _: { fixture in
            _ = await fixture.regenerate()
            try await fixture.listKeys(Self.neighbour)
            #expect(fixture.time.sleeps == [])
        }
    }

    @Test
    func `what Azure says is left counts`() async throws {
        let header = Mutex("x-ms-ratelimit-remaining-subscription-writes")
        try await Fixture.run(setup(bucket: 200)) {
            Self.answer($0, [header.withLock(\.self): "0"])
        } _: { fixture in
            try await fixture.listKeys()
            try await fixture.listKeys(Self.neighbour)
            #expect(fixture.time.sleeps == [.seconds(1)])
            header.withLock { $0 = "x-ms-ratelimit-remaining-subscription-global-writes" }
            try await fixture.listKeys(Self.stranger)
            try await fixture.listKeys(Self.stranger)
            #expect(fixture.time.sleeps == [.seconds(1), .seconds(1)])
        }
    }

    @Test
    func `a wait that is too long is the caller's business, and nothing is sent`() async throws {
        try await Fixture.run(setup(bucket: 1, perHour: 60)) {
            Self.answer($0)
        } _: { fixture in
            try await fixture.listKeys()
            guard case .notExecuted(let failure) = await fixture.regenerate() else {
                Issue.record("not .notExecuted")
                return
            }
            #expect(failure.reason == .throttled)
            #expect(failure.retryAfter == .seconds(60))
            #expect(failure.detail.hasPrefix("regenerateKey of contoso-sms was not sent"))
            #expect(await fixture.listKeysFailure()?.reason == .throttled)
            #expect(fixture.server.requests.count == 1)
            #expect(fixture.time.sleeps == [])
            fixture.time.advance(.seconds(60))
            guard case .regenerated = await fixture.regenerate() else {
                Issue.record("not .regenerated")
                return
            }
        }
    }

    @Test
    func `drift checks leave three quarters`() async throws {
        try await Fixture.run(setup(bucket: 8)) {
            Self.answer($0)
        } _: { fixture in
            for _ in 1...2 { try await fixture.listKeys(Self.neighbour, .driftCheck) }
            #expect(fixture.time.sleeps == [])
            try await fixture.listKeys(Self.neighbour, .driftCheck)
            #expect(fixture.time.sleeps == [.seconds(4)])
            for _ in 1...7 { try await fixture.listKeys() }
            #expect(fixture.time.sleeps == [.seconds(4)])
        }
    }

    @Test(arguments: Urgency.allCases)
    func `a cancelled wait ends, and nothing is sent`(urgency: Urgency) async throws {
        let clients = try AzureClients(
            cloud: try AzureCloud(resourceManager: "http://127.0.0.1:\(refusingPort)", login: "http://127.0.0.1:1"),
            credential: .source(FakeTokens()), group: MultiThreadedEventLoopGroup.singleton,
            options: AzureOptions(
                tries: 1, subscriptionWrites: WriteLimit(bucket: 1, perHour: 10), patience: .seconds(3600)),
            clock: .system, logger: CapturingLog().logger())
        let failures = await withTaskGroup(of: Failure?.self) { group in
            for _ in 1...2 {
                group.addTask {
                    do throws(Failure) {
                        _ = try await clients.resourceManager.listKeys(Fixture.resource, urgency: urgency)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            let first = await group.next()
            group.cancelAll()
            return [first, await group.next()].compactMap { $0 ?? nil }
        }
        await clients.shutdown()
        #expect(failures.map { $0.detail.hasSuffix("while it waited for its turn") } == [false, true])
    }
}
