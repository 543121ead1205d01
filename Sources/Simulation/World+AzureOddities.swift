import KeyMaterial
import Rotation
import RotationEngine

/// What Azure's documents do not promise that it never does.
extension World {
    static let notFound = Failure(.notFound, "404 ResourceNotFound")

    /// Azure's clock as an answer tells it, in whole seconds.
    func date(_ service: Int) -> Instant? {
        guard chance(.oddDate) else { return Instant(unixSeconds: now.unixSeconds) }
        disturb(service)
        let index = Fault.oddDate.rawValue
        guard faultRandom[index].chance(0.5) else { return nil }
        return Instant(unixSeconds: (now + faultRandom[index].duration(.seconds(-5)...(.seconds(5)))).unixSeconds)
    }

    /// How far the clock of one of Azure's servers may be off.
    var clockSpread: Duration { scenario.plan[.oddDate] > 0 ? .seconds(5) : .zero }

    /// How long a listing may not show a change.
    func longestLag(_ service: Int) -> Duration {
        scenario.plan[.laggingListing] > 0 ? policies(of: service).map(\.settle).max() ?? .zero : .zero
    }

    /// The keys as a server shows them that learns of the changes of each key type by itself, and late.
    func keysSeenApart(_ service: Int) -> [Int] {
        let longest = (policies(of: service).map(\.settle).min() ?? .zero) * 9 / 10
        let keys = KeyType.allCases.map { keyType in
            keySeen(service, keyType, faultRandom[Fault.laggingListing.rawValue].duration(.zero...longest))
        }
        if keys != services[service].living { disturb(service) }
        return keys
    }

    /// The value of the key type that a server shows which learns of changes so late. What came of a request within
    /// `settle` is known to all of them by then: an undecided one could not be decided otherwise.
    func keySeen(_ service: Int, _ keyType: KeyType, _ lag: Duration) -> Int {
        let keys = services[service].keys
        let living = services[service].living[SimulatedService.slot(keyType)]
        guard keys[living].bornAt > now - lag else { return living }
        let seen = keys.indices.last { index in
            guard keys[index].keyType == keyType else { return false }
            let known = keys[index].bornAt + lag
            guard let request = keys[index].request else { return known <= now }
            let sent = services[service].requests[request]
            return min(known, max(keys[index].bornAt, sent.sentAt + sent.settle)) <= now
        }
        return seen ?? living
    }

    /// 429 with a time to wait that is no help.
    func askedToWait(_ service: Int) -> Failure? {
        guard chance(.oddRetryAfter) else { return nil }
        let index = Fault.oddRetryAfter.rawValue
        let asked: Duration =
            faultRandom[index].chance(0.5)
            ? .zero : min(faultRandom[index].exponential(mean: .seconds(4 * 3600)), .seconds(86_400))
        disturb(service, leftAlone: asked)
        return Failure(.throttled, "429", retryAfter: asked)
    }

    /// A regenerate whose answer says something else than what it did.
    func regenerateOddly(
        _ request: Int, _ intent: Intent, _ service: Int, _ latency: Duration
    ) -> (Answer, after: Duration) {
        let index = Fault.oddAnswer.rawValue
        let keyType = intent.keyType
        let old = services[service].livingKey(keyType).fingerprint
        var shape = faultRandom[index].below(7)
        // A key that the daemon does not know yet is no old one to it, and success with it means what it says.
        if (1...3).contains(shape), old != intent.before[keyType] { shape = 0 }
        disturb(service)
        switch shape {
        case 0:
            // 200, and no key in it.
            land(service, request, keyType)
            return (answer(.ambiguous(Failure(.badResponse, "200 without a key")), request, service), latency)
        case 1:
            land(service, request, keyType)
            return (answer(.regenerated(keyType, old), request, service), latency)
        case 2:
            // As siblings do when another operation is under way: success, and the key was never regenerated.
            facts[service].grounds[.regenerateWithoutChange] = now
            services[service].requests[request].isPending = false
            return (answer(.regenerated(keyType, old), request, service), latency)
        case 3:
            // Success first, and the key later.
            facts[service].grounds[.regenerateWithoutChange] = now
            let settle = services[service].requests[request].settle
            let delay = faultRandom[index].duration(.seconds(1)...(settle * 2))
            queue.add(.land(service: service, request: request, keyType), at: now + delay)
            return (answer(.regenerated(keyType, old), request, service), latency)
        case 4:
            let delay = faultRandom[index].duration(.seconds(1)...(.seconds(180)))
            queue.add(.land(service: service, request: request, keyType), at: now + delay)
            return (answer(.ambiguous(Failure(.badResponse, "202")), request, service), latency)
        case 5:
            // Another operation is under way, and whether this one follows it nobody knows.
            if faultRandom[index].chance(0.5) {
                let delay = faultRandom[index].duration(.seconds(1)...(.seconds(180)))
                queue.add(.land(service: service, request: request, keyType), at: now + delay)
            } else {
                services[service].requests[request].isPending = false
            }
            let asked: Duration? =
                faultRandom[index].chance(0.5) ? faultRandom[index].duration(.zero...(.seconds(3600))) : nil
            disturb(service, leftAlone: asked ?? .zero)
            return (answer(.ambiguous(Failure(.conflict, "409", retryAfter: asked)), request, service), latency)
        default:
            anotherHandChangedAKey(service)
            land(service, request, keyType)
            replaceKey(service, keyType.other, .wrongKeyType)
            let shown = services[service].livingKey(keyType).fingerprint
            return (answer(.regenerated(keyType, shown), request, service), latency)
        }
    }

    /// A regenerate the connection of which breaks after it was sent.
    func regenerateBrokenly(_ request: Int, _ keyType: KeyType, _ service: Int) -> (Answer, after: Duration) {
        let index = Fault.brokenConnection.rawValue
        let settle = services[service].requests[request].settle
        if faultRandom[index].chance(0.25) {
            services[service].requests[request].isPending = false
        } else {
            let isInTime = faultRandom[index].chance(0.7)
            let delay = faultRandom[index].duration(.zero...(isInTime ? settle : .seconds(600)))
            queue.add(.land(service: service, request: request, keyType), at: now + delay)
            if isInTime, faultRandom[index].chance(0.4) {
                services[service].requests[request].repetitions = 1
                let again = faultRandom[index].duration(.zero...settle)
                queue.add(.land(service: service, request: request, keyType), at: now + again)
            }
        }
        let failure = Failure(.unreachable, "the connection broke after the request was sent")
        return (
            answer(.ambiguous(failure), request, service),
            faultRandom[index].duration(.milliseconds(20)...(.seconds(60)))
        )
    }
}
