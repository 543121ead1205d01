import Rotation

extension EngineCore {
    /// Who waits for the `listKeys` that the resource is about to make.
    package func urgency(_ name: String, _ now: Instant) -> Urgency {
        guard let runtime = runtimes[name], !runtime.hasCommand, runtime.ledgerFailure == nil else { return .work }
        return runtime.machine.urgency(now)
    }
}
