import EventCatalog
import KeyturnConfig
import Logging
import Rotation
import RotationEngine
import ServiceLifecycle
import Systemd
import UnixSignals

/// Loads the configuration again, on SIGHUP and when the control API asks. Everything is validated before anything is
/// changed; on any error the old configuration stays.
actor Reloader: Service {
    private let loader: ConfigurationLoader
    private let set: RunningSet
    private let discovery: DiscoveryService
    private let reporter: StatusReporter
    private let notifier: Notifier
    private let signals: UnixSignalsSequence
    private let logger: Logger

    init(
        loader: ConfigurationLoader, set: RunningSet, discovery: DiscoveryService, reporter: StatusReporter,
        notifier: Notifier, signals: UnixSignalsSequence, logger: Logger
    ) {
        self.loader = loader
        self.set = set
        self.discovery = discovery
        self.reporter = reporter
        self.notifier = notifier
        self.signals = signals
        self.logger = logger
    }

    func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() {
            _ = await reload()
        }
    }

    func reload() async -> ControlAPI.ReloadAnswer {
        // READY=1 ends the start, too, which waits for more than a configuration.
        guard reporter.isReady else { return await swap() }
        notifier.tell(logger) { (notifier) throws(SystemdError) in try notifier.reloading() }
        let answer = await swap()
        let status = await reporter.line()
        notifier.tell(logger) { (notifier) throws(SystemdError) in try notifier.ready(status: status) }
        return answer
    }

    private func swap() async -> ControlAPI.ReloadAnswer {
        let loaded: LoadedConfiguration
        switch loader.load() {
        case .failure(let refused):
            return refuse(refused.lines, refused.resources)
        case .success(let success):
            loaded = success
        }
        let fixed = loaded.restartNeeded(instead: set.running.value)
        guard fixed.isEmpty else { return refuse(fixed) }
        let change = await set.take(loaded)
        discovery.signal()
        reporter.reloaded(error: nil)
        let warnings = loaded.warnings.map(\.description)
        for warning in loaded.warnings { logger.log(.doubtfulConfiguration, metadata: warning.metadata) }
        tellResources(change.resources, instead: change.former)
        logger.log(.reloaded, metadata: ["resources": "\(change.resources.count)"])
        return ControlAPI.ReloadAnswer(accepted: true, diagnostics: warnings)
    }

    /// Which resources came and went; one with another name is neither.
    private func tellResources(_ resources: [ManagedResource], instead former: [ManagedResource]) {
        let (ids, formerIDs) = (Set(resources.map(\.id)), Set(former.map(\.id)))
        for resource in former where !ids.contains(resource.id) {
            logger.log(.resourceRemoved, metadata: ["resource": "\(resource.name)", "id": "\(resource.id)"])
        }
        for resource in resources where !formerIDs.contains(resource.id) {
            logger.log(.resourceAdded, metadata: ["resource": "\(resource.name)", "id": "\(resource.id)"])
        }
    }

    /// - Parameter resources: whom a line is about, where it is about one.
    private func refuse(_ lines: [String], _ resources: [String: String] = [:]) -> ControlAPI.ReloadAnswer {
        for line in lines {
            var metadata: Logger.Metadata = ["at": "\(line)"]
            metadata["resource"] = resources[line].map { "\($0)" }
            logger.log(.reloadRefused, metadata: metadata)
        }
        reporter.reloaded(error: lines.joined(separator: "\n"))
        return ControlAPI.ReloadAnswer(accepted: false, diagnostics: lines)
    }
}

extension Notifier {
    /// A service manager that cannot be told is worth a line in the log, never the end of the daemon.
    func tell(_ logger: Logger, _ body: (Notifier) throws(SystemdError) -> Bool) {
        do throws(SystemdError) {
            _ = try body(self)
        } catch {
            logger.log(.systemdNotTold, metadata: ["error": "\(error)"])
        }
    }
}
