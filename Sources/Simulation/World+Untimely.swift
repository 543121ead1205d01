import Rotation
import RotationEngine

/// What strikes while a rotation is under way: that is seldom left to chance, and the moment at which most can go wrong.
extension World {
    private static let untimely: [Fault] = [
        .clockStep, .removal, .reload, .pause, .compromised, .restart, .kill, .outsideCurrent, .outsideOther,
        .keysRefused, .keysRefused, .azureOutage, .deliveryFails, .deliveryFails,
    ]

    /// The same for what else hardly ever meets a rotation.
    private static let coincident: [Fault] = [
        .secretsTampered, .secretsTampered, .secretsWiped, .ledgerFails, .ledgerLost, .diskFull, .tokenFailure,
        .refused, .strangeListing, .flappingAccess, .suspend, .renaming, .recreated, .deleted, .powerFailure, .rotate,
        .dataPlaneOutage, .dataPlaneOutage,
    ]

    /// A call of the daemon begins: before its answer is there, or soon after it, something may happen.
    func provokeStrike(_ action: Action, _ resource: ManagedResource) {
        guard scenario.features.contains(.untimely), !isCalm else { return }
        guard let row = ledger.rows[resource.name] else { return }
        switch row.phase {
        case .regenerating, .uncertain, .confirming, .verifying, .publishing, .delivering: break
        case .settled:
            let record = row.boxedRecord
            let isDue = record.value.due.map { $0.at <= wall } ?? false
            guard isDue || record.value.previousGoodUntil.map({ $0 > wall }) == true else { return }
        case .adopting: return
        }
        let isRegenerate = if case .regenerate = action { true } else { false }
        if isRegenerate { for fault in [Fault.endpointMoved, .exchanged] { provoke(fault, resource) } }
        provoke(Self.untimely, isRegenerate ? 0.2 : 0.02, resource)
        provoke(Self.coincident, isRegenerate ? 0.1 : 0.01, resource)
    }

    private func provoke(_ faults: [Fault], _ share: Double, _ resource: ManagedResource) {
        let fault = untimelyRandom.pick(faults)
        let isStruck = untimelyRandom.chance(share)
        let delay = untimelyRandom.duration(.zero...(.seconds(untimelyRandom.chance(0.5) ? 2 : 60)))
        guard isStruck, scenario.plan[fault] > 0 else { return }
        queue.add(.untimely(fault, resource.id), at: now + delay)
    }

    /// By numbers of its own: what strikes else does so when it did.
    private func provoke(_ fault: Fault, _ resource: ManagedResource) {
        let index = fault.rawValue
        guard scenario.plan[fault] > 0, faultRandom[index].chance(0.05) else { return }
        let longest: Duration = .seconds(faultRandom[index].chance(0.5) ? 2 : 120)
        queue.add(.untimely(fault, resource.id), at: now + faultRandom[index].duration(.zero...longest))
    }

    func strike(_ fault: Fault, just id: ResourceID) {
        guard !isCalm, let number = configuration.firstIndex(where: { $0.id == id }), let service = index(of: id) else {
            return
        }
        statistics.strikes += 1
        trace.write(now, "strikes in between: \(fault)")
        switch fault {
        case .clockStep: clockError == .zero || untimelyRandom.chance(0.5) ? stepClock() : setClock(to: .zero)
        case .removal:
            let absence = untimelyRandom.duration(.zero...(.seconds(untimelyRandom.chance(0.7) ? 10 : 86_400)))
            remove(number, for: absence)
        case .reload:
            reload(number)
            // What the old policy promised is then known to nobody but the files.
            guard scenario.plan[.ledgerLost] > 0, untimelyRandom.chance(0.3) else { return }
            let delay = untimelyRandom.duration(.zero...(.seconds(2 * 86_400)))
            queue.add(.untimely(.ledgerLost, id), at: now + delay)
        case .ledgerLost:
            end(.kill)
            if daemon == nil { loseLedger() }
        case .pause, .rotate, .compromised: command(fault, configuration[number].name)
        case .restart: stopDaemon()
        case .kill, .powerFailure: end(fault)
        case .suspend: suspend()
        case .secretsTampered, .secretsWiped: tamper(fault, service)
        case .renaming: rename(number)
        case .recreated: recreate(service)
        case .deleted: delete(service)
        case .outsideCurrent, .outsideOther: regenerateByAnotherHand(fault, service)
        case .keysRefused, .azureOutage, .deliveryFails, .tokenFailure, .refused, .diskFull, .ledgerFails,
            .strangeListing, .flappingAccess, .dataPlaneOutage:
            open(fault)
        case .endpointMoved: moveEndpoint(service)
        case .exchanged: exchange(number)
        default: break
        }
    }
}
