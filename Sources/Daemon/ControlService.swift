import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import SecretsDirectory
import ServiceLifecycle
import Synchronization

/// Serves the control API on its socket.
///
/// Hummingbird's own `Application` would do the same, but wakes once a second for its `Date` header, which nobody needs on
/// a unix socket.
struct ControlService: Service {
    let responder: RouterResponder<ControlContext>
    let socket: ControlSocket
    let ready: @Sendable () -> Void
    let logger: Logger

    private static let grace: Duration = .seconds(2)

    func run() async throws {
        // What the closure below cannot throw.
        let refused = Refusal()
        let server = try HTTPServerBuilder.http1().buildServer(
            configuration: ServerConfiguration(address: .unixDomainSocket(path: socket.path)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger
        ) { [logger] request, writer, channel in
            let context = ControlContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
            let response: Response
            do {
                response = try await responder.respond(to: request, context: context)
            } catch {
                response = Response(status: .internalServerError)
            }
            let writing = try await writer.writeHead(response.head)
            try await response.body.write(writing)
        } onServerRunning: { [socket, ready] channel in
            do throws(StartFailure) {
                try socket.open()
                ready()
            } catch {
                refused.failure.withLock { $0 = error }
                channel.close(promise: nil)
            }
        }
        do {
            try await withGrace(Self.grace) { try await server.run() }
        } catch let error as IOError {
            throw StartFailure(socket.path, "the control socket does not work", errno: error.errnoCode)
        }
        if let failure = refused.failure.withLock({ $0 }) { throw failure }
    }

    private final class Refusal: Sendable {
        let failure = Mutex<StartFailure?>(nil)
    }
}
