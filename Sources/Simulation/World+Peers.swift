import Rotation
import RotationEngine

/// What resources of one policy owe each other: a canary goes first, and so many failures stop the others.
extension World {
    /// Nothing that the schedule wants begins before the canary has done it well, nor beside `stopAfter` others that are
    /// not known to have gone well.
    func checkPeers(_ file: Int, _ policies: [Policy]) {
        let service = files[file].service
        if policies.allSatisfy({ $0.canary != nil }) { checkCanary(file, policies) }
        let limits = policies.compactMap(\.stopAfter)
        defer { noteAttempt(service, policies) }
        // One whose own rotation failed goes on with it.
        guard limits.count == policies.count, let limit = limits.max(), !facts[service].mayGoOn,
            facts[service].attemptedAt.map({ $0 <= facts[service].formerSuccess }) ?? true
        else { return }
        let peers = files.filter { $0.isManaged && $0.service != service }.map { facts[$0.service] }
        let successes = peers.filter { !$0.isAttemptOpen }.map { max($0.attemptedAt ?? .distantPast, $0.formerSuccess) }
        let lastSuccess = successes.max() ?? .distantPast
        // Which of two rotations was last may be told otherwise when they began together.
        let open = peers.filter { peer in
            peer.isAttemptOpen && !peer.isPaused && !peer.mayBePaused
                && peer.attemptedAt ?? .distantPast > lastSuccess + .seconds(600)
        }
        if open.count >= limit {
            fail(6, files[file].name, "\(open.count) rotations of its policy are under way or failed; \(limit) stop it")
        }
    }

    private func noteAttempt(_ service: Int, _ policies: [Policy]) {
        guard policies.allSatisfy({ $0.stopAfter != nil }) else { return }
        facts[service].attemptedAt = now
        facts[service].unclearAttemptAt = nil
        facts[service].isAttemptOpen = true
    }

    private func checkCanary(_ file: Int, _ policies: [Policy]) {
        guard let canary = self.canary(policies[0]), canary != file, policies.allSatisfy({ self.canary($0) == canary })
        else { return }
        if facts[files[canary].service].isHeld {
            fail(6, files[file].name, "a regenerate is sent although the canary is held")
        }
        if facts[files[canary].service].isPaused {
            fail(6, files[file].name, "a regenerate is sent although the canary is paused")
        }
        let (calls, ledgerLostAt) = (facts[files[canary].service].calls, facts[files[canary].service].ledgerLostAt)
        if calls.listing.count > 0, calls.listing.last > max(calls.hurriedAt, ledgerLostAt, calmSince) {
            fail(
                6, files[file].name,
                "a regenerate is sent although nobody could look at the canary since its last failure")
        }
        if let request = facts[files[canary].service].openRequest {
            fail(6, files[file].name, "a regenerate is sent while number \(request) of the canary is not decided")
        }
        guard let (own, first) = publications(file, canary) else { return }
        if first < own - .seconds(600) {
            fail(6, files[file].name, "a regenerate is sent before the canary's, which published last at \(first)")
        }
    }

    /// The file of the policy's canary, where the configuration has it.
    private func canary(_ policy: Policy) -> Int? {
        policy.canary.flatMap { name in files.firstIndex { $0.isManaged && $0.name == name } }
    }

    /// When the resource and its canary published what they have; nil when the daemon may know something else.
    private func publications(_ file: Int, _ canary: Int) -> (own: Instant, canary: Instant)? {
        // A clock that was wrong at a publication leaves a wrong instant behind.
        guard scenario.plan[.clockStep] == 0 else { return nil }
        let instants = [file, canary].map { number -> Instant? in
            guard let last = files[number].lastKey, let at = services[files[number].service].keys[last].publishedAt,
                !services[files[number].service].keys[last].wasPlacedByHand,
                max(facts[files[number].service].ledgerLostAt, facts[files[number].service].tamperedAt) < at
            else { return nil }
            return at
        }
        guard let own = instants[0], let first = instants[1] else { return nil }
        return (own, first)
    }

    /// It need not rotate before its canary does.
    func waitsForCanary(_ file: Int, _ policy: Policy) -> Bool {
        guard let canary = canary(policy), canary != file else { return false }
        return publications(file, canary).map { $0.canary <= $0.own } ?? true
    }

    /// Others of its policy may keep it from rotating.
    func waitsForPeers(_ file: Int, _ policy: Policy) -> Bool {
        guard policy.canary != nil || policy.stopAfter != nil else { return false }
        if waitsForCanary(file, policy) { return true }
        // Whatever is wrong with the others, they are looked at by themselves; and they take their turns.
        let statuses = daemon?.core.status(wall) ?? []
        let calmSince = files.filter(\.isManaged).map { self.calmSince($0.service) }.max() ?? now
        return statuses.contains { $0.health != .ok } || now - calmSince < .seconds(30 * 86_400)
    }
}

extension ServiceFacts {
    /// What it did does not concern its peers any more.
    mutating func forgetPeers() {
        mayGoOn = mayGoOn || isAttemptOpen
        if !isAttemptOpen { formerSuccess = max(formerSuccess, attemptedAt ?? .distantPast) }
        attemptedAt = nil
        unclearAttemptAt = nil
        isAttemptOpen = false
        isHeld = false
    }
}
