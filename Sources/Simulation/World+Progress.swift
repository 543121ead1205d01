import Rotation
import RotationEngine

/// Whatever is begun goes on while nothing hinders it: laws 3, 7 and 9. Far sooner than after the days that pass from one
/// look to the next.
extension World {
    /// The last waiting time of the retry table, an hour, and as much for what it takes.
    private static let pause = Duration.seconds(7200)
    /// A key that is refused for so long is worth a word.
    private static let silence = Duration.seconds(900)

    /// How long one step of what is under way may take.
    func stepPatience(_ service: Int) -> Duration {
        patience(service) - (policies(of: service).map(\.driftCheck).max() ?? .zero)
    }

    /// Since when nothing hinders the resource.
    func steadySince(_ service: Int) -> Instant {
        max(calmSince(service), clockSetAt == .distantPast ? clockSetAt : clockSetAt + facts[service].leftAlone)
    }

    /// The daemon looks at the files of a resource, or is to have done so.
    func checkLooks(_ file: Int) {
        let service = files[file].service
        let since = max(files[file].lookedAt, steadySince(service))
        guard now - since > Self.pause, clockError == .zero, daemon != nil, files[file].isManaged,
            let record = ledger.rows[files[file].name]?.boxedRecord
        else { return }
        // What failed is tried again sooner.
        let isFailing = record.value.troubles.contains { $0.step == .look }
        // Nearly always it is in time, and nothing else need be asked.
        if !isFailing, let policy = resource(named: files[file].name)?.settings.policy, now - since <= policy.driftCheck
        {
            return
        }
        let interval = isFailing ? .zero : policies(of: service).map(\.driftCheck).max() ?? .zero
        if now - since > interval + stepPatience(service) {
            fail(3, files[file].name, "nobody looked at it for \(now - since), and \(interval) is the longest time")
        }
    }

    /// A step is on record.
    func noteProgress(_ rotation: StoredRotation) {
        let candidate: Fingerprint? =
            switch rotation.boxedRecord.value.phase {
            case .verifying(let candidate), .publishing(let candidate, _): candidate.fingerprint
            default: nil
            }
        let name = rotation.boxedRecord.value.phase.name
        guard let file = file(named: rotation.name), files[file].step.name != name || files[file].step.of != candidate
        else { return }
        checkStep(file)
        files[file].step = (name, candidate)
        files[file].stepSince = now
    }

    /// What is under way does not stay where it is.
    func checkStep(_ file: Int) {
        let service = files[file].service
        let since = max(files[file].stepSince, steadySince(service))
        guard now - since > Self.pause, clockError == .zero, daemon != nil, files[file].isManaged,
            let record = ledger.rows[files[file].name]?.boxedRecord, record.value.phase != .settled
        else { return }
        if now - since > stepPatience(service) {
            fail(7, files[file].name, "it is \(record.value.phase.name) for \(now - since), and nothing hinders it")
        }
    }

    /// What is over is not told for ever.
    func checkHealth(_ file: Int, _ running: SimulatedDaemon) {
        let service = files[file].service
        // To its peers a rotation has failed until one succeeds.
        guard ledger.rows[files[file].name]?.boxedRecord.value.troubles.isEmpty == false,
            !policies(of: service).contains(where: { $0.stopAfter != nil || $0.canary != nil }),
            clockError == .zero, now - calmSince(service) > patience(service) + overlap(of: service),
            let status = running.core.status(files[file].name, wall),
            case .degraded(let reason) = status.health,
            // What stops others is not over before somebody looks after it.
            ![.keyTooOld, .policyStopped, .canaryUnhealthy].contains(reason),
            // What was refused to a regenerate alone is known to be allowed when the next one was sent.
            ![.forbidden, .locked].contains(reason) || policies(of: service).allSatisfy({ $0.timing == nil })
        else { return }
        fail(9, status.name, "nothing went wrong since \(calmSince(service)), and its status is \(status)")
    }

    /// A key that somebody else knows does not live on.
    func checkCompromised(_ file: Int) {
        let service = files[file].service
        guard !facts[service].compromisedKeys.isEmpty else { return }
        let since = max(facts[service].compromisedAt, calmSince(service))
        let limit = patience(service) + stepPatience(service) * 2 + Self.compromisedOverlap * 2
        guard now - since > limit, clockError == .zero, daemon != nil,
            ledger.rows[files[file].name]?.boxedRecord.value.hold == nil,
            !facts[service].mayBePaused, !policies(of: service).contains(where: { $0.mode == .paused })
        else { return }
        let keys = services[service].keys
        if let key = facts[service].compromisedKeys.first(where: { keys[$0].diedAt == nil }) {
            let status = daemon?.core.status(files[file].name, wall)
            fail(
                7, files[file].name,
                "key \(key) is known to others since \(facts[service].compromisedAt) and lives on: "
                    + (status.map(String.init(describing:)) ?? "no status"))
        }
    }

    /// A signed call was refused: what the daemon made of the refusal before is in the status, after a while.
    func wasDenied(_ key: Int, _ service: Int) {
        let before = services[service].keys[key].deniedAt
        let isFirst = services[service].keys[key].deniedSince == nil
        services[service].keys[key].deniedSince = services[service].keys[key].deniedSince ?? now
        services[service].keys[key].deniedAt = now
        // What was refused long ago may have been good since, and a crash may have forgotten it.
        // What counts by a clock that was set back counts anew.
        let denied =
            isFirst || now - before >= Self.pause || before < max(clockSetAt, calmSince, facts[service].calls.hurriedAt)
            ? now : services[service].keys[key].deniedInARowSince ?? now
        services[service].keys[key].deniedInARowSince = denied
        let since = max(denied, calmSince, facts[service].policyChangedAt)
        guard before - since > Self.silence,
            let file = files.first(where: { $0.service == service && $0.isManaged }),
            file.lastKey != key,
            // Elsewhere it may have begun with the key anew.
            before - file.stepSince > Self.silence,
            let status = daemon?.core.status(file.name, wall), status.health == .ok
        else { return }
        fail(7, file.name, "signed calls with key \(key) are refused since \(denied), and its status is \(status)")
    }
}
