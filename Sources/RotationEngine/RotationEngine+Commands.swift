import Rotation

extension RotationEngine {
    /// Rotates now, under the laws. `.accepted` means that it is on record and begins; its progress is in `status`.
    package func rotate(_ name: String, actor: String) async -> CommandOutcome {
        guard let runtime = runtimes[name], runtime.successor == nil else { return .gone }
        if let blocker = runtime.machine.rotationRefusal(ports.clock.now) { return .refused(blocker) }
        return await command(.rotationRequested(actor: actor), name)
    }

    /// What `rotate` would answer now, and the key type it would regenerate.
    package func preview(_ name: String) -> (outcome: CommandOutcome, keyType: KeyType?) {
        guard let runtime = runtimes[name], runtime.successor == nil else { return (.gone, nil) }
        let blocker = runtime.machine.rotationRefusal(ports.clock.now)
        return (blocker.map(CommandOutcome.refused) ?? .accepted, runtime.machine.nextKeyType)
    }

    /// No rotation of the resource until `resume`.
    package func pause(_ name: String, actor: String) async -> CommandOutcome {
        await command(.pauseRequested(actor: actor), name)
    }

    /// Ends a pause and a hold.
    package func resume(_ name: String, actor: String) async -> CommandOutcome {
        await command(.resumeRequested(actor: actor), name)
    }

    static let stoppingFailure = Failure(.paused, "the daemon is stopping; ask again when it runs")

    private func command(_ event: Event, _ name: String) async -> CommandOutcome {
        guard !stopping else { return .unavailable(Self.stoppingFailure) }
        guard let runtime = runtimes[name], runtime.successor == nil else { return .gone }
        if let failure = runtime.ledgerFailure, !runtime.mail.isEmpty { return .unavailable(failure) }
        // Nothing else waits for the ledger: the command is what tries it again.
        runtimes[name]?.ledgerRetryAt = nil
        return await withCheckedContinuation { continuation in
            runtimes[name]?.mail.append(Mail(event: event, reply: continuation))
            wakeup.signal()
        }
    }
}
