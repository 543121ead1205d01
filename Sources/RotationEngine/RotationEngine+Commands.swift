import Rotation

extension RotationEngine {
    /// Every resource of the running configuration, by name.
    package func status() -> [ResourceStatus] { core.status(ports.clock.now) }

    /// Whether the resource was taken up and not let go yet: its files may still be written.
    package func isManaging(_ name: String) -> Bool { core.isManaging(name) }

    /// Resources of which consumers have no file at all, as last seen, by name.
    package func resourcesWithoutFiles() -> [String] {
        let names = Set(core.status(ports.clock.now).map(\.name))
        return withoutFiles.keys.filter(names.contains).sorted()
    }

    /// Resources that were not looked at yet, or for which Azure has not answered yet, by name.
    package func unsettledResources() -> [String] { core.unsettled }

    /// What is on record of every resource of the running configuration, by name.
    package func records() -> [StoredRotation] { core.records }

    /// Rotates now, under the laws. `.accepted` means that it is on record and begins; its progress is in `status`.
    package func rotate(
        _ name: String, actor: String, kind: RotationKind = .ordinary
    ) async -> CommandOutcome {
        let preview = core.preview(name, kind, ports.clock.now).outcome
        guard preview == .accepted else { return preview }
        return await command(.rotationRequested(actor: actor, kind: kind), name)
    }

    /// What `rotate` would answer now, and the key type it would regenerate.
    package func preview(
        _ name: String, kind: RotationKind = .ordinary
    ) -> (outcome: CommandOutcome, keyType: KeyType?) {
        core.preview(name, kind, ports.clock.now)
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
        commands += 1
        let command = commands
        if let outcome = core.submit(event, to: name, command: command) { return outcome }
        return await withCheckedContinuation { continuation in
            callers[command] = continuation
            wakeup.signal()
        }
    }
}
