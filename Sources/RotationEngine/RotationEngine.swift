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
    let calls: CallSlots
    let deliveries: CallSlots
    let wakeup = Wakeup()
    private(set) var stopping = false
    var runtimes: [String: ResourceRuntime] = [:]
    /// Rows of resources that the configuration does not name now.
    var dormant: [String: StoredRotation] = [:]
    var regeneratesUnderWay = 0
    private(set) var readyTold = false
    /// The signals that the loop's last look around has seen.
    private var seenSignals = -1

    package init(ports: EnginePorts, options: EngineOptions = EngineOptions(), logger: Logger) {
        self.ports = ports
        self.options = options
        self.logger = logger
        calls = CallSlots(limit: options.concurrency)
        deliveries = CallSlots(limit: options.deliveries)
    }

    /// Reads the ledger and takes the resources up. Call once, before `run`.
    package func load(_ resources: [ManagedResource]) async throws(Failure) {
        dormant = try await ports.ledger.load()
        reconfigure(resources)
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
        var latest = started
        await withDiscardingTaskGroup { group in
            while !isEnding {
                seenSignals = wakeup.signals
                let now = ports.clock.now
                if now < latest { clockWasSetBack(now) }
                latest = now
                options.heartbeat()
                for name in dueResources(now) {
                    group.addTask { await self.drive(name) }
                }
                tellReadiness(started: started, now)
                let sleep = nextSleep(now, started: started)
                let clock = ports.clock
                await wakeup.wait(since: seenSignals) { try await clock.sleep(for: sleep) }
            }
            await stop()
        }
        await keepAnswers()
        for (name, runtime) in runtimes {
            for mail in runtime.mail { mail.reply?.resume(returning: .unavailable(Self.stoppingFailure)) }
            runtimes[name]?.mail = []
        }
    }

    /// Nothing is begun any more.
    var isEnding: Bool { stopping || Task.isShuttingDownGracefully || Task.isCancelled }

    /// True when nothing is at work and nothing is due: the loop sleeps, and has seen every signal. For whoever drives
    /// the clock. Resources in `ignored` may be at work.
    package func isIdle(ignoring ignored: Set<String> = []) -> Bool {
        seenSignals == wakeup.signals && runtimes.allSatisfy { !$0.value.driven || ignored.contains($0.key) }
    }

    /// Waits for the regenerates that were sent.
    private func stop() async {
        stopping = true
        calls.close()
        deliveries.close()
        let clock = ports.clock
        let interval = min(options.longestSleep, .seconds(5))
        seenSignals = wakeup.signals
        while regeneratesUnderWay > 0, !Task.isCancelled {
            options.heartbeat()
            options.awaitingRegenerates(regeneratesUnderWay)
            await wakeup.wait(since: seenSignals) { try await clock.sleep(for: interval) }
            seenSignals = wakeup.signals
        }
    }

    /// Answers that the ledger could not take until now get one more try.
    private func keepAnswers() async {
        for (name, runtime) in runtimes where runtime.mail.first?.mustBeKept == true {
            await drive(name)
            guard runtimes[name]?.mail.first?.mustBeKept == true else { continue }
            logger.error(
                "stopping although the ledger cannot be written; listKeys will tell at the next start",
                metadata: ["resource": "\(name)", "detail": "\(runtime.ledgerFailure?.detail ?? "")"])
        }
    }

    /// Instants that waits were counted to may be far away now; the machines see to that when they are woken.
    private func clockWasSetBack(_ now: Instant) {
        for (name, runtime) in runtimes {
            if let retryAt = runtime.ledgerRetryAt { runtimes[name]?.ledgerRetryAt = min(retryAt, now) }
            runtimes[name]?.mail.append(Mail(event: .woke))
        }
    }

    /// Marks as driven, and returns, the resources that have mail or whose time has come.
    private func dueResources(_ now: Instant) -> [String] {
        var due: [String] = []
        for (name, runtime) in runtimes where !runtime.driven {
            guard let dueAt = runtime.dueAt(now), dueAt <= now else { continue }
            if runtime.mail.isEmpty { runtimes[name]?.mail.append(Mail(event: .woke)) }
            runtimes[name]?.driven = true
            due.append(name)
        }
        return due.sorted()
    }

    private func nextSleep(_ now: Instant, started: Instant) -> Duration {
        var next = now + options.longestSleep
        for runtime in runtimes.values where !runtime.driven {
            if let dueAt = runtime.dueAt(now) { next = min(next, dueAt) }
        }
        if !readyTold { next = min(next, started + options.readinessLimit) }
        return max(next - now, .milliseconds(1))
    }

    private func tellReadiness(started: Instant, _ now: Instant) {
        guard !readyTold else { return }
        guard runtimes.values.allSatisfy(\.settledIn) || now - started >= options.readinessLimit || now < started else {
            return
        }
        readyTold = true
        options.ready()
    }

    /// Swaps the set of resources: new ones are taken up, changed ones are told, those gone are let go after the step
    /// that is under way.
    package func reconfigure(_ resources: [ManagedResource]) {
        let wanted = Dictionary(resources.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for name in runtimes.keys where wanted[name] == nil {
            runtimes[name]?.successor = .some(nil)
        }
        for resource in resources {
            guard let runtime = runtimes[resource.name] else {
                takeUp(resource)
                continue
            }
            if runtime.resource.id != resource.id {
                runtimes[resource.name]?.successor = .some(resource)
            } else {
                runtimes[resource.name]?.successor = nil
                runtimes[resource.name]?.mail.append(Mail(event: .reconfigured(resource.settings)))
            }
        }
        for (name, runtime) in runtimes where !runtime.driven { replaceIfAsked(name) }
        options.changed()
        wakeup.signal()
    }

    private func takeUp(_ resource: ManagedResource) {
        let stored = dormant.removeValue(forKey: resource.name)
        if let stored, stored.id != resource.id {
            logger.notice(
                "the name now stands for another Azure resource, which is adopted anew",
                metadata: ["resource": "\(resource.name)", "id": "\(resource.id)", "earlier-id": "\(stored.id)"])
        }
        let record = stored?.id == resource.id ? stored?.record : nil
        let machine = RotationMachine(settings: resource.settings, record: record ?? RotationRecord())
        runtimes[resource.name] = ResourceRuntime(
            resource: resource, machine: machine, mail: [Mail(event: .started)], healthSince: ports.clock.now)
    }

    /// Carries out a removal, or a change of the Azure resource behind a name, that waited for the driver to end. It
    /// waits on when an answer is not on record yet.
    func replaceIfAsked(_ name: String) {
        guard let runtime = runtimes[name], let successor = runtime.successor, runtime.mail.first?.mustBeKept != true
        else { return }
        for mail in runtime.mail { mail.reply?.resume(returning: .gone) }
        runtimes[name] = nil
        dormant[name] = StoredRotation(name: name, id: runtime.resource.id, record: runtime.machine.record)
        if let resource = successor { takeUp(resource) }
    }
}
