import AzureKeys
import Delivery
import EventCatalog
import Glibc
import KeyturnConfig
import Ledger
import Logging
import NIOPosix
import PrometheusMetrics
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
    private let metrics: PrometheusRegistry
    private let clock = SystemClock()

    /// - Parameters:
    ///   - environment: the process's; `AZURE_POD_IDENTITY_AUTHORITY_HOST` and `CREDENTIALS_DIRECTORY` count.
    ///   - metrics: made with `MetricsCatalog.descriptions`; exposed where the configuration says.
    package init(
        configurationPath: String, environment: [String: String], logger: Logger, metrics: PrometheusRegistry,
        notifier: Notifier = Notifier()
    ) {
        loader = ConfigurationLoader(path: configurationPath)
        self.environment = environment
        self.logger = logger
        self.notifier = notifier
        self.metrics = metrics
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
        let ledgerAdapter = LedgerAdapter(ledger: ledger)
        let discovered = try await self.discovered(ledgerAdapter)
        // Known from before, so that a start without Azure goes on with them.
        let running = RunningConfiguration(loaded.enrolling(discovered).0)
        let azure = AzureAdapter(fleet: fleet, running: running)
        let ports = EnginePorts(
            authority: azure, probe: azure, publisher: SecretsAdapter(running: running), ledger: ledgerAdapter,
            delivery: DeliveryAdapter(deliverer: Deliverer(logger: logger), running: running), clock: clock
        ).measured(by: PortMetrics(factory: metrics))
        let changes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let heartbeat = Heartbeat(longestSleep: EngineOptions().longestSleep)
        let listen = loaded.configuration.metrics.listen
        let parts = ["engine", "control"] + (listen == nil ? [] : ["metrics"])
        let readiness = Readiness(waitingFor: Set(parts)) {
            heartbeat.ready()
            changes.continuation.yield()
        }
        let options = try engineOptions(changes.continuation, readiness, heartbeat)
        let engine = RotationEngine(ports: ports, options: options, logger: logger)
        do {
            try await engine.load(running.value.resources)
        } catch {
            throw StartFailure(StartFailure.configuration, [error.detail])
        }
        let board = DiscoveryBoard()
        let reporter = StatusReporter(
            version: KeyturnVersion.current, pid: getpid(), configurationPath: loader.path, engine: engine,
            notifier: notifier, readiness: readiness, board: board, changes: changes, now: { SystemClock().now },
            logger: logger)
        let set = RunningSet(file: loaded, discovered: discovered, running: running, engine: engine)
        let discovery = DiscoveryService(
            set: set, fleet: fleet, ledger: ledgerAdapter, engine: engine, board: board, logger: logger)
        let reloader = Reloader(
            loader: loader, set: set, discovery: discovery, reporter: reporter, notifier: notifier, signals: hangups,
            logger: logger)
        let control = ControlServer(
            engine: engine, reports: reporter, reload: { await reloader.reload() },
            discovered: { await set.discovered },
            history: { await ledgerAdapter.history($0) }, now: { SystemClock().now }, logger: logger)
        let socket = ControlSocket(path: loaded.configuration.control.socket)
        try socket.prepare()
        defer { socket.remove() }
        var quiet = logger
        quiet.logLevel = .warning
        let controlService = ControlService(
            responder: control.responder(), socket: socket, ready: { readiness.ready("control") }, logger: quiet)
        logger.log(
            .starting,
            metadata: ["version": "\(KeyturnVersion.current)", "resources": "\(running.value.resources.count)"])
        let source = MetricsSource(
            registry: metrics, engine: engine, reporter: reporter, fleet: fleet,
            heartbeat: heartbeat, now: { SystemClock().now })
        // Shut down from the last to the first, so that it can be seen from outside how the others end.
        let services: [any Service] =
            metricsServices(listen, source, ledgerAdapter, readiness, quiet) + [
                engine, reporter, discovery, reloader, controlService, StopNotice(notifier: notifier, logger: logger),
            ]
        var configuration = ServiceGroupConfiguration(
            services: services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(100)
        try await ServiceGroup(configuration: configuration).run()
    }

    private func metricsServices(
        _ listen: ListenAddress?, _ source: MetricsSource, _ ledger: LedgerAdapter, _ readiness: Readiness,
        _ quiet: Logger
    ) -> [any Service] {
        guard let listen else { return [] }
        let page = PageServer(
            source: PageSource(
                engine: source.engine, reporter: source.reporter, ledger: ledger, host: HostName.current,
                now: source.now), heartbeat: source.heartbeat)
        let server = MetricsServer(source: source, page: page, isLoopback: listen.isLoopback)
        return [
            MetricsService(
                responder: server.responder(), address: listen,
                ready: { readiness.ready("metrics") }, logger: logger, quiet: quiet)
        ]
    }

    private func discovered(_ ledger: LedgerAdapter) async throws -> [DiscoveredResource] {
        do {
            return try await ledger.discovered()
        } catch {
            throw StartFailure(StartFailure.configuration, [error.detail])
        }
    }

    private func load() throws -> LoadedConfiguration {
        switch loader.load() {
        case .failure(let refused):
            throw StartFailure(StartFailure.configuration, refused.lines)
        case .success(let loaded):
            for warning in loaded.warnings {
                logger.log(.doubtfulConfiguration, metadata: warning.metadata)
            }
            let directory = loaded.configuration.state.directory
            try makeDirectory(directory, mode: 0o751)
            do {
                try loaded.secrets.verify()
                try loaded.secrets.checkWritable()
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
        var awaited: Int32?
        for attempt in 0..<360 {
            do {
                let ledger = try Ledger.open(directory: directory)
                if let setAside = ledger.setAside {
                    logger.log(
                        .ledgerSetAside,
                        metadata: ["path": "\(setAside.path)", "cause": "\(setAside.cause)"])
                }
                return ledger
            } catch .alreadyOpen(_, let holder?) where holder.role != "run" {
                if awaited != holder.pid {
                    awaited = holder.pid
                    logger.log(
                        .waitingForCommand, metadata: ["command": "keyturn \(holder.role)", "pid": "\(holder.pid)"])
                }
                // Every ten seconds.
                if attempt % 20 == 0 {
                    tellWaiting("waiting for 'keyturn \(holder.role)' (process \(holder.pid)) to end")
                }
                try await Task.sleep(for: .milliseconds(500))
            } catch {
                throw StartFailure(error.exitStatus, [error.description])
            }
        }
        throw StartFailure(StartFailure.temporary, ["\(directory): another keyturn command holds it for too long"])
    }

    /// Asks for more time than `TimeoutStartSec=` or `TimeoutStopSec=` gives; to be said again within 30 seconds.
    private func tellWaiting(_ status: String) {
        notifier.tell(logger) { (notifier) throws(SystemdError) in try notifier.extendTimeout(.seconds(30)) }
        notifier.tell(logger) { (notifier) throws(SystemdError) in try notifier.status(status) }
    }

    private func azure(_ loaded: LoadedConfiguration) throws -> AzureFleet {
        do {
            return try AzureSetup(environment: environment, logger: logger).fleet(loaded.configuration.azure)
        } catch {
            throw StartFailure(StartFailure.configuration, [error.detail])
        }
    }

    private func engineOptions(
        _ changed: AsyncStream<Void>.Continuation, _ readiness: Readiness, _ heartbeat: Heartbeat
    ) throws -> EngineOptions {
        var options = EngineOptions()
        let watchdog = try? WatchdogInterval.current
        if let watchdog { options.longestSleep = min(options.longestSleep, watchdog / 2) }
        options.heartbeat = { [notifier, logger] in
            heartbeat.beat()
            // The first look may have to wait for Azure, and what came before it for another command.
            if !readiness.isComplete {
                notifier.tell(logger) { (notifier) throws(SystemdError) in try notifier.extendTimeout(.seconds(90)) }
            }
            if watchdog != nil {
                notifier.tell(logger) { (notifier) throws(SystemdError) in try notifier.watchdog() }
            }
            changed.yield()
        }
        options.changed = { changed.yield() }
        options.ready = { readiness.ready("engine") }
        options.awaitingRegenerates = { count in
            tellWaiting("stopping; awaiting the answer of \(count) regenerate\(count == 1 ? "" : "s")")
        }
        return options
    }
}
