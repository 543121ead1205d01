import NIOCore
import NIOPosix
import Synchronization

/// An HTTP proxy on an ephemeral loopback port that opens every tunnel to one port of this machine, whatever it is asked for.
final class ConnectProxy: Sendable {
    /// The head of a `CONNECT`.
    struct Request: Sendable {
        var target: String
        var authorization: String?
    }

    /// What the tunnels share.
    fileprivate final class Log: Sendable {
        let requests = Mutex<[Request]>([])
        let port = Mutex(0)
    }

    private let log: Log
    private let listener: any Channel

    var port: Int { listener.localAddress?.port ?? 0 }
    var requests: [Request] { log.requests.withLock { $0 } }

    /// Where tunnels end from now on.
    func lead(to port: Int) {
        log.port.withLock { $0 = port }
    }

    /// - Parameter status: what every `CONNECT` is answered with.
    static func run<Result: Sendable>(
        status: String = "200 Connection established", _ body: (ConnectProxy) async throws -> Result
    ) async throws -> Result {
        let proxy = try await ConnectProxy(status)
        do {
            let result = try await body(proxy)
            try await proxy.listener.close()
            return result
        } catch {
            try? await proxy.listener.close()
            throw error
        }
    }

    private init(_ status: String) async throws {
        let log = Log()
        self.log = log
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Tunnel(log, status))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}

/// One connection to the proxy: a head, then bytes in both directions.
private final class Tunnel: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let log: ConnectProxy.Log
    private let status: String
    private var waiting = ByteBuffer()
    private var isHeadRead = false
    private var far: (any Channel)?

    init(_ log: ConnectProxy.Log, _ status: String) {
        self.log = log
        self.status = status
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var data = unwrapInboundIn(data)
        if let far {
            far.writeAndFlush(data, promise: nil)
            return
        }
        waiting.writeBuffer(&data)
        guard !isHeadRead, let head = takeHead() else { return }
        isHeadRead = true
        log.requests.withLock { $0.append(head) }
        let near = context.channel
        guard status.hasPrefix("200") else {
            near.writeAndFlush(ByteBuffer(string: "HTTP/1.1 \(status)\r\ncontent-length: 0\r\n\r\n"), promise: nil)
            return
        }
        let opened = ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Back(to: near))
                }
            }
            .connect(host: "127.0.0.1", port: log.port.withLock { $0 })
        opened.assumeIsolated().whenComplete { result in
            guard case .success(let far) = result else {
                near.close(promise: nil)
                return
            }
            self.far = far
            near.writeAndFlush(ByteBuffer(string: "HTTP/1.1 \(self.status)\r\n\r\n"), promise: nil)
            if self.waiting.readableBytes > 0 { far.writeAndFlush(self.waiting, promise: nil) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        far?.close(promise: nil)
    }

    private func takeHead() -> ConnectProxy.Request? {
        let text = String(buffer: waiting)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        waiting.moveReaderIndex(forwardBy: text[..<end.upperBound].utf8.count)
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let authorization = lines.first { $0.lowercased().hasPrefix("proxy-authorization:") }
        return ConnectProxy.Request(
            target: String(lines.first?.split(separator: " ").dropFirst().first ?? ""),
            authorization: authorization.map { String($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) })
    }

    private final class Back: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let near: any Channel

        init(to near: any Channel) {
            self.near = near
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            near.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            near.close(promise: nil)
        }
    }
}
