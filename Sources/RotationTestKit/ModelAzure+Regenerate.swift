import KeyMaterial
import Rotation
import RotationEngine
import Synchronization

extension ModelAzure {
    package func regenerateKey(_ keyType: KeyType, of resource: ManagedResource) async -> RegenerateOutcome {
        judge(keyType, resource)
        withService(resource.id) { service in
            service.sent.append(keyType)
            service.regeneratesUnderWay += 1
        }
        // Its gate does not throw.
        try? await enter(.regenerate, resource.id)
        defer {
            leave(resource.id)
            withService(resource.id) { $0.regeneratesUnderWay -= 1 }
        }
        let outcome = withService(resource.id) { $0.outcomes.isEmpty ? .runs : $0.outcomes.removeFirst() }
        return answer(keyType, resource.id, outcome)
    }

    private func answer(_ keyType: KeyType, _ id: ResourceID, _ outcome: ModelOutcome) -> RegenerateOutcome {
        let unanswered = RegenerateOutcome.ambiguous(Failure(.timeout, "no answer in 60 s"))
        switch outcome {
        case .refused(let failure): return .notExecuted(failure)
        case .isLost: return unanswered
        case .landsLater(let delay):
            land(keyType, id, after: delay)
            return unanswered
        case .landsAgain(let delay):
            land(keyType, id, after: delay)
            change([keyType], of: id, .regenerated)
        case .runs: change([keyType], of: id, .regenerated)
        case .changesOther: change([keyType.other], of: id, .anotherHand)
        case .changesBoth: change(KeyType.allCases, of: id, .anotherHand)
        case .changesNothing: break
        case .runsUnanswered:
            change([keyType], of: id, .regenerated)
            return unanswered
        }
        guard let key = key(keyType, of: id) else { return unanswered }
        return .regenerated(keyType, key.fingerprint)
    }

    private func land(_ keyType: KeyType, _ id: ResourceID, after delay: Duration) {
        let at = clock.elapsed + delay
        withService(id) { $0.landings.append((at, keyType)) }
    }

    func change(_ keyTypes: [KeyType], of id: ResourceID, _ death: ModelKey.Death) {
        _ = withService(id) { $0.keys.count }
        let elapsed = clock.elapsed
        state.withLock { state in
            guard var service = state.services[id] else { return }
            for keyType in keyTypes { state.make(keyType, in: &service, id, at: elapsed, death) }
            state.services[id] = service
        }
    }

    /// May this regenerate be sent now? Asked before it is sent; what breaks a law goes to `violations`.
    private func judge(_ keyType: KeyType, _ resource: ManagedResource) {
        let (key, underWay, landing) = withService(resource.id) { service in
            (service.living(keyType), service.regeneratesUnderWay, service.landings.first { $0.keyType != keyType })
        }
        var broken: [String] = []
        if underWay > 0 { broken.append("another regenerate is under way") }
        if let landing, landing.at > clock.elapsed { broken.append("one for \(landing.keyType) is undecided") }
        guard let published = publisher.current(resource.name) else {
            record(["nothing is published"], keyType, resource)
            return
        }
        if published.order.keyType == keyType || published.order.fingerprint == key?.fingerprint {
            broken.append("it is the published one")
        }
        if let end = publisher.goodUntil(key?.fingerprint, of: resource.name), end > clock.elapsed {
            broken.append("its key is promised to work for another \(end - clock.elapsed)")
        }
        let untold = delivery.untold(of: resource, version: published.order.version)
        if !untold.isEmpty { broken.append("\(untold) were not told of version \(published.order.version)") }
        record(broken, keyType, resource)
    }

    private func record(_ broken: [String], _ keyType: KeyType, _ resource: ManagedResource) {
        let sentences = broken.map { "\(resource.name): regenerate of \(keyType) at \(clock.elapsed), but \($0)" }
        state.withLock { $0.violations += sentences }
    }
}
