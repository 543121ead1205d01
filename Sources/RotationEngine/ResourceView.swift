import Rotation

/// Everything that is known of one resource at an instant. It holds no secret.
package struct ResourceView: Hashable, Sendable {
    package var status: ResourceStatus
    package var settings: RotationSettings
    package var record: RotationRecord
    /// When the published key becomes too old; nil before the first publication.
    package var ageLimit: Instant?
    /// What keeps the key from turning now; nil: nothing does.
    package var blocker: RotationBlocker?

    package init(
        status: ResourceStatus, settings: RotationSettings, record: RotationRecord, ageLimit: Instant?,
        blocker: RotationBlocker?
    ) {
        self.status = status
        self.settings = settings
        self.record = record
        self.ageLimit = ageLimit
        self.blocker = blocker
    }
}

extension EngineCore {
    /// Of those resources that the running configuration has, in the order of their names here.
    package func views(of names: [String], _ now: Instant) -> [ResourceView] {
        names.compactMap { name in
            guard let runtime = runtimes[name], !runtime.isLeaving else { return nil }
            let machine = runtime.machine
            return ResourceView(
                status: status(of: runtime, now), settings: machine.settings, record: machine.record,
                ageLimit: machine.ageLimit, blocker: machine.rotationBlocker(now, requested: false))
        }
    }
}

extension RotationEngine {
    /// Of those resources that the running configuration has, in the order of their names here.
    package func views(of names: [String]) -> [ResourceView] { core.views(of: names, ports.clock.now) }
}
