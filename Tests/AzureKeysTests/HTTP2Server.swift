import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization

/// A TLS server on an ephemeral loopback port that speaks HTTP/2 where the client does, and answers every request alike.
final class HTTP2Server: Sendable {
    struct Request: Sendable {
        var path: String
        var host: String?
        var isHTTP2: Bool
    }

    /// What its connections share.
    fileprivate final class Log: Sendable {
        let requests = Mutex<[Request]>([])
        let connections = Mutex(0)
        /// How many requests on HTTP/2 end with their connection, before they are answered.
        let breaks = Mutex(0)
    }

    private let log: Log
    private let listener: any Channel

    var port: Int { listener.localAddress?.port ?? 0 }
    var requests: [Request] { log.requests.withLock { $0 } }
    var connections: Int { log.connections.withLock { $0 } }

    /// The next requests on HTTP/2 end with their connection.
    func breakConnections(_ count: Int) {
        log.breaks.withLock { $0 = count }
    }

    static func run<Result: Sendable>(
        tls: NIOSSLContext, _ answer: @escaping @Sendable (String, Int) -> String,
        _ body: (HTTP2Server) async throws -> Result
    ) async throws -> Result {
        let server = try await HTTP2Server(tls, answer)
        do {
            let result = try await body(server)
            try await server.listener.close()
            return result
        } catch {
            try? await server.listener.close()
            throw error
        }
    }

    private init(_ tls: NIOSSLContext, _ answer: @escaping @Sendable (String, Int) -> String) async throws {
        let log = Log()
        self.log = log
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                log.connections.withLock { $0 += 1 }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                }.flatMap {
                    channel.configureCommonHTTPServerPipeline { stream in
                        stream.eventLoop.makeCompletedFuture {
                            try stream.pipeline.syncOperations.addHandler(
                                Answering(log, answer, connection: channel, isHTTP2: stream !== channel))
                        }
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let log: Log
        private let answer: @Sendable (String, Int) -> String
        private let connection: any Channel
        private let isHTTP2: Bool
        private var path = ""

        init(
            _ log: Log, _ answer: @escaping @Sendable (String, Int) -> String, connection: any Channel, isHTTP2: Bool
        ) {
            self.log = log
            self.answer = answer
            self.connection = connection
            self.isHTTP2 = isHTTP2
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                path = String(head.uri.prefix { $0 != "?" })
                log.requests.withLock {
                    $0.append(Request(path: path, host: head.headers.first(name: "host"), isHTTP2: isHTTP2))
                }
            case .body: break
            case .end:
                let breaks = log.breaks.withLock { breaks in
                    guard isHTTP2, breaks > 0 else { return false }
                    breaks -= 1
                    return true
                }
                guard !breaks else {
                    connection.close(promise: nil)
                    return
                }
                let body = answer(path, connection.localAddress?.port ?? 0)
                let headers: HTTPHeaders = [
                    "content-type": "application/json", "content-length": "\(body.utf8.count)",
                ]
                context.write(
                    wrapOutboundOut(.head(.init(version: .http1_1, status: .ok, headers: headers))), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
