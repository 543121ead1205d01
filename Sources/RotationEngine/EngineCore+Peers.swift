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
        if let name = policy.canary, name != runtime.resource.name, let canary = runtimes[name],
            canary.successor == nil,
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
    ///
    /// - Parameter before: its machine until now.
    func wakePeers(of runtime: ResourceRuntime, since before: RotationMachine) {
        let policy = runtime.machine.settings.policy
        let after = runtime.machine
        if policy.canary == runtime.resource.name,
            after.boxedRecord != before.boxedRecord || after.isPaused != before.isPaused,
            after.record.phase != before.record.phase || isOtherwise(after, before)
        {
            for peer in waiting(besides: runtime) { peer.mail.append(Mail(event: .woke)) }
        } else if let limit = policy.stopAfter, after.attemptState?.state != before.attemptState?.state {
            // All of them are to say that they are stopped. But no more than these could begin; the others are woken in
            // their turn, or look around by themselves.
            let count = after.attemptState?.state == .failing ? Int.max : limit
            for peer in waiting(besides: runtime).prefix(count) { peer.mail.append(Mail(event: .woke)) }
        }
    }

    private func isOtherwise(_ after: RotationMachine, _ before: RotationMachine) -> Bool {
        after.record.hold != before.record.hold || after.record.troubles != before.record.troubles
            || after.isPaused != before.isPaused
    }

    /// Resources of the policy that their peers keep from rotating, the longest due first.
    private func waiting(besides runtime: ResourceRuntime) -> [ResourceRuntime] {
        runtimes.values
            .filter {
                $0 !== runtime && $0.policyName == runtime.policyName && $0.machine.peers != nil && $0.mail.isEmpty
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
