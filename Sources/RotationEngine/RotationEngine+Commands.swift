import Rotation

extension RotationEngine {
    /// Every resource of the running configuration, by name.
    package func status() -> [ResourceStatus] { core.status(ports.clock.now) }

    /// Whether the resource was taken up and not let go yet: its files may still be written.
    package func isManaging(_ name: String) -> Bool { core.isManaging(name) }

    /// One resource of the running configuration, with what is on record of it; nil when there is no such one.
    package func details(_ name: String) -> (status: ResourceStatus, details: ResourceDetails)? {
        core.details(name, ports.clock.now)
    }

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
    ///
    /// - Parameter reason: the operator's, for the history; a compromise has its own.
    package func rotate(
        _ name: String, actor: String, kind: RotationKind = .ordinary, reason: String? = nil
    ) async -> CommandOutcome {
        let preview = core.preview(name, kind, ports.clock.now).outcome
        guard preview == .accepted else { return preview }
        return await command(.rotationRequested(actor: actor, kind: kind, reason: reason), name)
    }

    /// What `rotate` would answer now, and the key type it would regenerate.
    package func preview(
        _ name: String, kind: RotationKind = .ordinary
    ) -> (outcome: CommandOutcome, keyType: KeyType?) {
        core.preview(name, kind, ports.clock.now)
    }

    /// No rotation of the resource until `until`; nil: until `resume`.
    package func pause(
        _ name: String, actor: String, until: Instant? = nil, reason: String? = nil
    ) async -> CommandOutcome {
        await command(.pauseRequested(actor: actor, until: until, reason: reason), name)
    }

    /// Ends a pause and a hold.
    package func resume(_ name: String, actor: String, reason: String? = nil) async -> CommandOutcome {
        await command(.resumeRequested(actor: actor, reason: reason), name)
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
