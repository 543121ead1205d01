import Rotation
import RotationEngine

/// What operators and policies were promised, and what is done no more often, nor sooner, than it was to be.
extension World {
    /// An operator's rotation is refused for what is so only.
    func checkRefusal(_ outcome: CommandOutcome, _ kind: RotationKind, _ file: Int) {
        let service = files[file].service
        guard case .refused(let blocker) = outcome else { return }
        let isTrue =
            switch blocker {
            case .unpublished, .held, .underWay: true
            case .paused:
                facts[service].isPaused || facts[service].mayBePaused
                    || policies(of: service).contains { $0.mode == .paused }
            case .overlap: kind == .ordinary
            case .manual, .notDue, .peers: false
            }
        if !isTrue { fail(0, files[file].name, "an operator's rotation is refused: \(blocker)") }
    }

    /// What an operator asked for is begun.
    func checkRequested(_ file: Int) {
        let service = files[file].service
        guard let since = facts[service].requestedAt, daemon != nil, clockError == .zero,
            let record = ledger.rows[files[file].name]?.boxedRecord, record.value.request != nil,
            record.value.hold == nil, !facts[service].mayBePaused,
            !policies(of: service).contains(where: { $0.mode == .paused })
        else { return }
        // Whatever went wrong may have begun an overlap when it was seen.
        let limit = patience(service) + stepPatience(service) + longestOverlap(service)
        if now - max(since, steadySince(service)) > limit {
            fail(7, files[file].name, "a rotation was asked for at \(since), and is not done")
        }
    }

    /// Where policies say so, what a rotation superseded dies after its overlap.
    func checkRetired(_ file: Int) {
        let service = files[file].service
        let policies = policies(of: service)
        guard policies.count == 1, let policy = policies.first, policy.retire, policy.timing == nil,
            policy.canary == nil, policy.stopAfter == nil, policy.mode != .paused, !facts[service].mayBePaused,
            daemon != nil, clockError == .zero, let last = files[file].lastKey
        else { return }
        let key = services[service].keys[last]
        let other = services[service].livingKey(key.keyType.other)
        guard let publishedAt = key.publishedAt, key.request != nil, other.bornAt < key.bornAt,
            // It came of a rotation, which is on record.
            facts[service].rotatedAt >= publishedAt,
            key.bornAt > max(facts[service].policyChangedAt, facts[service].ledgerLostAt, facts[service].tamperedAt),
            clockSetAt < key.bornAt, facts[service].heldAt < key.bornAt,
            let record = ledger.rows[files[file].name]?.boxedRecord, record.value.hold == nil
        else { return }
        let calm = now - max(publishedAt + policy.overlap, steadySince(service))
        if calm > patience(service) + policy.overlap {
            fail(7, files[file].name, "\(other.keyType) was to be retired, and lives on")
        }
    }

    /// Of the policies that may have promised one that is not over.
    func longestOverlap(_ service: Int) -> Duration {
        let former = now < facts[service].formerOverlapUntil ? facts[service].formerOverlap : .zero
        return policies(of: service).map(\.overlap).reduce(former) { max($0, $1) }
    }

    /// What changes keys, or what consumers read, is on record before it is begun.
    func checkRecorded(_ action: Action, _ resource: ManagedResource) {
        // Under a former name, where nothing has changed since.
        let phase = ledger.rows.values.first { $0.id == resource.id }?.phase
        switch (action, phase) {
        case (.regenerate(let intent), .regenerating(let recorded)) where recorded == intent: break
        case (.publish(let order), .publishing(_, let recorded)) where recorded == order: break
        case (.regenerate, _), (.publish, _):
            fail(5, resource.name, "\(action) is begun, and on record is \(phase?.name ?? "nothing")")
        default: break
        }
    }

    /// What is ordered after the daemon finds its files, unless something is known to be wrong.
    func becameReady() {
        guard daemon?.isReady == false else { return }
        daemon?.isReady = true
        for file in files
        where file.isManaged && file.content == nil && daemon?.core.ledgerFailure(file.name) == nil {
            guard let record = ledger.rows[file.name]?.boxedRecord, record.value.current == nil,
                record.value.troubles.isEmpty, record.value.hold == nil
            else { continue }
            switch record.value.phase {
            case .verifying(let candidate) where candidate.deniedSince == nil:
                fail(5, file.name, "the daemon is ready, and nothing is published yet")
            case .publishing: fail(5, file.name, "the daemon is ready, and the first publication is under way")
            default: break
            }
        }
    }

    /// Whoever asked is told what came of it.
    func checkAnswered() {
        for asked in askedCommands.values where now - max(asked.at, calmSince) > .seconds(86_400) && daemon != nil {
            fail(0, files[asked.file].name, "\(asked.event) was asked for at \(asked.at), and is not answered")
        }
    }

    /// systemd is told that the daemon is ready, whatever fails.
    func checkReady() {
        if let daemon, now - max(calmSince, clockSetAt) > .seconds(86_400), !daemon.isReady, !daemon.core.isSettledIn {
            fail(5, "daemon", "it runs since \(calmSince) at the latest, and is not ready")
        }
    }

    /// The calls that prove a new key are spaced out.
    func checkSpacing(_ fingerprint: Fingerprint, _ service: Int, _ name: String) {
        guard let index = services[service].index(of: fingerprint) else { return }
        let key = services[service].keys[index]
        let spacing = policies(of: service).compactMap { $0.verification?.spacing }.min() ?? .zero
        guard key.publishedAt == nil, key.diedAt == nil, key.request != nil, key.probesSucceeded > 0,
            key.lastProbeSucceeded,
            now - key.probedAt < spacing,
            // Under another name it begins anew, once the answer of before is there.
            key.probedAt
                > max(
                    calmSince, facts[service].policyChangedAt + .seconds(130), clockSetAt,
                    facts[service].calls.hurriedAt)
        else { return }
        fail(4, name, "two calls with a new key are \(now - key.probedAt) apart, where \(spacing) are wanted")
    }

    /// Who was told is not told once more of the same version.
    func checkToldOnce(_ told: [String], _ file: Int) {
        let service = files[file].service
        // Under another name the answer of before comes first.
        let renamed = max(facts[service].policyChangedAt, facts[service].tamperedAt) + .seconds(120)
        let since = max(files[file].writtenAt, calmSince, renamed)
        for consumer in told where files[file].told[consumer].map({ $0 > since }) == true {
            fail(0, files[file].name, "\(consumer) is told of the same once more")
        }
    }
}
