import Rotation

/// One resource as an operator sees it. It holds no secret.
package struct ResourceStatus: Hashable, Sendable {
    package var name: String
    package var id: ResourceID
    /// The phase's name; `held` while a hold is on and nothing is being mended.
    package var phase: String
    /// Of the published key; nil before the first publication.
    package var publication: Publication?
    package var previousGoodUntil: Instant?
    /// The next scheduled rotation; nil when none is planned.
    package var nextAt: Instant?
    package var nextKeyType: KeyType?
    package var health: Health
    package var detail: String?
    package var since: Instant
    /// The policy's word for how a key may turn.
    package var mode: Policy.Mode
    /// Who stopped rotations, whatever else there is to say; nil: nobody.
    package var pausedBy: String?
    /// Regenerates put on record so far.
    package var regenerations: Int
    /// Since when, until when and why rotations are stopped by an operator, as far as that is known.
    package var pausedSince: Instant?
    package var pausedUntil: Instant?
    package var pauseReason: String?
    package var policyName: String
    /// When the published key becomes too old; nil before the first publication.
    package var ageLimit: Instant?
    /// Consumers of the configuration that were not told of the published version yet.
    package var undelivered = 0

    package init(
        name: String, id: ResourceID, phase: String, publication: Publication? = nil,
        previousGoodUntil: Instant? = nil, nextAt: Instant? = nil, nextKeyType: KeyType? = nil, health: Health,
        detail: String? = nil, since: Instant, mode: Policy.Mode = .auto, pausedBy: String? = nil,
        regenerations: Int = 0, pausedSince: Instant? = nil, pausedUntil: Instant? = nil, pauseReason: String? = nil,
        policyName: String = "", ageLimit: Instant? = nil, undelivered: Int = 0
    ) {
        self.name = name
        self.id = id
        self.phase = phase
        self.publication = publication
        self.previousGoodUntil = previousGoodUntil
        self.nextAt = nextAt
        self.nextKeyType = nextKeyType
        self.health = health
        self.detail = detail
        self.since = since
        self.mode = mode
        self.pausedBy = pausedBy
        self.regenerations = regenerations
        self.pausedSince = pausedSince
        self.pausedUntil = pausedUntil
        self.pauseReason = pauseReason
        self.policyName = policyName
        self.ageLimit = ageLimit
        self.undelivered = undelivered
    }
}

/// What can be told of one resource beside its status. It holds no secret.
package struct ResourceDetails: Hashable, Sendable {
    package var record: RotationRecord
    /// Who is to be told of a new version, by stable id.
    package var consumers: [String]
    /// Signed calls that must succeed before a new key is published; nil: none.
    package var probes: Int?
}

extension EngineCore {
    /// Every resource of the running configuration, by name.
    package func status(_ now: Instant) -> [ResourceStatus] {
        runtimes.values
            .filter { !$0.isLeaving }
            .sorted { $0.resource.name < $1.resource.name }
            .map { status(of: $0, now) }
    }

    /// One resource of the running configuration; nil when there is no such one.
    package func status(_ name: String, _ now: Instant) -> ResourceStatus? {
        guard let runtime = runtime(name), !runtime.isLeaving else { return nil }
        return status(of: runtime, now)
    }

    /// Whether the resource was taken up and not let go yet: its files may still be written.
    package func isManaging(_ name: String) -> Bool { runtimes[name] != nil }

    /// What is on record of every resource of the running configuration, by name.
    package var records: [StoredRotation] {
        runtimes.values
            .filter { !$0.isLeaving }
            .sorted { $0.resource.name < $1.resource.name }
            .map { stored($0, $0.machine) }
    }

    /// What is on record of one resource, with what its configuration has to do with it; nil when there is no such one.
    package func details(_ name: String, _ now: Instant) -> (status: ResourceStatus, details: ResourceDetails)? {
        guard let runtime = runtimes[name], !runtime.isLeaving else { return nil }
        let settings = runtime.machine.settings
        let details = ResourceDetails(
            record: runtime.machine.record, consumers: settings.consumers,
            probes: settings.policy.verification?.probes)
        return (status(of: runtime, now), details)
    }

    func status(of runtime: ResourceRuntime, _ now: Instant) -> ResourceStatus {
        let machine = runtime.machine
        let record = machine.record
        let health = health(of: runtime, machine, now)
        let explanation = runtime.ledgerFailure.map { ($0.detail, runtime.healthSince) } ?? machine.explanation(now)
        let held = record.hold != nil && (record.phase == .settled || record.phase == .adopting)
        return ResourceStatus(
            name: runtime.resource.name, id: runtime.resource.id, phase: held ? "held" : record.phase.name,
            publication: record.current, previousGoodUntil: record.previousGoodUntil, nextAt: machine.nextRotation,
            nextKeyType: machine.nextKeyType, health: health, detail: explanation?.0,
            since: explanation?.1 ?? runtime.healthSince, mode: machine.settings.policy.mode,
            pausedBy: record.pausedBy, regenerations: record.regenerations, pausedSince: record.pausedSince,
            pausedUntil: record.pausedUntil, pauseReason: record.pauseReason,
            policyName: machine.settings.policyName, ageLimit: machine.ageLimit,
            undelivered: record.current == nil ? 0 : machine.untold.count)
    }

    private func health(of runtime: ResourceRuntime, _ machine: RotationMachine, _ now: Instant) -> Health {
        if runtime.isLedgerFailing, machine.record.hold == nil { return .degraded(.ledgerUnavailable) }
        return machine.health(now)
    }

    /// Keeps since when the health is what it is.
    func noteHealth(of runtime: ResourceRuntime, _ machine: RotationMachine, _ now: Instant) {
        let health = health(of: runtime, machine, now)
        guard health != runtime.health else { return }
        runtime.health = health
        runtime.healthSince = now
    }
}
