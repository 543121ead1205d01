import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// HTTP over TLS, version 2 where the server offers it: one event loop group, no redirect followed, no connection attempt
/// repeated, through a proxy where the environment names one.
///
/// AsyncHTTPClient is never given a logger, because at trace level it logs headers and bodies.
final class HTTPTransport: Sendable {
    private let direct: HTTPClient
    private let proxied: [Proxy: HTTPClient]
    private let proxies: ProxySettings
    private let configuration: HTTPClient.Configuration
    private let group: any EventLoopGroup
    private let userAgent: String
    private let trace: WireTrace?

    init(
        group: any EventLoopGroup, connectTimeout: Duration, idleTimeout: Duration,
        extraTrustRoots: [NIOSSLCertificate],
        proxies: ProxySettings = .none, userAgent: String = "keyturn", trace: WireTrace? = nil
    ) {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if !extraTrustRoots.isEmpty { tls.additionalTrustRoots = [.certificates(extraTrustRoots)] }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .automatic
        configuration.timeout.connect = TimeAmount(connectTimeout)
        configuration.connectionPool.idleTimeout = TimeAmount(idleTimeout)
        configuration.connectionPool.retryConnectionEstablishment = false
        self.configuration = configuration
        self.group = group
        self.proxies = proxies
        self.userAgent = userAgent
        self.trace = trace
        direct = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        proxied = Dictionary(
            uniqueKeysWithValues: proxies.all.map { proxy in
                configuration.proxy = proxy.setting
                return (proxy, HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration))
            })
    }

    /// Closes the idle connections; no call may follow.
    func shutdown() async {
        // Fails only when called twice, which leaves nothing to do.
        for client in [direct] + proxied.values { try? await client.shutdown() }
    }

    /// Sends a request that may be repeated, over a connection that may have carried others.
    func send(_ call: HTTPCall) async throws(TransportFailure) -> HTTPAnswer {
        let proxy = proxy(for: call)
        let client = proxy.flatMap { proxied[$0] } ?? direct
        return try await exchange(call, over: client, through: proxy) { true }
    }

    private func proxy(for call: HTTPCall) -> Proxy? {
        call.neverProxied ? nil : proxies.proxy(for: call.url)
    }

    /// Sends a request that must not run twice, over a connection of its own.
    ///
    /// A connection that was idle may have been closed by the server just as the request is written, and then nobody
    /// knows whether it was read. A client of its own excludes that, and shows whether there ever was a connection: no
    /// request is handed to one before its initializer has run (after `CONNECT` and TLS), so until then nothing was sent.
    /// It is HTTP/1.1, where a request has the connection to itself.
    func sendOnce(_ call: HTTPCall) async throws(TransportFailure) -> HTTPAnswer {
        let connected = Flag()
        let proxy = proxy(for: call)
        var configuration = self.configuration
        configuration.httpVersion = .http1Only
        configuration.proxy = proxy?.setting
        configuration.maximumUsesPerConnection = 1
        configuration.http1_1ConnectionDebugInitializer = { channel in
            connected.set()
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        var call = call
        call.headers.replaceOrAdd(name: "Connection", value: "close")
        let result: Result<HTTPAnswer, TransportFailure>
        do {
            result = .success(try await exchange(call, over: client, through: proxy) { connected.isSet })
        } catch {
            result = .failure(error)
        }
        try? await client.shutdown()
        return try result.get()
    }

    private enum Race {
        case ended(Result<HTTPAnswer, TransportFailure>)
        case timerFired
        case timerCancelled
    }

    private func exchange(
        _ call: HTTPCall, over client: HTTPClient, through proxy: Proxy?,
        mayHaveBeenSent: @escaping @Sendable () -> Bool
    ) async throws(TransportFailure) -> HTTPAnswer {
        var call = call
        call.headers.replaceOrAdd(name: "User-Agent", value: userAgent)
        guard let trace else {
            return try await Self.bounded(call, over: client, through: proxy, mayHaveBeenSent: mayHaveBeenSent)
        }
        trace.sending(call)
        let start = ContinuousClock.now
        do {
            let answer = try await Self.bounded(call, over: client, through: proxy, mayHaveBeenSent: mayHaveBeenSent)
            trace.answered(answer, after: ContinuousClock.now - start)
            return answer
        } catch {
            trace.failed(error, after: ContinuousClock.now - start)
            throw error
        }
    }

    /// Bounds the call as a whole; AsyncHTTPClient's own deadline ends with the head of the answer.
    private static func bounded(
        _ call: HTTPCall, over client: HTTPClient, through proxy: Proxy?,
        mayHaveBeenSent: @escaping @Sendable () -> Bool
    ) async throws(TransportFailure) -> HTTPAnswer {
        let result = await withTaskGroup(of: Race.self) { group in
            group.addTask { .ended(await perform(call, over: client, mayHaveBeenSent: mayHaveBeenSent)) }
            group.addTask {
                do {
                    try await Task.sleep(for: call.timeout)
                    return .timerFired
                } catch {
                    return .timerCancelled
                }
            }
            var timedOut = false
            for await event in group {
                switch event {
                case .timerFired:
                    timedOut = true
                    group.cancelAll()
                case .timerCancelled:
                    continue
                case .ended(let result):
                    group.cancelAll()
                    guard case .failure(var failure) = result else { return result }
                    if timedOut, failure.kind == .cancelled { failure.kind = .timeout }
                    if failure.kind == .timeout {
                        failure.detail = "no complete answer within \(call.timeout.formattedSeconds)"
                    }
                    if failure.kind.isOfNetwork, let proxy { failure.detail += " (through \(proxy))" }
                    return .failure(failure)
                }
            }
            preconditionFailure("the call always ends")
        }
        return try result.get()
    }

    private static func perform(
        _ call: HTTPCall, over client: HTTPClient, mayHaveBeenSent: @Sendable () -> Bool
    ) async -> Result<HTTPAnswer, TransportFailure> {
        var request = HTTPClientRequest(url: call.url)
        request.method = call.method
        request.headers = call.headers
        request.body = call.body.map { .bytes($0) }
        do {
            let response = try await client.execute(request, timeout: TimeAmount(call.timeout))
            let body = try await collect(response, of: call)
            // A cancelled body may end like a complete one.
            try Task.checkCancellation()
            return .success(HTTPAnswer(status: Int(response.status.code), headers: response.headers, body: body))
        } catch let failure as TransportFailure {
            return .failure(failure)
        } catch {
            // Read after the call ended: from then on its transaction writes nothing.
            var failure = TransportFailure(error, mayHaveBeenSent: mayHaveBeenSent())
            // AsyncHTTPClient calls it cancelled, too, when a connection begins to close just as it is given the request.
            if failure.kind == .cancelled, !Task.isCancelled {
                failure.kind = .broken
                failure.detail = "the connection was closed before an answer"
            }
            return .failure(failure)
        }
    }

    private static func collect(_ response: HTTPClientResponse, of call: HTTPCall) async throws -> ByteBuffer {
        var body = ByteBuffer()
        for try await var chunk in response.body {
            let room = call.bodyLimit - body.readableBytes
            guard chunk.readableBytes > room else {
                body.writeBuffer(&chunk)
                continue
            }
            guard call.truncatesBody else {
                throw TransportFailure(
                    .tooLarge, "the answer (status \(response.status.code)) is longer than \(call.bodyLimit) bytes",
                    mayHaveBeenSent: true)
            }
            body.writeImmutableBuffer(chunk.getSlice(at: chunk.readerIndex, length: room) ?? ByteBuffer())
            break
        }
        return body
    }
}

/// Goes from unset to set, once, on any thread.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}
