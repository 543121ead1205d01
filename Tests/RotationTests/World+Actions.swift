import Rotation

extension World {
    /// What the world answers, with a fault now and then.
    mutating func perform(_ action: Action) throws -> Event {
        if faultRate > 0 { pass(random.seconds(0...3) / 2) }
        switch action {
        case .readSecrets:
            return hit(0.2) ? .secretsReadFailed(Failure(.publishFailed, "cannot be read")) : .secretsRead(files)
        case .listKeys: return list()
        case .probe(let keyType, let fingerprint): return .probed(probe(keyType, fingerprint))
        case .regenerate(let intent): return .regenerateAnswered(regenerate(intent))
        case .publish(let order): return try publish(order)
        case .deliver(_, let names): return .delivered(deliver(names))
        }
    }

    private mutating func list() -> Event {
        if hit(0.5) {
            let failures: [Failure] = [
                .unreachable, .lost, .refused, Failure(.throttled, "too many", retryAfter: .seconds(90)),
                Failure(.azureUnavailable, "503"),
            ]
            return .listKeysFailed(failures.randomElement(using: &random) ?? .lost)
        }
        if hit(0.02) { return .listKeysFailed(Failure(.badConnectionString, "the host is not allowed")) }
        listing = azure.keys
        listedClockError = clockError
        // Without Azure's clock a wrong one cannot be told.
        let tellsTime = clockError != .zero || !random.chance(0.1)
        return .keysListed(azure.keys, serverDate: tellsTime ? time : nil)
    }

    private mutating func probe(_ keyType: KeyType, _ fingerprint: Fingerprint) -> ProbeOutcome {
        if hit(0.4) { return .inconclusive(Failure(.probeUnreachable, "no route")) }
        guard azure.accepts(fingerprint, time), !hit(0.2) else {
            successes[fingerprint] = 0
            return .denied(.denied)
        }
        successes[fingerprint, default: 0] += 1
        return .succeeded
    }

    /// A request whose answer nobody gets: ran, will run, or never runs.
    mutating func send(_ intent: Intent) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: azure.regenerate(intent.keyType)
        case 1: azure.land(intent.keyType, at: time + random.seconds(1...100))
        case 2: azure.land(intent.keyType, at: time + random.seconds(100...1500))
        default: break
        }
        log("sent without an answer: \(azure.keys), landing \(azure.landings)")
    }

    private mutating func regenerate(_ intent: Intent) -> RegenerateOutcome {
        let other = intent.keyType.other
        guard hit(3) else {
            let slow = hit(1) ? time + random.seconds(1...4000) : nil
            return .regenerated(intent.keyType, azure.regenerate(intent.keyType, refusedUntil: slow))
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return .notExecuted(.refused)
        case 1: return .notExecuted(Failure(.throttled, "429", retryAfter: random.seconds(1...7200)))
        case 2: return .regenerated(intent.keyType, azure.keys[intent.keyType])
        case 3: return .regenerated(intent.keyType, fingerprint(0xdead))
        case 4: return .regenerated(intent.keyType, azure.regenerate(other))
        case 5: return .regenerated(other, azure.regenerate(other))
        case 6:
            azure.regenerate(other)
            return .regenerated(intent.keyType, azure.regenerate(intent.keyType))
        default:
            send(intent)
            return .ambiguous(.lost)
        }
    }

    private mutating func publish(_ order: PublicationOrder) throws -> Event {
        try checkLawful(order)
        if hit(0.4) { return .publishFailed(Failure(.publishFailed, "no space left")) }
        if let last = lastPublished, last != order.fingerprint { promises[last] = time + policy.overlap }
        if order.fingerprint != lastPublished, order.keyType != record.current?.keyType { sent = [] }
        lastPublished = order.fingerprint
        promises[order.fingerprint] = nil
        everPublished.insert(order.fingerprint)
        tampered = false
        files = SecretsView(
            fingerprint: order.fingerprint, keyType: order.keyType, version: order.version,
            publishedAt: order.publishedAt, previousGoodUntil: order.previousGoodUntil, intact: true)
        return hit(0.3) ? .publishFailed(Failure(.publishFailed, "the directory could not be synced")) : .published
    }

    private mutating func deliver(_ names: [String]) -> [String: Failure?] {
        var results: [String: Failure?] = [:]
        for name in names {
            if hit(0.6) {
                results[name] = .some(Failure(.deliveryFailed, "\(name) failed"))
            } else {
                consumers[name] = files?.fingerprint
                results[name] = .some(nil)
            }
        }
        return results
    }
}
