import Glibc
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

/// One listening socket for all addresses in 127.0.0.0/8.
///
/// It is bound to every address but only to the device `lo` (`SO_BINDTODEVICE`, socket(7); since Linux 5.7 without
/// privilege). So thousands of resources, each with an address of its own, cost one descriptor, and nothing outside
/// this machine can reach any of them. Connections to one of the machine's other addresses come in on `lo` too; they
/// are closed by `ConnectionChannel`.
struct LoopbackListener: Sendable {
    private let channel: any Channel
    private let connection: ConnectionChannel
    private let queue: ConnectionQueue
    private let logger: Logger

    /// Binds and listens; connections are taken up when `run` is called, which must be.
    init(port: Int, connection: ConnectionChannel, logger: Logger) async throws {
        // The option's value is the text "lo", which NIO can pass only as a number.
        let device = Int(littleEndian: 0x6f6c)
        let queue = ConnectionQueue()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(
                ChannelOptions.Types.SocketOption(level: .socket, name: .init(rawValue: SO_BINDTODEVICE)), value: device
            )
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { child in
                guard queue.begin() else { return child.close() }
                return connection.setup(channel: child, logger: logger).map { queue.end($0) }.flatMapErrorThrowing {
                    queue.end(nil)
                    throw $0
                }
            }
            .bind(host: "0.0.0.0", port: port).get()
        channel.closeFuture.whenComplete { _ in queue.close() }
        self.connection = connection
        self.queue = queue
        self.logger = logger
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    /// Serves until the task is cancelled; then closes all connections.
    func run() async {
        await withDiscardingTaskGroup { group in
            await withTaskCancellationHandler {
                while let value = await queue.next() {
                    group.addTask { await connection.handle(value: value, logger: logger) }
                }
            } onCancel: {
                channel.close(promise: nil)
            }
            group.cancelAll()
        }
    }
}
