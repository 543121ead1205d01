import Rotation

/// What resources of one policy have to do with each other: a canary that goes first, and `stopAfter`.
extension EngineCore {
    /// Tells the machine what its peers forbid, when that matters to it.
    func consultPeers(_ machine: inout RotationMachine, _ runtime: ResourceRuntime, _ now: Instant) {
        guard machine.hasPeers || machine.isKeptByPeers else { return }
        machine.peers = machine.asksPeers(now) ? blocker(machine, runtime, now) : nil
    }

    private func blocker(_ machine: RotationMachine, _ runtime: ResourceRuntime, _ now: Instant) -> PeerBlocker? {
        let policy = machine.settings.policy
        // What came of a peer is not known while it changes its name.
        let isMoving = waiting.values.contains { $0.settings.policyName == runtime.policyName }
        if isMoving, machine.attemptState?.state != .failing { return .wait }
        if let name = policy.canary, name != runtime.resource.name, let canary = runtimes[name],
            !canary.isLeaving,
            let blocker = machine.blocker(canary: canary.latest)
        {
            return blocker
        }
        guard let limit = policy.stopAfter else { return nil }
        var attempts: [(name: String, at: Instant, state: RotationMachine.AttemptState)] = []
        for peer in runtimes.values where peer !== runtime && peer.policyName == runtime.policyName {
            guard let (at, state) = peer.latest.attemptState else { continue }
            attempts.append((peer.resource.name, at, state))
        }
        // One that failed itself goes on with its retries.
        if case .failing = machine.attemptState?.state { return nil }
        return RotationMachine.blocker(stopAfter: limit, attempts: attempts)
    }

    /// Another state of a resource may be what its peers wait for.
    func wakePeers(of runtime: ResourceRuntime, _ news: RotationMachine.PeerNews) {
        let count =
            switch news {
            // All of them are to say that they are stopped.
            case .ofCanary, .failing: Int.max
            // No more than these could begin; the others are woken in their turn, or look around by themselves.
            case .other(let limit): limit
            }
        for peer in waiting(besides: runtime).prefix(count) { peer.mail.append(Mail(event: .woke)) }
    }

    /// It was waited for, and is there.
    func wakePeers(of resource: ManagedResource) {
        for peer in runtimes.values
        where peer.policyName == resource.settings.policyName && peer.machine.peers != nil && peer.mail.isEmpty {
            peer.mail.append(Mail(event: .woke))
        }
    }

    /// Resources of the policy that their peers keep from rotating, the longest due first.
    private func waiting(besides runtime: ResourceRuntime) -> [ResourceRuntime] {
        runtimes.values
            .filter {
                $0 !== runtime && $0.policyName == runtime.policyName && $0.machine.peers != nil
                    && !$0.machine.isPaused && $0.mail.isEmpty
            }
            .sorted { left, right in
                (left.machine.record.due?.at ?? .distantFuture, left.resource.name)
                    < (right.machine.record.due?.at ?? .distantFuture, right.resource.name)
            }
    }
}

extension ResourceRuntime {
    fileprivate var policyName: String { resource.settings.policyName }

    /// What it is about to be on record as.
    fileprivate var latest: RotationMachine { pending?.machine ?? machine }
}
