extension RotationMachine {
    /// Who waits for the listing that it wants: nobody, where nothing is under way and nothing is due, and only another
    /// hand can have changed anything.
    package func urgency(_ now: Instant) -> Urgency {
        guard record.phase.isSettled, let current = record.current, lookedOnce, record.troubles.isEmpty,
            record.watch.isEmpty, record.unconfirmedOverlap == nil, untold.isEmpty, !secretsDiffer(from: current)
        else { return .work }
        guard let workInstant, workInstant <= now else { return .driftCheck }
        return .work
    }
}
