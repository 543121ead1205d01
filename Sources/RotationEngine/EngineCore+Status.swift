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

    package init(
        name: String, id: ResourceID, phase: String, publication: Publication? = nil,
        previousGoodUntil: Instant? = nil, nextAt: Instant? = nil, nextKeyType: KeyType? = nil, health: Health,
        detail: String? = nil, since: Instant, mode: Policy.Mode = .auto, pausedBy: String? = nil,
        regenerations: Int = 0
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
    }
}

extension EngineCore {
    /// Every resource of the running configuration, by name.
    package func status(_ now: Instant) -> [ResourceStatus] {
        runtimes.values
            .filter { $0.successor == nil }
            .sorted { $0.resource.name < $1.resource.name }
            .map { status(of: $0, now) }
    }

    /// Whether the resource was taken up and not let go yet: its files may still be written.
    package func isManaging(_ name: String) -> Bool { runtimes[name] != nil }

    /// What is on record of every resource of the running configuration, by name.
    package var records: [StoredRotation] {
        runtimes.values
            .filter { $0.successor == nil }
            .sorted { $0.resource.name < $1.resource.name }
            .map { stored($0, $0.machine) }
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
            pausedBy: record.pausedBy, regenerations: record.regenerations)
    }

    private func health(of runtime: ResourceRuntime, _ machine: RotationMachine, _ now: Instant) -> Health {
        if runtime.ledgerFailure != nil, machine.record.hold == nil { return .degraded(.ledgerUnavailable) }
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
