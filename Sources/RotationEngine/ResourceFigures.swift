import Rotation

/// What can be counted and measured of one resource, beside its status.
package struct ResourceFigures: Hashable, Sendable {
    package var status: ResourceStatus
    package var policyName: String
    /// From one rotation to the next, as the policy has it.
    package var period: Duration
    /// When the published key becomes too old; nil before the first publication.
    package var ageLimit: Instant?
    /// Consumers of the configuration that were not told of the published version yet.
    package var undelivered: Int
    /// Failures in a row of the steps that fail at present.
    package var failures: [Trouble.Step: Int]

    package init(
        status: ResourceStatus, policyName: String, period: Duration, ageLimit: Instant? = nil, undelivered: Int = 0,
        failures: [Trouble.Step: Int] = [:]
    ) {
        self.status = status
        self.policyName = policyName
        self.period = period
        self.ageLimit = ageLimit
        self.undelivered = undelivered
        self.failures = failures
    }
}

extension EngineCore {
    /// The figures of every resource of the running configuration, by name.
    package func figures(_ now: Instant) -> [ResourceFigures] {
        status(now).compactMap { status in
            guard let runtime = runtimes[status.name] else { return nil }
            let record = runtime.machine.record
            let settings = runtime.machine.settings
            let told = Set(record.told)
            return ResourceFigures(
                status: status, policyName: settings.policyName, period: settings.policy.every,
                ageLimit: runtime.machine.ageLimit,
                undelivered: record.current == nil ? 0 : settings.consumers.count { !told.contains($0) },
                failures: Dictionary(record.troubles.map { ($0.step, $0.count) }, uniquingKeysWith: max))
        }
    }
}

extension RotationEngine {
    /// The figures of every resource of the running configuration, by name.
    package func figures() -> [ResourceFigures] { core.figures(ports.clock.now) }
}
