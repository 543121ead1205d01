import Rotation

extension EngineCore {
    /// Hands an operator's command to the resource. The outcome when it can be told at once; nil when it comes as a
    /// message with the command's number.
    package func submit(_ event: Event, to name: String, command: Int) -> CommandOutcome? {
        guard let runtime = runtime(name), !runtime.isLeaving else { return .gone }
        if let failure = runtime.ledgerFailure, !runtime.mail.isEmpty { return .unavailable(failure) }
        // Nothing else waits for the ledger: the command is what tries it again.
        runtime.ledgerRetryAt = nil
        runtime.mail.append(Mail(event: event, command: command))
        return nil
    }

    /// What a rotation request would be answered now, and the key type it would regenerate.
    package func preview(
        _ name: String, _ kind: RotationKind, _ now: Instant
    ) -> (outcome: CommandOutcome, keyType: KeyType?) {
        guard let runtime = runtime(name), !runtime.isLeaving else { return (.gone, nil) }
        let blocker = runtime.machine.rotationRefusal(now, kind)
        return (blocker.map(CommandOutcome.refused) ?? .accepted, runtime.machine.nextKeyType)
    }
}
