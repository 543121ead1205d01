import Rotation
import RotationEngine

/// What a regenerate that is sent means for laws 1, 2, 3, 6 and 9.
extension World {
    func checkSend(_ keyType: KeyType, _ service: Int, _ resource: ManagedResource) {
        guard let file = file(named: resource.name) else {
            return fail(0, resource.name, "a regenerate is sent for a resource that the configuration does not have")
        }
        if !files[file].isManaged {
            fail(6, resource.name, "a regenerate is sent for a resource that left the configuration")
        }
        if files[file].service != service {
            fail(1, resource.name, "a regenerate is sent for another resource than the one that has this name")
        }
        // What a hand does after the look is not seen any more.
        let isGraced = facts[service].tamperedAt >= files[file].lookedAt
        checkPublishedKey(keyType, file, isGraced: isGraced)
        checkUndecided(keyType, service, file)
        if let open = facts[service].openRequest {
            fail(2, resource.name, "a regenerate is sent while number \(open) is not decided")
        }
        checkOverlap(keyType, service, file, isGraced: isGraced)
        checkDelivered(file, resource)
        checkReason(keyType, service, file)
        checkPatience(service, file)
        if !isGraced { checkProven(service, file) }
        if let contradiction = facts[service].contradiction {
            fail(9, resource.name, "a regenerate is sent although \(contradiction)")
        }
    }

    private func checkPublishedKey(_ keyType: KeyType, _ file: Int, isGraced: Bool) {
        let seen = files[file]
        guard let last = seen.lastKey else {
            return fail(1, seen.name, "a regenerate is sent before anything is published")
        }
        if services[seen.service].keys[last].keyType == keyType, !isGraced {
            fail(1, seen.name, "a regenerate of \(keyType) is sent, which is what consumers are told to use")
        }
    }

    private func checkUndecided(_ keyType: KeyType, _ service: Int, _ file: Int) {
        for (number, request) in services[service].requests.enumerated().suffix(6)
        where request.keyType != keyType && request.isPending && now - request.sentAt <= request.settle {
            fail(2, files[file].name, "regenerate number \(number) of \(request.keyType) may still run")
        }
    }

    private func checkOverlap(_ keyType: KeyType, _ service: Int, _ file: Int, isGraced: Bool) {
        let dying = services[service].living[SimulatedService.slot(keyType)]
        // By Azure's clock, of which one server told when it began, and another that it ends.
        for old in files[file].replaced
        where old.key == dying && old.goodUntil > now + clockSpread * 2 && !isGraced {
            fail(
                3, files[file].name,
                "\(keyType) is regenerated \(old.goodUntil - now) before the overlap of its old key ends")
        }
        checkFound(dying, service, file)
    }

    /// What another hand made of the other key may be in use by those who took it from Azure.
    private func checkFound(_ index: Int, _ service: Int, _ file: Int) {
        let key = services[service].keys[index]
        guard let foundAt = key.foundAt, key.publishedAt == nil,
            // Where this machine's clock is wrong, Azure's whole seconds count.
            foundAt + min(key.foundOverlap, overlap(of: service, rotating: false))
                > now + clockSpread * 2 + .seconds(1),
            !policies(of: service).contains(where: \.retire),
            services[service].keys[..<index].contains(where: { $0.keyType == key.keyType })
        else { return }
        fail(
            3, files[file].name,
            "\(key.keyType) is regenerated \(now - foundAt) after it was found that it had changed")
    }

    /// That signed calls work here is tried with the published key, or a new one could never be told from a bad one.
    private func checkProven(_ service: Int, _ file: Int) {
        guard policies(of: service).allSatisfy({ $0.verification != nil }), let last = files[file].lastKey else {
            return
        }
        let key = services[service].keys[last]
        if !key.lastProbeSucceeded || now - key.probedAt > .seconds(120) {
            fail(
                4, files[file].name, "a regenerate is sent without a signed call that succeeded with the published key")
        }
    }

    private func checkDelivered(_ file: Int, _ resource: ManagedResource) {
        let seen = files[file]
        guard now - facts[seen.service].policyChangedAt > .seconds(600) else { return }
        for consumer in resource.settings.consumers where seen.told[consumer] ?? .distantPast < seen.since {
            fail(2, seen.name, "a regenerate is sent although \(consumer) was not told of the published key")
        }
    }

    private func checkReason(_ keyType: KeyType, _ service: Int, _ file: Int) {
        let name = files[file].name
        let policies = policies(of: service)
        let isRequested = facts[service].isRequested || facts[service].compromiseLeft > 0
        if facts[service].isPaused || policies.allSatisfy({ $0.mode == .paused }) {
            return fail(6, name, "a regenerate is sent although rotations are stopped")
        }
        if isRequested { return }
        checkHours(file, policies)
        let isRetirement = checkSchedule(keyType, service, file, policies)
        guard !isRetirement else {
            if policies.allSatisfy({ $0.stopAfter != nil }) { facts[service].unclearAttemptAt = now }
            return
        }
        checkPeers(file, policies)
        checkPunctual(file, policies)
    }

    /// What nothing hinders begins when its calendar elapses, not some hours later.
    private func checkPunctual(_ file: Int, _ policies: [Policy]) {
        guard policies.count == 1, let timing = policies[0].timing, let calendar = calendars[timing],
            hours[timing] == nil,
            policies[0].jitter == .zero, spread == .zero, policies[0].canary == nil, policies[0].stopAfter == nil,
            !policies[0].retire,
            clockError == .zero
        else { return }
        let service = files[file].service
        let elapse = calendar.last(until: now)
        // What went wrong before may have begun an overlap anew when it was seen.
        let calm = calmSince(service) + patience(service) + longestOverlap(service)
        if calm < elapse, now - elapse > .seconds(900) {
            fail(7, files[file].name, "a regenerate is sent \(now - elapse) after it was due at \(elapse)")
        }
    }

    /// True when it may be a retirement, which follows no schedule.
    private func checkSchedule(_ keyType: KeyType, _ service: Int, _ file: Int, _ policies: [Policy]) -> Bool {
        let name = files[file].name
        let dying = services[service].livingKey(keyType)
        // A retirement may meet a key that changed after the look before it, as by its own late predecessor.
        let isUnseen = now - dying.bornAt < .seconds(120) + longestLag(service)
        let problem = scheduleProblem(service, file, policies)
        if policies.contains(where: \.retire), dying.publishedAt != nil || isUnseen {
            if problem != nil { facts[service].retiredAt = now }
            return true
        }
        if let problem { fail(6, name, problem) }
        return false
    }

    /// Why the schedule does not want a rotation now; nil when it may.
    private func scheduleProblem(_ service: Int, _ file: Int, _ policies: [Policy]) -> String? {
        // A string that another hand put there is as old as whatever stands beside it says.
        guard let last = files[file].lastKey, let orderedAt = services[service].keys[last].orderedAt,
            !services[service].keys[last].wasPlacedByHand,
            // Nor does anything else tell of one that was dated by a wrong clock, where the ledger was lost or no listing had a
            // date.
            services[service].keys[last].orderError >= .zero
                || facts[service].ledgerLostAt < orderedAt && scenario.plan[.oddDate] == 0
        else { return nil }
        guard let earliest = policies.filter({ $0.mode == .auto }).map({ earliest($0, since: orderedAt) }).min() else {
            return "a regenerate is sent and nobody asked for it"
        }
        guard now < earliest else { return nil }
        return "a regenerate is sent \(now - orderedAt) after the last publication, \(earliest - now) too early"
    }

    /// Before which no rotation may begin.
    private func earliest(_ policy: Policy, since publishedAt: Instant) -> Instant {
        // Either clock reading may be five minutes off before the daemon refuses to go by its clock. And a rotation that
        // took a while, or came up to an hour late, does not put off the next one.
        guard let calendar = policy.timing.flatMap({ calendars[$0] }) else {
            return publishedAt + policy.every - .seconds(600) - min(policy.every / 20, .seconds(3600))
        }
        return calendar.next(
            after: publishedAt + policy.overlap - max(policy.jitter, spread) - .seconds(4200)) - .seconds(600)
    }

    /// Nothing that the schedule wants begins outside the windows or in a freeze, unless the key gets too old.
    private func checkHours(_ file: Int, _ policies: [Policy]) {
        // Either clock reading may be five minutes off, and it takes a while from the decision to the request.
        let margin = Duration.seconds(600)
        guard
            policies.allSatisfy({ policy in
                policy.timing.flatMap { hours[$0] }.map { !$0.isOpen(from: now - margin, to: now + margin) } ?? false
            })
        else { return }
        let isDeadline = policies.contains { policy in
            guard policy.onDeadline == .rotate, let last = files[file].lastKey,
                let orderedAt = services[files[file].service].keys[last].orderedAt
            else { return false }
            return now - orderedAt >= policy.effectiveMaxAge - policy.rotationTime - spread - margin
        }
        guard !isDeadline, let last = files[file].lastKey, !services[files[file].service].keys[last].wasPlacedByHand
        else { return }
        fail(6, files[file].name, "a regenerate is sent outside the windows, or in a freeze")
    }
}
