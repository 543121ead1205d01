import Rotation
import RotationEngine

/// What has reached the daemon, or its ledger: what it does from then on is judged by it.
extension World {
    /// A pause that is over is noticed within so much: a call may have to be tried again.
    private static let pauseEndsWithin = Duration.seconds(7200)

    /// A listing reached the daemon.
    func wasListed(_ keys: [Int], _ service: Int) {
        wasCompared(service)
        for key in keys {
            let isFound =
                !services[service].keys[key].wasListed && facts[service].openRequest == nil
                && !isUndecided(services[service].keys[key].keyType, service)
            if isFound {
                services[service].keys[key].foundAt = now
                services[service].keys[key].foundOverlap = overlap(of: service, rotating: false)
            }
            if !services[service].keys[key].wasListed { services[service].keys[key].listedAt = now }
            if services[service].keys[key].knownAt == nil {
                services[service].keys[key].knownAt = now
                facts[service].unkeptSince = facts[service].unkeptSince ?? now
            }
        }
        guard let open = facts[service].openRequest, facts[service].contradiction == nil else { return }
        let request = services[service].requests[open]
        let asked = SimulatedService.slot(request.keyType)
        // It counts from the first answer that tells Azure's time, and anew after a restart, or under another name.
        let counted = request.listedAt.map { $0 < calmSince(service) ? now : $0 }
        let listedAt = counted ?? now
        services[service].requests[open].listedAt = listedAt
        if keys[asked] > request.before[asked] { services[service].requests[open].wasSeen = true }
        // An older one is what a server shows that learns late of a change.
        if keys[1 - asked] > request.before[1 - asked] {
            contradict(service, "\(request.keyType.other) changed while \(request.keyType) was regenerated")
        } else if request.succeeded, request.knewBefore, !request.wasSeen, keys[asked] == request.before[asked],
            now - listedAt > request.longestSettle + .seconds(120)
        {
            contradict(service, "the regenerate of \(request.keyType) succeeded without change")
        }
    }

    /// A regenerate is on record, whether or not it was sent: what it would have made is the daemon's own.
    private func isUndecided(_ keyType: KeyType, _ service: Int) -> Bool {
        let row = ledger.rows.values.first { $0.id == services[service].id }
        switch row?.phase {
        case .regenerating(let intent), .uncertain(let intent, _), .confirming(let intent, _, _):
            return intent.keyType == keyType
        default: return false
        }
    }

    /// A listing that reached the daemon names the endpoint; one of before tells it nothing.
    func wasShown(_ endpoint: String, _ service: Int) {
        guard scenario.plan[.endpointMoved] > 0, endpoint != services[service].shownEndpoint,
            endpoint == "https://\(services[service].host)"
        else { return }
        services[service].shownEndpoint = endpoint
        // That a key worked elsewhere proves nothing, nor that it was refused.
        for key in services[service].living {
            services[service].keys[key].probesSucceeded = 0
            services[service].keys[key].deniedSince = nil
        }
    }

    private func contradict(_ service: Int, _ text: String) {
        facts[service].contradiction = text
        facts[service].isContradictionKept = false
    }

    /// The answer of a regenerate reached the daemon.
    func wasAnswered(_ outcome: RegenerateOutcome, _ request: Int, _ service: Int) {
        switch outcome {
        case .regenerated:
            facts[service].openRequest = request
        case .ambiguous:
            facts[service].openRequest = request
            services[service].requests[request].wasAmbiguous = true
        case .notExecuted(let failure):
            facts[service].openRequest = nil
            facts[service].calls.refusal = (failure, now)
        }
    }

    /// The answer of a signed call reached the daemon.
    func wasProbed(_ outcome: ProbeOutcome, _ key: Int, _ service: Int) {
        services[service].keys[key].probedAt = now
        services[service].keys[key].lastProbeSucceeded = outcome == .succeeded
        switch outcome {
        case .succeeded:
            services[service].keys[key].probesSucceeded += 1
            services[service].keys[key].deniedSince = nil
            services[service].keys[key].silentSince = nil
        case .denied:
            services[service].keys[key].silentSince = nil
            services[service].keys[key].probesSucceeded = 0
            wasDenied(key, service)
        case .inconclusive: services[service].keys[key].silentSince = services[service].keys[key].silentSince ?? now
        }
    }

    func wereTold(_ results: [String: Failure?], _ name: String) {
        guard let file = file(named: name) else { return }
        checkToldOnce(results.filter { $0.value == nil }.keys.sorted(), file)
        for (consumer, failure) in results where failure == nil { files[file].told[consumer] = now }
        wasDelivered(results.values.contains { $0 != nil }, files[file].service)
    }

    /// The daemon wrote a line of history.
    func wasRecorded(_ note: Note, _ rotation: StoredRotation) {
        guard let service = index(of: rotation.id) else { return }
        // Whatever became of a rotation: a key that works is published after it.
        if note.kind == .published {
            // Where it is held, as when the other key changed, nothing went well.
            if note.detail == Candidate.Purpose.rotation.rawValue || !facts[service].isHeld {
                facts[service].isAttemptOpen = false
            }
            let ends = [Candidate.Purpose.rotation, .mending].map(\.rawValue)
            let isEnd = note.detail.map(ends.contains) == true
            if isEnd, let attempt = facts[service].unclearAttemptAt {
                facts[service].attemptedAt = attempt
                facts[service].unclearAttemptAt = nil
            }
            // It may have left the configuration, or got another name, since it began.
            let isRotation = note.detail == Candidate.Purpose.rotation.rawValue
            defer {
                let attempt = facts[service].attemptedAt ?? .distantPast
                if isRotation { facts[service].formerSuccess = max(facts[service].formerSuccess, attempt) }
            }
            if isRotation || isEnd && facts[service].mayGoOn, facts[service].attemptedAt == nil {
                facts[service].attemptedAt = services[service].requests.last?.sentAt
            }
            facts[service].mayGoOn = false
        }
        if note.kind == .resumed {
            if facts[service].isHeld, note.actor != "keyturn" { facts[service].isAttemptOpen = false }
            // What was in trouble is not until it fails once more.
            for key in services[service].living { services[service].keys[key].deniedInARowSince = nil }
        }
        switch note.kind {
        case .keyConfirmed: facts[service].openRequest = nil
        case .regenerateDidNotRun, .regenerateNotExecuted:
            if note.kind == .regenerateNotExecuted { wasNotExecuted(service) }
            facts[service].openRequest = nil
            facts[service].isAttemptOpen = false
        case .regenerateAnswered:
            if let open = facts[service].openRequest { services[service].requests[open].succeeded = true }
        case .published where note.detail == Candidate.Purpose.rotation.rawValue:
            // On record: a rotation that was not may come to nothing, and is made again.
            facts[service].isRequested = facts[service].compromiseLeft > 1
            facts[service].requestedAt = facts[service].isRequested ? now : nil
            facts[service].rotatedAt = now
            facts[service].compromiseLeft = max(0, facts[service].compromiseLeft - 1)
        case .resumed where note.actor == "keyturn":
            if facts[service].isPaused, clockError == .zero,
                now - max(facts[service].pauseEnd.upperBound, steadySince(service)) > Self.pauseEndsWithin
            {
                fail(6, rotation.name, "a pause ends long after its time")
            }
            // By Azure's clock.
            if facts[service].isPaused, now + clockSpread < facts[service].pauseEnd.lowerBound {
                fail(6, rotation.name, "a pause ends before its time")
            }
            facts[service].isPaused = false
            let isAsked = askedCommands.values.contains { asked in
                if case .pauseRequested = asked.event { files[asked.file].service == service } else { false }
            }
            if !isAsked { facts[service].mayBePaused = false }
            disturb(service)
        case .held:
            facts[service].openRequest = nil
            facts[service].isHeld = true
            facts[service].heldAt = now
            statistics.holds += 1
            checkHold(note, service, rotation.name)
            if let file = file(named: rotation.name) {
                queue.add(.operatorLooks(file: file), at: now + random.exponential(mean: .seconds(2 * 86_400)))
            }
        default: break
        }
    }

    /// Is the hold's reason true?
    private func checkHold(_ note: Note, _ service: Int, _ name: String) {
        guard let reason = note.reason else { return fail(9, name, "held without a reason") }
        let ground = facts[service].grounds[reason] ?? .distantPast
        // With a shorter `settle` than servers keep to it may not wait for all of them.
        let sentAt = services[service].requests.last?.sentAt ?? .distantFuture
        if reason == .regenerateWithoutChange, facts[service].policyChangedAt >= sentAt { return }
        // A daemon that was down for long finds it late.
        if max(ground, facts[service].calmSince, calmSince) < now - .seconds(86_400) || ground == .distantPast {
            fail(9, name, "held for \(reason.rawValue), which is not true")
        }
        checkGround(reason, service, name)
    }

    private func checkGround(_ reason: Reason, _ service: Int, _ name: String) {
        switch reason {
        case .keyDenied:
            // What is refused together with the published key says nothing about it.
            guard let file = file(named: name), !files[file].isExcused, let last = files[file].lastKey else { return }
            if !services[service].keys[last].lastProbeSucceeded {
                fail(9, name, "held for a key that is refused, and the published one was not shown to work")
            }
            let key = services[service].livingKey(services[service].keys[last].keyType.other)
            if key.deniedSince == nil, now - key.bornAt > longestLag(service) + .seconds(180) {
                fail(9, name, "held for a key that was never refused")
            }
            let timeout = policies(of: service).compactMap { $0.verification?.timeout }.min() ?? .zero
            // The last answer may have been on its way for a while.
            let denied = max(clockSetAt, key.deniedSince ?? .distantPast)
            if denied + timeout > now + .seconds(130),
                clockSetAt < key.deniedSince ?? .distantPast
            {
                fail(9, name, "held for a key that is refused for \(now - denied), where \(timeout) are given")
            }
        case .badConnectionString:
            if facts[service].calls.strange < 2 { fail(9, name, "held for one listing that contradicts itself") }
        default: break
        }
    }
}
