import Rotation

extension EngineCore {
    /// Resources that readiness waits for: their first look has not ended, or consumers wait for a key of theirs.
    var unsettled: [String] {
        runtimes.filter { !$0.value.isLeaving && !$0.value.settledIn }.keys.sorted()
    }

    /// Every resource that is degraded or held, by name.
    func troubles(_ now: Instant) -> [ResourceTrouble] {
        status(now).compactMap { status in
            guard status.health != .paused, let reason = status.health.reason else { return nil }
            let runtime = runtimes[status.name]
            let failures =
                runtime?.ledgerFailure != nil ? runtime?.ledgerFailures : runtime?.machine.record.trouble?.count
            return ResourceTrouble(
                name: status.name, reason: reason, isHeld: status.health.name == "held", detail: status.detail,
                since: status.since, attempts: failures ?? 0)
        }
    }
}
