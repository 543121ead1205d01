import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP/1.1 server on an ephemeral loopback port that records every request and answers as the test says.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod
        var uri: String
        var headers: HTTPHeaders
        var body: String
        /// Counts the connections of the server from 0.
        var connection: Int

        var path: String { String(uri.prefix { $0 != "?" }) }
    }

    enum Reply: Sendable {
        case answer(Int, String, headers: HTTPHeaders = [:])
        /// A complete answer that promises a lasting connection, which is then closed all the same.
        case answerAndClose(Int, String)
        /// The head and a part of the announced body, then the end of the connection.
        case partialAnswer
        /// The end of the connection instead of an answer.
        case close
        /// A TCP reset instead of an answer.
        case reset
        /// No answer at all while the server runs.
        case silence
    }

    typealias Script = @Sendable (Request) async -> Reply

    private struct State {
        var requests: [Request] = []
        var connections = 0
    }

    private let state = Mutex(State())
    let port: Int
    private let listener:
        NIOAsyncChannel<NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, ByteBuffer>>, Never>

    var requests: [Request] { state.withLock { $0.requests } }
    var baseURL: String { "http://127.0.0.1:\(port)" }

    func requests(to path: String) -> [Request] { requests.filter { $0.path.hasSuffix(path) } }

    private init(tls: NIOSSLContext?) async throws {
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(ByteBufferResponses())
                    return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                }
            }
        port = listener.channel.localAddress?.port ?? 0
    }

    /// Runs the server while the body runs.
    static func run<Result: Sendable>(
        tls: NIOSSLContext? = nil, _ script: @escaping Script, _ body: @Sendable (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let server = try await ScriptedServer(tls: tls)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve(script) }
            defer { group.cancelAll() }
            return try await body(server)
        }
    }

    private func serve(_ script: @escaping Script) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await listener.executeThenClose { connections in
                for try await connection in connections {
                    let number = state.withLock { state in
                        defer { state.connections += 1 }
                        return state.connections
                    }
                    group.addTask { await self.handle(connection, number, script) }
                }
            }
        }
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, ByteBuffer>>

    private func handle(_ connection: Connection, _ number: Int, _ script: Script) async {
        // A client that breaks off is part of many tests.
        try? await connection.executeThenClose { inbound, outbound in
            var request: Request?
            for try await part in inbound {
                switch part {
                case .head(let head):
                    request = Request(
                        method: head.method, uri: head.uri, headers: head.headers, body: "", connection: number)
                case .body(let buffer):
                    request?.body += String(buffer: buffer)
                case .end:
                    guard let complete = request else { return }
                    state.withLock { $0.requests.append(complete) }
                    guard try await reply(await script(complete), connection, outbound) else { return }
                }
            }
        }
    }

    /// Whether the connection lasts.
    private func reply(
        _ reply: Reply, _ connection: Connection,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPPart<HTTPResponseHead, ByteBuffer>>
    ) async throws -> Bool {
        switch reply {
        case .answer(let status, let body, let headers):
            try await answer(status, body, headers, length: body.utf8.count, outbound)
            return true
        case .answerAndClose(let status, let body):
            try await answer(status, body, [:], length: body.utf8.count, outbound)
            return false
        case .partialAnswer:
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "1000"])
            try await outbound.write(.head(head))
            try await outbound.write(.body(ByteBuffer(string: #"{"primaryKey":"#)))
            return false
        case .close:
            return false
        case .reset:
            if let provider = connection.channel as? any SocketOptionProvider {
                try await provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            }
            return false
        case .silence:
            try await Task.sleep(for: .seconds(3600))
            return false
        }
    }

    private func answer(
        _ status: Int, _ body: String, _ headers: HTTPHeaders, length: Int,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPPart<HTTPResponseHead, ByteBuffer>>
    ) async throws {
        var headers = headers
        headers.replaceOrAdd(name: "Content-Length", value: "\(length)")
        headers.replaceOrAdd(name: "Content-Type", value: "application/json; charset=utf-8")
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
        try await outbound.write(.head(head))
        try await outbound.write(.body(ByteBuffer(string: body)))
        try await outbound.write(.end(nil))
    }
}

/// The server's encoder wants `IOData`, which is not sendable.
private final class ByteBufferResponses: ChannelOutboundHandler {
    typealias OutboundIn = HTTPPart<HTTPResponseHead, ByteBuffer>
    typealias OutboundOut = HTTPServerResponsePart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part: HTTPServerResponsePart =
            switch unwrapOutboundIn(data) {
            case .head(let head): .head(head)
            case .body(let buffer): .body(.byteBuffer(buffer))
            case .end(let trailers): .end(trailers)
            }
        context.write(wrapOutboundOut(part), promise: promise)
    }
}
