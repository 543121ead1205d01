import AsyncHTTPClient
import AzureKeys
import CoreMetrics
import FoundationEssentials
import KeyMaterial
import Logging
import NIOHTTP1
import NIOPosix
import NIOSSL
import Rotation
import Synchronization

/// The adapter against a scripted server, with clocks that do not move by themselves.
struct Fixture: Sendable {
    static let resource = resource("contoso-sms")

    static func resource(
        _ name: String, subscription: String = "11111111-2222-3333-4444-555555555555"
    ) -> ResourceID {
        do {
            return try ResourceID(subscription: subscription, resourceGroup: "rg-mail", name: name)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    static let listKeysPath = "/communicationServices/contoso-sms/listKeys"
    static let regeneratePath = "/communicationServices/contoso-sms/regenerateKey"
    static let now = Instant(unixSeconds: 1_772_413_323)  // 2026-03-02T01:02:03Z

    let server: ScriptedServer
    let clients: AzureClients
    let tokens: FakeTokens
    let time: ManualTime
    let log: CapturingLog

    struct Setup: Sendable {
        var options = AzureOptions()
        /// nil: `FakeTokens`.
        var credential: (@Sendable (ScriptedServer) throws -> AzureCredential)?
        /// Where the resource manager is said to be; nil: at the server.
        var cloudURL: (@Sendable (ScriptedServer) -> String)?
        /// What the server's TLS presents; nil: plain HTTP.
        var tls: NIOSSLContext?
        var caFile: String?
        var proxies = ProxySettings.none
        /// Whether a sleep takes its time, by the fixture's clock.
        var sleepsTakeTime = false
        var metrics: any MetricsFactory = NOOPMetricsHandler.instance
    }

    static func run<Result: Sendable>(
        _ setup: Setup = Setup(), _ script: @escaping ScriptedServer.Script,
        _ body: @Sendable (Fixture) async throws -> Result
    ) async throws -> Result {
        try await ScriptedServer.run(tls: setup.tls, script) { server in
            let tokens = FakeTokens()
            let time = ManualTime(sleepsTakeTime: setup.sleepsTakeTime)
            let log = CapturingLog()
            let cloud = try AzureCloud(
                resourceManager: setup.cloudURL?(server) ?? server.baseURL, login: server.baseURL)
            let clients = try AzureClients(
                cloud: cloud, credential: try setup.credential?(server) ?? .source(tokens),
                group: MultiThreadedEventLoopGroup.singleton, caFile: setup.caFile, proxies: setup.proxies,
                options: setup.options.patient, clock: time.clock, metrics: setup.metrics, logger: log.logger())
            let fixture = Fixture(server: server, clients: clients, tokens: tokens, time: time, log: log)
            do {
                let result = try await body(fixture)
                await clients.shutdown()
                return result
            } catch {
                await clients.shutdown()
                throw error
            }
        }
    }

    func regenerate(_ keyType: KeyType = .secondary) async -> RegenerateOutcome {
        await clients.resourceManager.regenerateKey(Self.resource, keyType)
    }

    @discardableResult
    func listKeys(_ resource: ResourceID = resource, _ urgency: Urgency = .work) async throws(Failure) -> KeyListing {
        try await clients.resourceManager.listKeys(resource, urgency: urgency)
    }

    /// What `listKeys` throws; nil when it succeeds.
    func listKeysFailure(_ resource: ResourceID = resource, _ urgency: Urgency = .work) async -> Failure? {
        do {
            _ = try await listKeys(resource, urgency)
            return nil
        } catch {
            return error
        }
    }
}

extension AzureOptions {
    /// These, but with limits that a busy machine keeps where they are the usual ones.
    var patient: AzureOptions {
        let usual = AzureOptions()
        var options = self
        for limit in [\AzureOptions.connectTimeout, \.idleTimeout, \.callTimeout, \.regenerateTimeout]
        where options[keyPath: limit] == usual[keyPath: limit] {
            options[keyPath: limit] = .seconds(200)
        }
        return options
    }
}

/// A key pair as Azure would list it, made of counted bytes.
struct TestKeys: Sendable {
    let primary: String
    let secondary: String
    let port: Int

    init(_ seed: UInt8 = 0, port: Int) {
        primary = Self.key(seed)
        secondary = Self.key(seed &+ 100)
        self.port = port
    }

    static func key(_ seed: UInt8) -> String {
        Data((0..<63).map { $0 &+ seed }).base64EncodedString()
    }

    subscript(keyType: KeyType) -> String { keyType == .primary ? primary : secondary }

    func connectionString(_ keyType: KeyType) -> String {
        "endpoint=http://127.0.0.1:\(port)/;accesskey=\(self[keyType])"
    }

    var listing: String {
        """
        {"primaryKey":"\(primary)","secondaryKey":"\(secondary)",\
        "primaryConnectionString":"\(connectionString(.primary))",\
        "secondaryConnectionString":"\(connectionString(.secondary))"}
        """
    }

    func pair(_ keyType: KeyType) -> String {
        let name = keyType.rawValue.lowercased()
        return #"{"\#(name)Key":"\#(self[keyType])","\#(name)ConnectionString":"\#(connectionString(keyType))"}"#
    }
}

extension ScriptedServer.Request {
    /// The keys a server on the port of this request lists.
    func keys(_ seed: UInt8 = 0) -> TestKeys {
        TestKeys(seed, port: Int(headers.first(name: "host")?.split(separator: ":").last ?? "") ?? 0)
    }
}

/// Hands out `token-1`, `token-2`, …, as secret as real ones.
final class FakeTokens: AccessTokenSource {
    private let state = Mutex((count: 0, failure: Failure?.none, claims: [String?]()))

    var count: Int { state.withLock { $0.count } }
    /// What each token was asked for with.
    var claims: [String?] { state.withLock { $0.claims } }

    func fail(with failure: Failure) {
        state.withLock { $0.failure = failure }
    }

    static func text(_ number: Int) -> String {
        "header.\(TestKeys.key(UInt8(200 + number)).filter { $0.isLetter }).signature"
    }

    func requestToken(audience: String, claims: String?) async throws(Failure) -> AccessToken {
        let (number, failure) = state.withLock { state in
            state.count += 1
            state.claims.append(claims)
            return (state.count, state.failure)
        }
        if let failure { throw failure }
        return AccessToken(secret: Secret(Self.text(number)), expiresIn: .seconds(3600))
    }
}

/// Time that moves only when told to, or also by sleeps; sleeping records the wish and returns at once.
final class ManualTime: Sendable {
    private let sleepsTakeTime: Bool
    private let state = Mutex((elapsed: Duration.zero, sleeps: [Duration]()))
    private let start = ContinuousClock.now

    init(sleepsTakeTime: Bool = false) {
        self.sleepsTakeTime = sleepsTakeTime
    }

    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    func advance(_ duration: Duration) {
        state.withLock { $0.elapsed += duration }
    }

    var clock: AzureClock {
        AzureClock(
            monotonic: { self.start + self.state.withLock { $0.elapsed } },
            wall: { Fixture.now + self.state.withLock { $0.elapsed } },
            sleep: { duration in
                try Task.checkCancellation()
                self.state.withLock { state in
                    state.sleeps.append(duration)
                    if self.sleepsTakeTime { state.elapsed += duration }
                }
            },
            jitter: { 0 })
    }
}

/// Polls for a condition for at most two minutes.
func eventually(_ condition: @Sendable () -> Bool) async throws -> Bool {
    for _ in 0..<12_000 {
        if condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
