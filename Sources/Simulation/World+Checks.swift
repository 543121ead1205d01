import Rotation
import RotationEngine

/// What must be so after a while without faults: laws 3, 7 and 9.
extension World {
    static let checkInterval = Duration.seconds(10 * 86_400)

    func check() {
        queue.add(.check, at: now + Self.checkInterval)
        checkReady()
        checkAnswered()
        for file in files.indices where files[file].isManaged {
            if let broken = files[file].brokenSince { checkBroken(file, since: broken) }
            checkPause(file)
            checkAge(file)
            checkLooks(file)
            checkStep(file)
            checkCompromised(file)
            checkRequested(file)
            checkRetired(file)
            checkTampered(file)
            if let daemon { checkHealth(file, daemon) }
        }
    }

    /// A pause with an end has ended.
    private func checkPause(_ file: Int) {
        let service = files[file].service
        guard daemon != nil, clockError == .zero, facts[service].isPaused else { return }
        let end = facts[service].pauseEnd.upperBound
        if now - max(end, calmSince(service)) > patience(service) {
            fail(6, files[file].name, "a pause that was until \(end) goes on")
        }
    }

    /// How long the daemon may take for the next look and what follows from it: the last waiting time of its retry
    /// table, or what Azure asked for, and every probe.
    func patience(_ service: Int) -> Duration {
        var (look, verification, settle) = (Duration.zero, Duration.zero, Duration.zero)
        for policy in policies(of: service) {
            look = max(look, policy.driftCheck)
            settle = max(settle, policy.settle)
            if let probing = policy.verification {
                verification = max(verification, probing.timeout + probing.spacing * 5)
            }
        }
        return look + verification * 2 + settle * 3 + .seconds(2 * 3600)
    }

    /// Since when nothing went wrong with the resource.
    func calmSince(_ service: Int) -> Instant {
        max(heardSince(service), facts[service].silentAt)
    }

    /// The same where it does not matter that signed calls say nothing.
    private func heardSince(_ service: Int) -> Instant {
        max(calmSince, facts[service].calmSince, facts[service].policyChangedAt)
    }

    /// Nothing proves that what consumers are told to use is dead, or that what Azure shows is of the same resource: it is
    /// not replaced before signed calls say something.
    private func waitsForCalls(_ file: Int) -> Bool {
        let seen = files[file]
        guard let dead = seen.deadKey, let content = seen.content else { return true }
        return services[seen.service].keys[dead].diedAt == nil
            || !String(decoding: content, as: UTF8.self).contains(services[seen.service].host)
    }

    func checkBroken(_ file: Int, since broken: Instant) {
        let service = files[file].service
        guard daemon != nil, clockError == .zero else { return }
        let heard = max(broken, waitsForCalls(file) ? calmSince(service) : heardSince(service))
        let calm = now - heard
        if calm > patience(service) {
            fail(
                3, files[file].name,
                "consumers are told to use a dead key, or nothing, since \(broken); calm for \(calm)")
        }
        // What the daemon was shown need not be looked for.
        guard let dead = files[file].deadKey,
            let shown = services[service].livingKey(services[service].keys[dead].keyType).knownAt, shown >= broken,
            shown > facts[service].ledgerLostAt
        else { return }
        let set = clockSetAt == .distantPast ? clockSetAt : clockSetAt + facts[service].leftAlone
        let known = now - max(shown, heard, set)
        if known > stepPatience(service) {
            fail(
                9, files[file].name,
                "consumers are told to use a dead key since \(broken), and its successor is known since \(shown)")
        }
    }

    private func checkAge(_ file: Int) {
        let service = files[file].service
        guard let running = daemon, clockError == .zero, let resource = resource(named: files[file].name),
            let last = files[file].lastKey, let publishedAt = services[service].keys[last].publishedAt
        else { return }
        let policy = resource.settings.policy
        // Neither the ledger nor the files know when it was published.
        let unknownAt = max(facts[service].tamperedAt, files[file].undoneAt)
        guard min(facts[service].ledgerLostAt, unknownAt) < publishedAt else { return }
        let calm = calmSince(service)
        let deadline = publishedAt + (policy.maxAge ?? policy.effectiveMaxAge)
        let elapse = elapse(file, policy, publishedAt)
        // What is late may be put off once more.
        let due = (elapse ?? publishedAt + policy.every) + max(policy.jitter, spread) + spread
        // Most often nothing is due, and how patient to be need not be worked out.
        guard now > max(min(deadline, due), calm) else { return }
        let patience = patience(service) + policy.overlap
        guard now - max(min(deadline, due), calm) > patience,
            let status = running.core.status(resource.name, wall)
        else { return }
        // Where no age is set, a freeze makes no key too old.
        let isLimited = policy.maxAge != nil || policy.timing == nil
        if isLimited, now - max(deadline, calm) > patience, status.health == .ok || status.health == .paused {
            fail(
                7, resource.name,
                "its key is older than maxAge since \(deadline) and the status says \(status.health.name)")
        }
        if isLimited, now - max(deadline, calm) > patience,
            let record = ledger.rows[resource.name]?.boxedRecord, record.value.current != nil,
            !record.value.ageReported
        {
            fail(7, resource.name, "its key is older than maxAge since \(deadline), and the journal never said so")
        }
        guard policy.mode == .auto, !facts[service].mayBePaused, status.health.name != "held",
            !waitsForPeers(file, policy)
        else { return }
        // Whatever went wrong may begin an overlap when it is seen, which may end after the opening that would have been in
        // time.
        let overlap = max(policy.overlap, longestOverlap(service))
        let free = calm + self.patience(service) + overlap + spread
        if policy.onDeadline == .rotate, now - max(deadline, free) > patience {
            fail(
                7, resource.name,
                "its key was to turn at \(deadline), whatever the hours; calm since \(calm); \(status)")
        }
        if now - max(due, calm) > patience, now - begin(max(due, free), policy) > patience {
            fail(7, resource.name, "its key was due at \(due) at the latest; calm since \(calm); \(status)")
        }
    }

    /// When the policy's calendar elapses for the published key; nil: it has none.
    private func elapse(_ file: Int, _ policy: Policy, _ publishedAt: Instant) -> Instant? {
        guard let timing = policy.timing, let calendar = calendars[timing] else { return nil }
        let changedAt = facts[files[file].service].policyChangedAt
        if let known = files[file].elapse, known.publishedAt == publishedAt, known.policyChangedAt == changedAt {
            return known.at
        }
        let at = calendar.next(after: publishedAt + policy.overlap)
        files[file].elapse = (publishedAt, changedAt, at)
        return at
    }

    /// When at the latest a rotation begins that is due, and that nothing hinders: it may be too late for the opening that
    /// it finds, and its share of the jitter is somewhere in the next one.
    private func begin(_ due: Instant, _ policy: Policy) -> Instant {
        guard let hours = policy.timing.flatMap({ hours[$0] }) else { return due }
        let first = hours.next(isOpen: true, from: due)
        guard hours.hasWindows else {
            // What does not fit in before a freeze comes after it.
            let close = hours.next(isOpen: false, from: first)
            let begin = close - first < .seconds(86_400) ? hours.next(isOpen: true, from: close) : first
            return begin + max(policy.jitter, spread)
        }
        let second = hours.next(isOpen: true, from: hours.next(isOpen: false, from: first))
        return second + max(.seconds(86_400), policy.jitter, spread)
    }

    /// Faults strike no more; what was put off by them comes back.
    func endFaults() {
        isCalm = true
        trace.write(now, "faults end")
        for window in windows.indices { windows[window] = now }
        armDiskFaults()
        setClock(to: .zero)
        for service in facts.indices {
            facts[service].isPaused = false
            disturb(service)
            services[service].deletedUntil = min(services[service].deletedUntil, now)
        }
        suspendedUntil = min(suspendedUntil, now)
        for file in files.indices {
            queue.add(.operatorLooks(file: file), at: now + .seconds(3600))
            queue.add(.operatorLooks(file: file), at: now + .seconds(2 * 86_400))
        }
        for resource in removed { comeBack(resource.id) }
        if daemon == nil { startDaemon() }
    }

    /// Every resource settled, on schedule and well within a bounded time.
    func checkSettled() {
        let patience: Duration = services.indices.map { self.patience($0) + overlap(of: $0) * 2 }.max() ?? Duration.zero
        let bound = patience + spread + .seconds(6 * 86_400)
        let begin = now
        run(until: now + .seconds(2 * 86_400 + 7200))
        while violations.isEmpty, let problem = unsettled() {
            // What failed may have to wait for its hours, and for the end of a freeze.
            guard now < begin + bound || now < lastOpening(from: begin) + bound else {
                return fail(7, problem.resource, "not settled in time: \(problem.detail)")
            }
            run(until: now + .seconds(6 * 3600))
        }
    }

    /// When the hours of every policy have come.
    private func lastOpening(from instant: Instant) -> Instant {
        configuration.compactMap { $0.settings.policy.timing.flatMap { hours[$0] } }
            .map { $0.next(isOpen: true, from: instant) }.max() ?? instant
    }

    private func unsettled() -> (resource: String, detail: String)? {
        guard let running = daemon else { return ("daemon", "it does not run") }
        let statuses = running.core.status(wall)
        for (file, seen) in files.enumerated() where seen.isManaged {
            guard let status = statuses.first(where: { $0.name == seen.name }) else { return (seen.name, "no status") }
            let isStopped = status.mode != .auto && status.health == .degraded(.keyTooOld)
            guard status.health == .ok || status.health == .paused || isStopped, status.phase == "settled" else {
                return (seen.name, "\(status)")
            }
            let keys = services[seen.service].keys
            guard status.mode == .paused || facts[seen.service].compromisedKeys.allSatisfy({ keys[$0].diedAt != nil })
            else {
                return (seen.name, "a key that is known to others lives on: \(status)")
            }
            guard seen.lastKey != nil, files[file].brokenSince == nil else {
                return (seen.name, "its published key does not work, and the status is well")
            }
            let isWaiting = configuration.contains { $0.name == seen.name && waitsForCanary(file, $0.settings.policy) }
            guard isWaiting || status.nextAt.map({ $0 > wall - .seconds(3600) }) ?? true else {
                return (seen.name, "overdue: \(status)")
            }
        }
        return nil
    }
}
