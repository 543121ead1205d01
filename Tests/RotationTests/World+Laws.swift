import Rotation

extension World {
    /// Clocks may differ by five minutes without being wrong, once when a promise is made and once when it ends.
    private static let slack: Duration = .seconds(600)

    func checkLawful(_ intent: Intent, _ before: RotationMachine) throws {
        let record = before.record
        try require(intent.keyType == record.current?.keyType.other, "regenerates the current key type")
        try require(record.phase == .settled, "regenerates in the phase \(record.phase)")
        try require(record.hold == nil && !machine.isPaused, "regenerates although held or paused")
        try require(record.previousGoodUntil ?? now <= now, "regenerates within the overlap")
        try require(Set(before.settings.consumers).isSubset(of: record.told), "regenerates before all were told")
        try require(machine.record.phase == .regenerating(intent), "regenerates without a record of it")
        try require(intent.before == listing, "regenerates without a fresh listing")
        try require(
            policy.mode != .manual || record.request != nil || intent.purpose == .retirement,
            "regenerates although nobody asked")
        if let trouble = record.troubles.first(where: { $0.step == .regenerate }) {
            try require(trouble.retryAt <= now, "regenerates before the retry is due at \(trouble.retryAt)")
        }
        let victim = azure.keys[intent.keyType]
        try require(victim != lastPublished, "kills the published key \(victim)")
        if let promise = promises[victim] {
            try require(promise <= time + Self.slack, "kills a key that was promised to work until \(promise)")
        }
        for name in before.settings.consumers where consumers[name] == victim {
            throw violation("kills the key that \(name) still uses")
        }
        try require(sent.isSubset(of: [intent.keyType]), "regenerates a second key type before publishing")
        try require(abs(listedClockError) <= .seconds(300), "regenerates with a clock \(listedClockError) off")
    }

    func checkLawful(_ order: PublicationOrder) throws {
        try require(order.fingerprint == listing?[order.keyType], "publishes a key that was not listed")
        if let previous = order.previous {
            try require(previous == listing?[order.keyType.other], "publishes a previous key that was not listed")
        }
        let known = everPublished.contains(order.fingerprint) || record.current?.fingerprint == order.fingerprint
        if alwaysVerified, !known {
            var needed = 1
            if case .publishing(let candidate, _) = record.phase, candidate.purpose == .rotation {
                needed = policy.verification?.probes ?? 0
            }
            // What no call says anything about only replaces what is dead.
            if case .publishing(let candidate, _) = record.phase, candidate.isUnproven == true {
                let isDead = record.current.map { listing?[$0.keyType] != $0.fingerprint } ?? false
                try require(candidate.purpose == .mending && isDead, "publishes an unproved key without need")
                needed = 0
            }
            try require(successes[order.fingerprint] ?? 0 >= needed, "publishes an unproved key")
        }
        if let files, let version = files.version, !tampered {
            let same = version == order.version && files.fingerprint == order.fingerprint
            try require(version < order.version || same, "publishes version \(order.version) over \(version)")
        }
        if case .publishing(_, let recorded) = record.phase {
            try require(recorded == order, "publishes without a record of it")
        }
    }

    /// What must be so after every event.
    func checkAlways() throws {
        if case .regenerating = record.phase {
            try require(machine.awaited?.isRegenerate == true, "in regenerating, but nothing is on its way")
        } else {
            try require(machine.awaited?.isRegenerate != true, "a regenerate is on its way in \(record.phase)")
        }
        try require(machine.awaited != nil || machine.nextWake != nil, "nothing will ever wake it")
        if record.hold != nil {
            try require(machine.health(now).name == "held", "held, but its health is \(machine.health(now))")
        }
        if case .degraded(.keyTooOld) = machine.health(now) {
            try require(machine.explanation(now) != nil, "no explanation")
        }
        let steps = record.troubles.map(\.step)
        try require(Set(steps).count == steps.count, "two troubles with one step")
    }

    func require(_ condition: Bool, _ sentence: @autoclosure () -> String) throws {
        if !condition { throw violation(sentence()) }
    }

    func violation(_ sentence: String) -> Violation {
        Violation(description: "\(sentence); \(record)")
    }
}

private func abs(_ duration: Duration) -> Duration {
    duration < .zero ? .zero - duration : duration
}
