import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// Sets up one accepted connection: loopback on both ends or closed, TLS with the certificate of the address that was
/// connected to, then HTTP/1.1.
struct ConnectionChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let http: HTTP1Channel
    let certificates: ServerCertificates?

    private struct NotLoopback: Error {}

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        guard let local = channel.localAddress?.ipAddress.flatMap({ LoopbackAddress($0) }),
            channel.remoteAddress?.ipAddress.flatMap({ LoopbackAddress($0) }) != nil
        else { return channel.eventLoop.makeFailedFuture(NotLoopback()) }
        guard let certificates else { return http.setup(channel: channel, logger: logger) }
        return channel.eventLoop.makeCompletedFuture {
            let context = try certificates.context(for: local)
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }.flatMap {
            http.setup(channel: channel, logger: logger)
        }
    }

    /// Ends with the task: an idle connection is closed, not waited for.
    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            await http.handle(value: value, logger: logger)
        } onCancel: {
            value.channel.close(promise: nil)
        }
    }
}
