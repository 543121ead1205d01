import AzureKeys
import EventCatalog
import KeyturnConfig
import Logging
import Rotation
import RotationEngine
import SecretsDirectory
import ServiceLifecycle

/// Looks for resources in Azure, as the rules under `discover` say: takes up those that appear and lets go those that
/// vanish. Whatever cannot be told changes nothing.
actor DiscoveryService: Service {
    private let set: RunningSet
    private let fleet: AzureFleet
    private let ledger: LedgerAdapter
    private let engine: RotationEngine
    let board: DiscoveryBoard
    private let logger: Logger
    private let wakeup = Wakeup()
    /// When each rule is followed next.
    private var dues: [Configuration.DiscoveryRule: ContinuousClock.Instant] = [:]
    /// The configuration of the files that `dues` is of.
    private var fileGeneration = -1
    /// What was told and is still so.
    private var toldFailures: [Configuration.DiscoveryRule: Reason] = [:]
    private var toldRefusals: Set<Configuration.Enrolment.Refusal> = []
    private var toldLedgerFailure = false
    /// Whether what is on record was made for files that were read anew before it could be taken over.
    private var ledgerIsAhead = false
    private var toldPruneFailures: [String: String] = [:]

    /// After a look that failed, and before the next try to remove files that are still in use.
    private static let retry = Duration.seconds(300)
    private static let pruneRetry = Duration.seconds(5)
    private static let longestSleep = Duration.seconds(3600)

    init(
        set: RunningSet, fleet: AzureFleet, ledger: LedgerAdapter, engine: RotationEngine, board: DiscoveryBoard,
        logger: Logger
    ) {
        self.set = set
        self.fleet = fleet
        self.ledger = ledger
        self.engine = engine
        self.board = board
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.loop() }
    }

    /// The files were read anew: every rule is followed now.
    nonisolated func signal() {
        wakeup.signal()
    }

    private func loop() async {
        while !Task.isCancelled {
            let seen = wakeup.signals
            let wait = await step()
            let clock = SystemClock()
            await wakeup.wait(since: seen) { try await clock.sleep(for: wait) }
        }
    }

    /// Follows the rules that are due; how long there is nothing to do then.
    private func step() async -> Duration {
        let state = await set.state
        let rules = state.file.configuration.discover
        if state.fileGeneration != fileGeneration {
            fileGeneration = state.fileGeneration
            dues = [:]
            toldFailures = toldFailures.filter { rules.contains($0.key) }
            board.forget(otherThan: rules)
            tell(state.file.configuration.enrolling(state.discovered).refusals)
        }
        if ledgerIsAhead { await recordWhatIsInForce(state.discovered) }
        let now = ContinuousClock.now
        let due = rules.filter { dues[$0] ?? now <= now }
        if !due.isEmpty { await follow(due, state) }
        let isPruning = await prune()
        var next = Self.longestSleep
        for case let at? in rules.map({ dues[$0] }) { next = min(next, at - .now) }
        if isPruning || ledgerIsAhead { next = min(next, Self.pruneRetry) }
        return max(next, .zero)
    }

    private typealias State = (file: LoadedConfiguration, fileGeneration: Int, discovered: [DiscoveredResource])

    private func follow(_ due: [Configuration.DiscoveryRule], _ state: State) async {
        // At the same time, for one that hangs would keep the others waiting.
        let listings = await withTaskGroup(of: DiscoveryRound.Listing?.self) { group in
            for rule in due { group.addTask { await self.list(rule) } }
            var listings: [DiscoveryRound.Listing] = []
            for await case let listing? in group { listings.append(listing) }
            return listings
        }
        let round = DiscoveryRound(
            rules: state.file.configuration.discover,
            configured: Set(state.file.resources.map(\.id)), known: state.discovered, listings: listings)
        let gone = await confirmed(round.suspects)
        let names = Dictionary(
            set.running.value.resources.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        let outcome = round.outcome(gone: gone, names: names, now: SystemClock().now)
        guard !Task.isCancelled, outcome.known != state.discovered else { return }
        await keep(outcome, instead: state, names)
    }

    /// nil when it failed.
    private func list(_ rule: Configuration.DiscoveryRule) async -> DiscoveryRound.Listing? {
        let scope: ARMScope =
            if let group = rule.resourceGroup {
                .resourceGroup(subscription: rule.subscription, name: group)
            } else {
                .subscription(rule.subscription)
            }
        do throws(Failure) {
            let services = try await fleet.clients(rule.credential).resourceManager.servicesIfThere(
                in: scope, urgency: .driftCheck)
            guard let services else {
                // Nothing is in it, which is as well a mistake in the rule.
                failed(rule, Failure(.notFound, "Azure does not find \(scope)"))
                return DiscoveryRound.Listing(rule: rule, services: [])
            }
            dues[rule] = .now + rule.interval
            if toldFailures.removeValue(forKey: rule) != nil {
                logger.log(.discoveryRecovered, metadata: ["scope": "\(rule.scope)"])
            }
            board.listed(rule, at: SystemClock().now)
            return DiscoveryRound.Listing(rule: rule, services: services.map { DiscoveryRound.Found($0) })
        } catch {
            if !Task.isCancelled { failed(rule, error) }
            return nil
        }
    }

    private func failed(_ rule: Configuration.DiscoveryRule, _ failure: Failure) {
        dues[rule] = .now + min(rule.interval, max(Self.retry, failure.retryAfter ?? .zero))
        board.failed(rule, failure, at: SystemClock().now)
        guard toldFailures.updateValue(failure.reason, forKey: rule) != failure.reason else { return }
        tellFailure(in: rule.scope, failure)
    }

    private func tellFailure(in scope: String, _ failure: Failure) {
        var metadata: Logger.Metadata = ["scope": "\(scope)", "detail": "\(failure.detail)"]
        metadata.set(failure.reason)
        metadata["request-id"] = failure.requestID.map { "\($0)" }
        logger.log(.discoveryFailed, metadata: metadata)
    }

    /// Those that Azure, asked by name, does not have. A question without an answer is as if it had not been asked.
    private func confirmed(_ suspects: [DiscoveryRound.Suspect]) async -> Set<ResourceID> {
        var gone: Set<ResourceID> = []
        for suspect in suspects {
            guard !Task.isCancelled else { return [] }
            do throws(Failure) {
                let client = fleet.clients(suspect.credential).resourceManager
                guard try await client.exists(suspect.id, urgency: .driftCheck) else {
                    gone.insert(suspect.id)
                    continue
                }
                logger.debug("a resource is there and not listed", metadata: ["id": "\(suspect.id)"])
            } catch {
                logger.debug(
                    "a resource is not listed, and whether it is there cannot be told",
                    metadata: ["id": "\(suspect.id)", "detail": "\(error.detail)"])
            }
        }
        return gone
    }

    /// What is not on record is not in force: a start without Azure would not know it.
    private func keep(_ outcome: DiscoveryRound.Outcome, instead state: State, _ names: [ResourceID: String]) async {
        do throws(Failure) {
            try await ledger.saveDiscovered(outcome.known)
        } catch {
            if !toldLedgerFailure {
                tellFailure(in: Set(dues.keys.map(\.scope)).sorted().joined(separator: ", "), error)
            }
            toldLedgerFailure = true
            for rule in dues.keys { dues[rule] = .now + .seconds(60) }
            return
        }
        toldLedgerFailure = false
        guard let change = await set.take(outcome.known, madeFor: state.fileGeneration) else {
            ledgerIsAhead = true
            return wakeup.signal()
        }
        tell(outcome, change, names)
    }

    /// A restart would otherwise go on from what never was in force, and perhaps remove files by it.
    private func recordWhatIsInForce(_ discovered: [DiscoveredResource]) async {
        do throws(Failure) {
            try await ledger.saveDiscovered(discovered)
            ledgerIsAhead = false
        } catch {
            // The ledger tells of its own failures; it is tried again in the next step.
            logger.debug("what is discovered could not be recorded", metadata: ["detail": "\(error.detail)"])
        }
    }

    private func tell(
        _ outcome: DiscoveryRound.Outcome, _ change: RunningSet.Change, _ names: [ResourceID: String]
    ) {
        let now = Dictionary(change.resources.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        func log(_ event: DaemonEvent, _ id: ResourceID, _ name: String?) {
            logger.log(event, metadata: ["resource": "\(name ?? id.name)", "id": "\(id)"])
        }
        for id in outcome.vanished { log(.resourceVanished, id, names[id]) }
        for id in outcome.released { log(.resourceReleased, id, names[id]) }
        let former = Set(change.former.map(\.id))
        for (id, name) in now.sorted(by: { $0.value < $1.value }) where !former.contains(id) {
            log(.resourceDiscovered, id, name)
        }
        tell(change.refusals)
    }

    /// Each once, for as long as it is so.
    private func tell(_ refusals: [Configuration.Enrolment.Refusal]) {
        for refusal in refusals where !toldRefusals.contains(refusal) {
            logger.log(
                .discoveryRefused,
                metadata: ["resource": "\(refusal.name)", "id": "\(refusal.id)", "detail": "\(refusal.detail)"])
        }
        toldRefusals = Set(refusals)
    }

    /// Removes the files of vanished resources that the engine has let go. True when some are left to be removed.
    private func prune() async -> Bool {
        let state = await set.state
        var known = state.discovered
        var isLeft = false
        for resource in known {
            guard let name = resource.pruning else { continue }
            switch await prune(name, resource, state.file) {
            case .later: isLeft = true
            case .done: known.removeAll { $0.id == resource.id }
            }
        }
        guard known != state.discovered, !Task.isCancelled else { return isLeft }
        do throws(Failure) {
            try await ledger.saveDiscovered(known)
        } catch {
            // Removed they are; that is found out the next time.
            return true
        }
        guard await set.take(known, madeFor: state.fileGeneration) != nil else {
            ledgerIsAhead = true
            return true
        }
        return isLeft
    }

    private enum Pruning {
        case later, done
    }

    private func prune(
        _ name: String, _ resource: DiscoveredResource, _ file: LoadedConfiguration
    ) async -> Pruning {
        let rule = file.configuration.discover.first { $0.covers(resource.id, tags: resource.tags) }
        let isNamedAgain = set.running.value.resources.contains { $0.name == name }
        // Decided otherwise meanwhile.
        guard rule?.prune == true, !isNamedAgain else { return .done }
        guard await !engine.isManaging(name) else { return .later }
        let secrets = file.secrets
        do throws(Failure) {
            let isGone = try await blocking(.publishFailed) { () throws(Failure) in try secrets.remove(name) }
            toldPruneFailures[name] = nil
            logger.log(
                .secretPruned,
                metadata: [
                    "resource": "\(name)", "id": "\(resource.id)", "path": "\(secrets.path)/\(name)",
                    "detail": isGone ? "the directory is gone" : "files of somebody else's are left in the directory",
                ])
            return .done
        } catch {
            if toldPruneFailures.updateValue(error.detail, forKey: name) != error.detail {
                logger.log(.pruneFailed, metadata: ["resource": "\(name)", "detail": "\(error.detail)"])
            }
            return .later
        }
    }
}
