import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Serves the control API on its socket.
///
/// Hummingbird's own `Application` would do the same, but wakes once a second for its `Date` header, which nobody needs on
/// a unix socket.
struct ControlService: Service {
    let responder: RouterResponder<BasicRequestContext>
    let socket: ControlSocket
    let ready: @Sendable () -> Void
    let logger: Logger

    func run() async throws {
        let server = try HTTPServerBuilder.http1().buildServer(
            configuration: ServerConfiguration(address: .unixDomainSocket(path: socket.path)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger
        ) { [logger] request, writer, channel in
            let context = BasicRequestContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
            let response: Response
            do {
                response = try await responder.respond(to: request, context: context)
            } catch {
                response = Response(status: .internalServerError)
            }
            let writing = try await writer.writeHead(response.head)
            try await response.body.write(writing)
        } onServerRunning: { [socket, ready] _ in
            socket.open()
            ready()
        }
        try await server.run()
    }
}
