import Rotation

/// What can be counted and measured of one resource, beside its status.
package struct ResourceFigures: Hashable, Sendable {
    package var status: ResourceStatus
    /// Failures in a row of the steps that fail at present.
    package var failures: [Trouble.Step: Int]
}

extension EngineCore {
    /// The figures of every resource of the running configuration, by name.
    package func figures(_ now: Instant) -> [ResourceFigures] {
        status(now).compactMap { status in
            guard let runtime = runtimes[status.name] else { return nil }
            return ResourceFigures(
                status: status,
                failures: Dictionary(runtime.machine.record.troubles.map { ($0.step, $0.count) }, uniquingKeysWith: max)
            )
        }
    }
}

extension RotationEngine {
    /// The figures of every resource of the running configuration, by name.
    package func figures() -> [ResourceFigures] { core.figures(ports.clock.now) }
}
