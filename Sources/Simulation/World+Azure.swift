import KeyMaterial
import Rotation
import RotationEngine

extension World {
    /// Gives the key type a new value.
    func makeKey(_ service: Int, _ keyType: KeyType, request: Int? = nil, isAtOnceAccepted: Bool = false) {
        let connectionString = connectionString(services[service].keys.count, of: service)
        let made = max(now, services[service].deletedUntil)
        let accepted =
            isAtOnceAccepted ? made : made + propagation(service, .slowPropagation, .seconds(1)...(.seconds(1200)))
        let steady =
            isAtOnceAccepted
            ? made : accepted + propagation(service, .flappingPropagation, .seconds(1)...(.seconds(600)))
        let refused = isAtOnceAccepted ? nil : refusal(service, from: made)
        services[service].living[SimulatedService.slot(keyType)] = services[service].keys.count
        services[service].keys.append(
            SimulatedKey(
                keyType: keyType, connectionString: connectionString, fingerprint: connectionString.fingerprint,
                bornAt: now, request: request, acceptedFrom: accepted, flapsUntil: steady, refused: refused))
        services[service].listing = nil
    }

    /// With the endpoint of now.
    func connectionString(_ number: Int, of service: Int) -> ConnectionString {
        let text = SimulatedKey.text(number: number, of: service)
        let string = "endpoint=https://\(services[service].host)/;accesskey=\(text)"
        guard let connectionString = try? ConnectionString(string) else {
            preconditionFailure("simulated connection strings are well formed")
        }
        return connectionString
    }

    /// When the data plane refuses a new key for long.
    private func refusal(_ service: Int, from made: Instant) -> Range<Instant>? {
        guard chance(.hoursOfPropagation) else { return nil }
        disturb(service)
        let index = Fault.hoursOfPropagation.rawValue
        let start = faultRandom[index].chance(0.5) ? made : made + faultRandom[index].duration(.zero...(.seconds(600)))
        return start..<(start + faultRandom[index].duration(.seconds(60)...(.seconds(12 * 3600))))
    }

    /// How long the data plane goes on taking a key that dies.
    private func revocation(_ service: Int) -> Duration {
        guard chance(.slowRevocation) else { return .zero }
        let index = Fault.slowRevocation.rawValue
        return faultRandom[index].duration(
            .seconds(1)...(faultRandom[index].chance(0.9) ? .seconds(1200) : .seconds(86_400)))
    }

    private func propagation(_ service: Int, _ fault: Fault, _ range: ClosedRange<Duration>) -> Duration {
        guard chance(fault) else { return .zero }
        disturb(service)
        return faultRandom[fault.rawValue].duration(range)
    }

    /// The key type's value dies and gets a successor.
    func replaceKey(_ service: Int, _ keyType: KeyType, _ death: SimulatedKey.Death) {
        let dying = services[service].living[SimulatedService.slot(keyType)]
        services[service].keys[dying].diedAt = now
        services[service].keys[dying].death = death
        services[service].keys[dying].acceptedUntil = now + revocation(service)
        makeKey(service, keyType, request: ourRequest(death, service))
        trace.write(now, "azure: \(keyType) of \(services[service].id.name) changed (\(death))")
        keyDied(service, dying)
    }

    /// What came too late looks like another hand.
    private func ourRequest(_ death: SimulatedKey.Death, _ service: Int) -> Int? {
        guard case .regenerated(let request, let after) = death,
            after <= services[service].requests[request].settle
        else { return nil }
        return request
    }

    func listKeys(_ resource: ManagedResource) -> (Answer, after: Duration) {
        guard let service = index(of: resource) else {
            return (.failed(.listKeysFailed(Failure(.notFound, "404 ResourceNotFound"))), .milliseconds(200))
        }
        statistics.looks += 1
        if services[service].isDeleted(now) {
            disturb(service)
            return (.failed(.listKeysFailed(Self.notFound)), latency(service))
        }
        if let failure = refusal(service) { return (.failed(.listKeysFailed(failure)), latency(service)) }
        if chance(.serverError) {
            disturb(service)
            return (.failed(.listKeysFailed(Failure(.azureUnavailable, "503"))), latency(service))
        }
        if isOpen(.strangeListing), faultRandom[Fault.strangeListing.rawValue].chance(0.8) {
            disturb(service)
            facts[service].grounds[.badConnectionString] = now
            let failure = Failure(.badConnectionString, "the primary connection string holds another key")
            return (.failed(.listKeysFailed(failure)), latency(service))
        }
        let listing: KeyListing
        if let known = services[service].listing {
            listing = known
        } else {
            listing = KeyListing(
                primary: services[service].livingKey(.primary).connectionString,
                secondary: services[service].livingKey(.secondary).connectionString, serverDate: nil)
            services[service].listing = listing
        }
        let date = date(service)
        let late =
            chance(.laggingListing) ? keysSeenApart(service) : chance(.staleListing) ? keysSeenLate(service) : nil
        if let keys = late {
            let (primary, secondary) = (services[service].keys[keys[0]], services[service].keys[keys[1]])
            if primary.connectionString.endpoint != secondary.connectionString.endpoint {
                facts[service].grounds[.badConnectionString] = now
                let failure = Failure(.badConnectionString, "the connection strings name two endpoints")
                return (.failed(.listKeysFailed(failure)), latency(service))
            }
            let stale = KeyListing(
                primary: primary.connectionString, secondary: secondary.connectionString, serverDate: date)
            return (.listed(stale, keys: keys, service: service), latency(service))
        }
        let dated = KeyListing(primary: listing.primary, secondary: listing.secondary, serverDate: date)
        return (.listed(dated, keys: services[service].living, service: service), latency(service))
    }

    /// The keys as they were a few seconds ago.
    private func keysSeenLate(_ service: Int) -> [Int] {
        let lag = faultRandom[Fault.staleListing.rawValue].duration(.zero...(.seconds(10)))
        return KeyType.allCases.map { keySeen(service, $0, lag) }
    }

    func probe(_ string: ConnectionString, _ resource: ManagedResource) -> (Answer, after: Duration) {
        guard let service = index(of: resource) else {
            return (
                .probed(.inconclusive(Failure(.probeUnreachable, "no such host")), key: nil, service: 0), .seconds(1)
            )
        }
        let key = services[service].keys.lastIndex { $0.connectionString == string }
        let latency = latency(service)
        if services[service].isDeleted(now) {
            disturb(service)
            let failure = Failure(.probeUnreachable, "no such host")
            return (.probed(.inconclusive(failure), key: key, service: service), latency)
        }
        if let failure = askedToWait(service) {
            return (.probed(.inconclusive(failure), key: key, service: service), latency)
        }
        if chance(.probeInconclusive) || isOpen(.azureOutage) {
            disturb(service)
            let failure = Failure(.probeUnreachable, "the data plane does not answer")
            return (.probed(.inconclusive(failure), key: key, service: service), latency)
        }
        if isOpen(.dataPlaneOutage) {
            facts[service].silentAt = now
            let reason = faultRandom[Fault.dataPlaneOutage.rawValue].pick([Reason.probeUnreachable, .probeUnusable])
            return (.probed(.inconclusive(Failure(reason, "nothing is heard")), key: key, service: service), latency)
        }
        if key == nil {
            disturb(service)
            let failure = Failure(.probeUnreachable, "no such host")
            return (.probed(.inconclusive(failure), key: nil, service: service), latency)
        }
        guard let key, accepts(service, key) else {
            disturb(service)
            facts[service].grounds[.keyDenied] = now
            return (.probed(.denied(Failure(.keyDenied, "401 Denied")), key: key, service: service), latency)
        }
        return (.probed(.succeeded, key: key, service: service), latency)
    }

    /// Whether the data plane takes a call that is signed with the key now.
    func accepts(_ service: Int, _ index: Int) -> Bool {
        if isOpen(.keysRefused) { return false }
        let key = services[service].keys[index]
        guard key.acceptedFrom <= now, key.refused?.contains(now) != true else { return false }
        guard key.diedAt == nil else {
            // By one server, and not by the next.
            return key.acceptedUntil > now && faultRandom[Fault.slowRevocation.rawValue].chance(0.7)
        }
        return key.flapsUntil <= now || random.chance(0.5)
    }

    /// One `regenerateKey`: when it runs, if it does, and when the daemon hears what.
    func regenerate(_ intent: Intent, _ resource: ManagedResource) -> (Answer, after: Duration) {
        guard let service = index(of: resource) else {
            return (.failed(.regenerateAnswered(.notExecuted(Failure(.notFound, "404")))), .seconds(1))
        }
        checkSend(intent.keyType, service, resource)
        statistics.regenerates += 1
        let request = services[service].requests.count
        services[service].requests.append(
            SentRegenerate(
                keyType: intent.keyType, sentAt: now,
                settle: policies(of: service).map(\.settle).min() ?? .zero, before: services[service].living,
                longestSettle: policies(of: service).map(\.settle).max() ?? .zero,
                knewBefore: services[service].livingKey(intent.keyType).wasListed))
        facts[service].openRequest = request
        trace.write(now, "azure: regenerate \(intent.keyType) of \(resource.name), number \(request)")
        let latency = latency(service)
        if let failure = services[service].isDeleted(now) ? Self.notFound : refusal(service) {
            services[service].requests[request].isPending = false
            return (answer(.notExecuted(failure), request, service), latency)
        }
        // Another hand strikes most often when nobody needs it.
        for hand in [Fault.outsideCurrent, .outsideOther] where scenario.plan[hand] > 0 && !isCalm {
            if faultRandom[hand.rawValue].chance(0.03) {
                let delay = faultRandom[hand.rawValue].duration(.zero...(.seconds(180)))
                queue.add(.otherHand(hand, service: service), at: now + delay)
            }
        }
        if chance(.oddAnswer) { return regenerateOddly(request, intent, service, latency) }
        return regenerate(request, intent.keyType, service, latency)
    }

    private func regenerate(
        _ request: Int, _ keyType: KeyType, _ service: Int, _ latency: Duration
    ) -> (Answer, after: Duration) {
        if chance(.brokenConnection) { return regenerateBrokenly(request, keyType, service) }
        let timeout = Failure(.timeout, "no answer within 60 s")
        if chance(.lostRequest) {
            services[service].requests[request].isPending = false
            return (answer(.ambiguous(timeout), request, service), .seconds(60))
        }
        if chance(.lateLanding) {
            let delay = faultRandom[Fault.lateLanding.rawValue].duration(.seconds(1)...(.seconds(600)))
            queue.add(.land(service: service, request: request, keyType), at: now + delay)
            return (answer(.ambiguous(timeout), request, service), .seconds(60))
        }
        if chance(.serverError) {
            if faultRandom[Fault.serverError.rawValue].chance(0.5) {
                land(service, request, keyType)
            } else {
                services[service].requests[request].isPending = false
            }
            return (answer(.ambiguous(Failure(.azureUnavailable, "503")), request, service), latency)
        }
        if chance(.throttledThoughRun) {
            land(service, request, keyType)
            let asked = Duration.seconds(faultRandom[Fault.throttledThoughRun.rawValue].below(300))
            return (answer(.notExecuted(Failure(.throttled, "429", retryAfter: asked)), request, service), latency)
        }
        if chance(.noChange) {
            facts[service].grounds[.regenerateWithoutChange] = now
            services[service].requests[request].isPending = false
            return (answer(.regenerated(keyType, Self.phantom), request, service), latency)
        }
        if chance(.wrongKeyType) {
            anotherHandChangedAKey(service)
            replaceKey(service, keyType.other, .wrongKeyType)
            services[service].requests[request].isPending = false
            let told = faultRandom[Fault.wrongKeyType.rawValue].chance(0.5) ? keyType : keyType.other
            let shown = services[service].livingKey(keyType.other).fingerprint
            return (answer(.regenerated(told, shown), request, service), latency)
        }
        land(service, request, keyType)
        if chance(.duplicate) {
            let settle = services[service].requests[request].settle
            let delay = settle + faultRandom[Fault.duplicate.rawValue].duration(.seconds(1)...(.seconds(480)))
            queue.add(.land(service: service, request: request, keyType), at: now + delay)
        }
        if chance(.ranTwice) {
            let longest = services[service].requests[request].settle
            let delay = faultRandom[Fault.ranTwice.rawValue].duration(.seconds(1)...longest)
            queue.add(.land(service: service, request: request, keyType), at: now + delay)
        }
        if chance(.lostReply) { return (answer(.ambiguous(timeout), request, service), .seconds(60)) }
        return (
            answer(.regenerated(keyType, services[service].livingKey(keyType).fingerprint), request, service), latency
        )
    }

    func answer(_ outcome: RegenerateOutcome, _ request: Int, _ service: Int) -> Answer {
        if case .regenerated = outcome {} else { disturb(service) }
        return .regenerated(outcome, request: request, service: service)
    }

    /// A regenerate runs.
    func land(_ service: Int, _ request: Int, _ keyType: KeyType) {
        let sent = services[service].requests[request]
        if sent.repetitions > 0 {
            services[service].requests[request].repetitions -= 1
        } else {
            services[service].requests[request].isPending = false
        }
        guard !services[service].isDeleted(now) else { return }
        let after = now - sent.sentAt
        if after > sent.settle {
            // What comes so late looks like another hand.
            anotherHandChangedAKey(service)
            disturb(service)
        }
        replaceKey(service, keyType, .regenerated(request: request, after: after))
    }

    /// To the daemon it may look as if its own regenerate had done it.
    func anotherHandChangedAKey(_ service: Int) {
        facts[service].grounds[.wrongKeyTypeChanged] = now
        facts[service].grounds[.bothKeysChanged] = now
    }

    /// Why Azure Resource Manager does nothing now.
    private func refusal(_ service: Int) -> Failure? {
        let failure: Failure? =
            if isOpen(.tokenFailure) {
                Failure(.unauthenticated, "no token")
            } else if isOpen(.azureOutage) {
                Failure(.unreachable, "no connection")
            } else if isOpen(.refused) {
                Failure(.locked, "409 ScopeLocked")
            } else if chance(.throttled) {
                Failure(
                    .throttled, "429",
                    retryAfter: .seconds(1 + faultRandom[Fault.throttled.rawValue].below(300)))
            } else if isOpen(.flappingAccess), faultRandom[Fault.flappingAccess.rawValue].chance(0.5) {
                faultRandom[Fault.flappingAccess.rawValue].chance(0.5)
                    ? Failure(.forbidden, "403 AuthorizationFailed") : Self.notFound
            } else {
                askedToWait(service)
            }
        if failure != nil { disturb(service) }
        return failure
    }

    private func latency(_ service: Int) -> Duration {
        guard chance(.slowAnswer) else { return random.duration(.milliseconds(80)...(.milliseconds(2000))) }
        return faultRandom[Fault.slowAnswer.rawValue].duration(.seconds(2)...(.seconds(59)))
    }

    /// Of a key that never was.
    private static let phantom = Fingerprint(value: 255)

    func index(of resource: ManagedResource) -> Int? { index(of: resource.id) }

    func index(of id: ResourceID) -> Int? { serviceIDs.firstIndex(of: id) }
}
