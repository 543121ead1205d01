import EventCatalog
import Logging
import Rotation
import RotationEngine
import ServiceLifecycle
import Synchronization
import Systemd

/// Tells systemd and the control API how things stand.
final class StatusReporter: Service {
    private struct State {
        var configuration: StatusReport.ConfigurationState
        var lastLine = ""
        var isReady = false
    }

    let version: String
    private let pid: Int32
    let startedAt: Instant
    private let engine: RotationEngine
    private let notifier: Notifier
    private let readiness: Readiness
    private let board: DiscoveryBoard
    private let logger: Logger
    private let now: @Sendable () -> Instant
    private let state: Mutex<State>
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init(
        version: String, pid: Int32, configurationPath: String, engine: RotationEngine, notifier: Notifier,
        readiness: Readiness, board: DiscoveryBoard,
        changes: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation),
        now: @escaping @Sendable () -> Instant, logger: Logger
    ) {
        self.logger = logger
        self.version = version
        self.pid = pid
        startedAt = now()
        self.engine = engine
        self.notifier = notifier
        self.readiness = readiness
        self.board = board
        self.now = now
        (self.changes, changed) = changes
        state = Mutex(
            State(
                configuration: StatusReport.ConfigurationState(path: configurationPath, loadedAt: now(), error: nil)))
    }

    /// Sends the status line whenever it reads differently, at most a few times a second; the first one after the start
    /// with `READY=1`, so that whoever waited for that sees what is not well.
    func run() async throws {
        for await _ in changes.cancelOnGracefulShutdown() {
            let isComplete = readiness.isComplete
            let line = await line()
            let (differs, becomesReady) = state.withLock { state in
                defer { (state.lastLine, state.isReady) = (line, state.isReady || isComplete) }
                return (state.lastLine != line, isComplete && !state.isReady)
            }
            if becomesReady {
                notifier.tell(logger) { (notifier) throws(SystemdError) in try notifier.ready(status: line) }
                logger.log(.ready)
            } else if differs {
                notifier.tell(logger) { (notifier) throws(SystemdError) in try notifier.status(line) }
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(300)) }
        }
    }

    func line() async -> String {
        let error = state.withLock { $0.configuration.error }
        return StatusLine.text(
            await engine.status(), unsettled: await engine.unsettledResources(),
            withoutFiles: await engine.resourcesWithoutFiles(),
            reloadErrors: error?.split(separator: "\n").map(String.init) ?? [],
            undiscovered: board.all.filter { $0.failure != nil }.map(\.scope), now: now())
    }

    /// The start has ended: `READY=1` is told.
    var isReady: Bool { state.withLock { $0.isReady } }

    /// What came of reading the configuration last.
    var configuration: StatusReport.ConfigurationState { state.withLock { $0.configuration } }

    /// How each rule under `discover` fares.
    var discovery: [DiscoveryBoard.Entry] { board.all }

    /// Every resource, by name; or only the `first` ones of those that matter most, the most urgent first.
    func report(first: Int? = nil) async -> StatusReport {
        let statuses = await engine.status()
        let chosen = first.map { StatusOrder.mostUrgent(statuses, $0) } ?? statuses
        return report(statuses, chosen.map(StatusReport.Resource.init))
    }

    /// One resource in detail; none when there is no such one.
    func report(on name: String) async -> StatusReport {
        report(await engine.status(), await resource(name).map { [$0] } ?? [])
    }

    func resource(_ name: String) async -> StatusReport.Resource? {
        guard let (status, details) = await engine.details(name) else { return nil }
        var resource = StatusReport.Resource(status)
        resource.details = StatusDetails(details)
        return resource
    }

    private func report(_ statuses: [ResourceStatus], _ resources: [StatusReport.Resource]) -> StatusReport {
        let configuration = state.withLock { $0.configuration }
        return StatusReport(
            daemon: .init(
                version: version, pid: pid, startedAt: startedAt, configuration: configuration,
                discovery: board.all.map(StatusReport.Discovery.init)),
            summary: StatusSummary(statuses), resources: resources)
    }

    /// Records what came of loading the configuration again.
    func reloaded(error: String?) {
        state.withLock { state in
            state.configuration.error = error
            if error == nil { state.configuration.loadedAt = now() }
        }
        changed.yield()
    }
}
