import EventCatalog
import KeyMaterial
import Logging
import Rotation
import ServiceLifecycle

/// Runs the rules of every resource: hands events to the machines, makes what they decided durable, then carries out
/// the action they want through the ports, and brings the answer back as the next event.
///
/// One task tree: the loop wakes when something is due or somebody signals, and starts a *driver* for each resource
/// that has something to do. A driver ends when its machine waits; waiting costs no task.
package actor RotationEngine: Service {
    let ports: EnginePorts
    let options: EngineOptions
    let logger: Logger
    let calls: AzureCallSlots
    let deliveries: CallSlots
    let wakeup = Wakeup()
    private(set) var stopping = false
    let core: EngineCore
    /// Who waits for the reply to a command, by its number.
    var callers: [Int: CheckedContinuation<CommandOutcome, Never>] = [:]
    var commands = 0
    var regeneratesUnderWay = 0
    private(set) var readyTold = false
    var failureLog = FailureLog()
    /// Resources of which consumers have no file at all, as last seen; true when that was told.
    var withoutFiles: [String: Bool] = [:]
    /// When those of them that were not told of are; nil when there are none.
    var tellNothingPublishedAt: Instant?
    var nothingPublishedToldAt = Instant(unixSeconds: 0)
    /// The signals that the loop's last look around has seen.
    private var seenSignals = -1

    package init(ports: EnginePorts, options: EngineOptions = EngineOptions(), logger: Logger) {
        self.ports = ports
        self.options = options
        self.logger = logger
        core = EngineCore(limit: options.drivers)
        calls = AzureCallSlots(limit: options.concurrency, perSubscription: options.concurrencyPerSubscription)
        deliveries = CallSlots(limit: options.deliveries)
    }

    /// Reads the ledger and takes the resources up. Call once, before `run`.
    package func load(_ resources: [ManagedResource]) async throws(Failure) {
        core.load(try await ports.ledger.load(), resources, ports.clock.now)
        tellMessages()
    }

    /// Returns at a graceful shutdown, when every regenerate that was sent is answered and on record.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await loop()
        } onGracefulShutdown: {
            self.wakeup.signal()
        }
    }

    private func loop() async {
        let started = ports.clock.now
        await withDiscardingTaskGroup { group in
            while !isEnding {
                seenSignals = wakeup.signals
                let now = ports.clock.now
                options.heartbeat()
                for name in core.takeDue(now) {
                    group.addTask { await self.drive(name) }
                }
                tellReadiness(started: started, now)
                tellFailures(now)
                tellNothingPublishedIfDue(now)
                let sleep = nextSleep(now, started: started)
                let clock = ports.clock
                await wakeup.wait(since: seenSignals) { try await clock.sleep(for: sleep) }
            }
            await stop()
        }
        await keepAnswers()
        core.abandonMail(.unavailable(Self.stoppingFailure))
        tellMessages()
    }

    /// Nothing is begun any more.
    var isEnding: Bool { stopping || Task.isShuttingDownGracefully || Task.isCancelled }

    /// True when nothing is at work and nothing is due: the loop sleeps, and has seen every signal. For whoever drives
    /// the clock. Resources in `ignored` may be at work.
    package func isIdle(ignoring ignored: Set<String> = []) -> Bool {
        seenSignals == wakeup.signals && ignored.isSuperset(of: core.drivenResources)
    }

    /// Waits for the regenerates that were sent.
    private func stop() async {
        stopping = true
        calls.close()
        deliveries.close()
        let clock = ports.clock
        let interval = min(options.longestSleep, .seconds(5))
        seenSignals = wakeup.signals
        if regeneratesUnderWay > 0 {
            logger.log(.awaitingRegenerates, metadata: ["count": "\(regeneratesUnderWay)"])
        }
        while regeneratesUnderWay > 0, !Task.isCancelled {
            options.heartbeat()
            options.awaitingRegenerates(regeneratesUnderWay)
            await wakeup.wait(since: seenSignals) { try await clock.sleep(for: interval) }
            seenSignals = wakeup.signals
        }
    }

    /// Answers that the ledger could not take until now get one more try.
    private func keepAnswers() async {
        for name in core.unkeptAnswers {
            await drive(name)
            guard core.unkeptAnswers.contains(name) else { continue }
            logger.log(
                .answerNotKept,
                metadata: ["resource": "\(name)", "detail": "\(core.ledgerFailure(name)?.detail ?? "")"])
        }
    }

    private func nextSleep(_ now: Instant, started: Instant) -> Duration {
        var next = now + options.longestSleep
        if let dueAt = core.nextDue(now) { next = min(next, dueAt) }
        for case let tellAt? in [failureLog.nextAt, tellNothingPublishedAt] { next = min(next, tellAt) }
        if !readyTold { next = min(next, started + options.readinessLimit) }
        return max(next - now, .milliseconds(1))
    }

    private func tellReadiness(started: Instant, _ now: Instant) {
        guard !readyTold else { return }
        guard core.isSettledIn || now - started >= options.readinessLimit || now < started else { return }
        readyTold = true
        options.ready()
        tellNothingPublished(withoutFiles.keys.sorted())
    }

    /// Swaps the set of resources: new ones are taken up, changed ones are told, those gone are let go after the step
    /// that is under way.
    package func reconfigure(_ resources: [ManagedResource]) {
        core.reconfigure(resources, ports.clock.now)
        tellMessages()
        options.changed()
        wakeup.signal()
    }

    /// Passes on what the core has to tell.
    func tellMessages() {
        for message in core.takeMessages() {
            switch message {
            case .reply(let command, let outcome):
                callers.removeValue(forKey: command)?.resume(returning: outcome)
            case .log(let note, let resource):
                log(note, of: resource)
            case .adoptedAnew(let resource, let earlier):
                logger.log(
                    .adoptedAnew,
                    metadata: ["resource": "\(resource.name)", "id": "\(resource.id)", "earlier-id": "\(earlier)"])
            case .renamed(let resource, let former):
                // Under both names, so that either one's story has it.
                logger.log(
                    .resourceRenamed,
                    metadata: ["resource": ["\(resource.name)", "\(former)"], "former-name": "\(former)"])
                withoutFiles[former] = nil
            case .settledIn:
                if !readyTold { wakeup.signal() }
            }
        }
    }
}
