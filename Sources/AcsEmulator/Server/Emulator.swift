import FoundationEssentials
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// An Azure to practise on: Resource Manager, token endpoints and data plane of CommunicationServices, in memory, on
/// loopback addresses only.
package enum Emulator {
    /// Why an emulator could not start; a sentence for the person who started it.
    package struct CannotStart: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs an emulator as long as `body` runs, which gets it listening. All connections are closed afterwards.
    ///
    /// Its time is that of `clock`.
    ///
    /// Throws `CannotStart`, or what `body` throws.
    package static func withRunning<Result: Sendable>(
        _ configuration: EmulatorConfiguration, clock: @escaping @Sendable () -> Date = { Date() },
        _ body: (RunningEmulator) async throws -> Result
    ) async throws -> Result {
        guard !configuration.resources.isEmpty, configuration.resources.count <= EmulatedResourceID.limit else {
            throw CannotStart(description: "an emulator has from 1 to \(EmulatedResourceID.limit) resources")
        }
        let certificates = configuration.tls ? try ServerCertificates() : nil
        let state = EmulatorState(try EmulatorModel(configuration, now: clock()), clock: clock)
        let responder = EmulatorResponder(state: state, logger: configuration.logger)
        let http = HTTP1Channel(responder: { request, writer, channel in
            try await responder.respond(to: request, writer, on: channel)
        })
        let listener = try await listen(configuration, ConnectionChannel(http: http, certificates: certificates))
        state.with { model, _ in model.port = listener.port }
        let running = RunningEmulator(
            state: state, port: listener.port, configuration: configuration,
            certificateAuthorityPEM: certificates?.authorityPEM)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run() }
            let result = try await body(running)
            group.cancelAll()
            return result
        }
    }

    private static func listen(
        _ configuration: EmulatorConfiguration, _ connection: ConnectionChannel
    ) async throws -> LoopbackListener {
        do {
            return try await LoopbackListener(
                port: configuration.port, connection: connection, logger: configuration.logger)
        } catch let error as IOError {
            let port = configuration.port == 0 ? "a free port" : "port \(configuration.port)"
            throw CannotStart(
                description:
                    "cannot listen on \(port) of the loopback device: \(error) (binding to a device needs Linux "
                    + "5.7 or later; is another program listening on that port?)")
        }
    }
}
