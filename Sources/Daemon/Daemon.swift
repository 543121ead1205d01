import AzureKeys
import Delivery
import Glibc
import KeyturnConfig
import Ledger
import Logging
import NIOPosix
import Rotation
import RotationEngine
import SecretsDirectory
import ServiceLifecycle
import Systemd
import UnixSignals

/// The composition root: everything that runs, and how it hangs together.
package struct Daemon: Sendable {
    private let loader: ConfigurationLoader
    private let environment: [String: String]
    private let logger: Logger
    private let notifier: Notifier
    private let clock = SystemClock()

    /// - Parameter environment: the process's; `AZURE_POD_IDENTITY_AUTHORITY_HOST` and `CREDENTIALS_DIRECTORY` count.
    package init(
        configurationPath: String, environment: [String: String], logger: Logger, notifier: Notifier = Notifier()
    ) {
        loader = ConfigurationLoader(path: configurationPath)
        self.environment = environment
        self.logger = logger
        self.notifier = notifier
    }

    /// Runs until SIGTERM or SIGINT.
    package func run() async throws {
        // Armed first: a SIGHUP that comes before would end the process.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let loaded = try load()
        let ledger = try await openLedger(loaded)
        defer { ledger.close() }
        let fleet = try azure(loaded)
        do {
            try await serve(loaded, ledger, fleet, hangups)
        } catch {
            await fleet.shutdown()
            throw error
        }
        await fleet.shutdown()
    }

    private func serve(
        _ loaded: LoadedConfiguration, _ ledger: Ledger, _ fleet: AzureFleet, _ hangups: UnixSignalsSequence
    ) async throws {
        let running = RunningConfiguration(loaded)
        let ledgerAdapter = LedgerAdapter(ledger: ledger)
        let azure = AzureAdapter(fleet: fleet, running: running)
        let ports = EnginePorts(
            authority: azure, probe: azure, publisher: SecretsAdapter(running: running), ledger: ledgerAdapter,
            delivery: DeliveryAdapter(deliverer: Deliverer(logger: logger), running: running), clock: clock)
        let changes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let readiness = Readiness(waitingFor: ["engine", "control"]) { [notifier, logger] in
            notifier.tell(logger) { (notifier) throws(SystemdError) in try notifier.ready() }
            logger.notice("ready")
            changes.continuation.yield()
        }
        let options = try engineOptions(changes.continuation, readiness)
        let engine = RotationEngine(ports: ports, options: options, logger: logger)
        do {
            try await engine.load(loaded.resources)
        } catch {
            throw StartFailure(StartFailure.configuration, [error.detail])
        }
        let reporter = StatusReporter(
            version: KeyturnVersion.current, pid: getpid(), configurationPath: loader.path, engine: engine,
            notifier: notifier, changes: changes, now: { SystemClock().now }, logger: logger)
        let reloader = Reloader(
            loader: loader, running: running, engine: engine, reporter: reporter, notifier: notifier, signals: hangups,
            logger: logger)
        let control = ControlServer(
            engine: engine, reports: reporter, reload: { await reloader.reload() },
            history: { await ledgerAdapter.history($0, limit: $1) })
        let socket = ControlSocket(path: loaded.configuration.control.socket)
        try socket.prepare()
        defer { socket.remove() }
        var quiet = logger
        quiet.logLevel = .warning
        let controlService = ControlService(
            responder: control.responder(), socket: socket, ready: { readiness.ready("control") }, logger: quiet)
        logger.notice(
            "starting",
            metadata: ["version": "\(KeyturnVersion.current)", "resources": "\(loaded.resources.count)"])
        // Shut down from the last to the first.
        let services: [any Service] = [
            engine, reporter, reloader, controlService, StopNotice(notifier: notifier, logger: logger),
        ]
        var configuration = ServiceGroupConfiguration(
            services: services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(100)
        try await ServiceGroup(configuration: configuration).run()
    }

    private func load() throws -> LoadedConfiguration {
        switch loader.load() {
        case .failure(let refused):
            throw StartFailure(StartFailure.configuration, refused.lines)
        case .success(let loaded):
            for warning in loaded.warnings {
                logger.warning("doubtful configuration", metadata: warning.metadata)
            }
            let directory = loaded.configuration.state.directory
            try makeDirectory(directory, mode: 0o751)
            do {
                try loaded.secrets.verify()
            } catch {
                let status = error.mayPass ? StartFailure.temporary : StartFailure.configuration
                throw StartFailure(status, [error.detail])
            }
            return loaded
        }
    }

    /// Opens the ledger; waits for a one-shot command that holds it, which takes turns with the daemon.
    private func openLedger(_ loaded: LoadedConfiguration) async throws -> Ledger {
        let directory = loaded.configuration.state.directory
        for _ in 0..<360 {
            do {
                let ledger = try Ledger.open(directory: directory)
                if let setAside = ledger.setAside {
                    logger.error(
                        "the ledger was damaged and set aside; every resource is adopted anew, nothing is regenerated",
                        metadata: ["path": "\(setAside.path)", "cause": "\(setAside.cause)"])
                }
                return ledger
            } catch .alreadyOpen(_, let holder?) where holder.role != "run" {
                logger.notice("waiting for a 'keyturn \(holder.role)'", metadata: ["pid": "\(holder.pid)"])
                try await Task.sleep(for: .milliseconds(500))
            } catch {
                throw StartFailure(error.exitStatus, [error.description])
            }
        }
        throw StartFailure(StartFailure.temporary, ["\(directory): another keyturn command holds it for too long"])
    }

    private func azure(_ loaded: LoadedConfiguration) throws -> AzureFleet {
        do {
            return try AzureSetup(environment: environment, logger: logger).fleet(loaded.configuration.azure)
        } catch {
            throw StartFailure(StartFailure.configuration, [error.detail])
        }
    }

    private func engineOptions(
        _ changed: AsyncStream<Void>.Continuation, _ readiness: Readiness
    ) throws -> EngineOptions {
        var options = EngineOptions()
        let watchdog = try? WatchdogInterval.current
        if let watchdog { options.longestSleep = min(options.longestSleep, watchdog / 2) }
        options.heartbeat = { [notifier, logger] in
            if watchdog != nil {
                notifier.tell(logger) { (notifier) throws(SystemdError) in try notifier.watchdog() }
            }
            changed.yield()
        }
        options.changed = { changed.yield() }
        options.ready = { readiness.ready("engine") }
        options.awaitingRegenerates = { [notifier, logger] count in
            notifier.tell(logger) { (notifier) throws(SystemdError) in try notifier.extendTimeout(.seconds(30)) }
            notifier.tell(logger) { (notifier) throws(SystemdError) in
                try notifier.status("stopping; awaiting the answer of \(count) regenerate\(count == 1 ? "" : "s")")
            }
        }
        return options
    }
}
