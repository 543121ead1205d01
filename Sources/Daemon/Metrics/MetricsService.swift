import Hummingbird
import HummingbirdCore
import KeyturnConfig
import Logging
import NIOCore
import NIOPosix
import SecretsDirectory
import ServiceLifecycle

/// Serves metrics at `metrics.listen`. An address that is taken or not there yet is worth a warning, never the end of
/// the daemon: keys turn without anybody watching. It is tried again until it works.
struct MetricsService: Service {
    let responder: RouterResponder<BasicRequestContext>
    let address: ListenAddress
    /// The address works, or was tried for the first time.
    let ready: @Sendable () -> Void
    let logger: Logger
    /// Of the server's own, which says more than anybody wants to know.
    let quiet: Logger

    /// Far more than anybody who measures needs.
    private static let connections = 64
    private static let idleTimeout: TimeAmount = .seconds(150)
    private static let grace: Duration = .seconds(1)
    private static let pause: Duration = .seconds(15)

    func run() async throws {
        var reported: String?
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await serve()
                return
            } catch {
                let cause = (error as? IOError).map { SystemError($0.errnoCode).description } ?? "\(error)"
                if cause != reported {
                    logger.error(
                        "metrics are not served; this is tried again every 15 s",
                        metadata: ["listen": "\(address)", "cause": "\(cause)"])
                }
                reported = cause
            }
            ready()
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) }
        }
    }

    private func serve() async throws {
        let server = try HTTPServerBuilder.http1(configuration: .init(idleTimeout: Self.idleTimeout)).buildServer(
            configuration: ServerConfiguration(
                address: .hostname(address.address, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connections)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: quiet
        ) { [responder, quiet] request, writer, channel in
            let context = BasicRequestContext(source: ApplicationRequestContextSource(channel: channel, logger: quiet))
            let response: Response
            do {
                response = try await responder.respond(to: request, context: context)
            } catch let error as HTTPError {
                response = Response(status: error.status)
            } catch {
                response = Response(status: .internalServerError)
            }
            let writing = try await writer.writeHead(response.head)
            try await response.body.write(writing)
        } onServerRunning: { [ready, logger, address] channel in
            let bound = address.with(port: channel.localAddress?.port ?? address.port)
            logger.info("metrics are served", metadata: ["listen": "\(bound)"])
            ready()
        }
        try await withGrace(Self.grace) { try await server.run() }
    }
}
