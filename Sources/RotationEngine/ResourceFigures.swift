import Rotation

/// What can be counted and measured of one resource, beside its status.
package struct ResourceFigures: Hashable, Sendable {
    package var status: ResourceStatus
    /// From one rotation to the next, as the policy has it.
    package var period: Duration
    /// Failures in a row of the steps that fail at present.
    package var failures: [Trouble.Step: Int]

    package init(
        status: ResourceStatus, period: Duration, failures: [Trouble.Step: Int] = [:]
    ) {
        self.status = status
        self.period = period
        self.failures = failures
    }
}

extension EngineCore {
    /// The figures of every resource of the running configuration, by name.
    package func figures(_ now: Instant) -> [ResourceFigures] {
        status(now).compactMap { status in
            guard let runtime = runtimes[status.name] else { return nil }
            return ResourceFigures(
                status: status, period: runtime.machine.settings.policy.every,
                failures: Dictionary(runtime.machine.record.troubles.map { ($0.step, $0.count) }, uniquingKeysWith: max)
            )
        }
    }
}

extension RotationEngine {
    /// The figures of every resource of the running configuration, by name.
    package func figures() -> [ResourceFigures] { core.figures(ports.clock.now) }
}
