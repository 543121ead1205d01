import KeyMaterial
import Logging
import Rotation
import ServiceLifecycle

extension RotationEngine {
    /// Handles one resource's events until its machine waits.
    func drive(_ name: String) async {
        while let mail = nextMail(name), await handle(mail, name) {}
        runtimes[name]?.driven = false
        forgetListing(name)
        replaceIfAsked(name)
        options.changed()
        wakeup.signal()
    }

    /// At a shutdown, and when the resource is to be let go, only what must be kept is still handled.
    private func nextMail(_ name: String) -> Mail? {
        guard let runtime = runtimes[name], let mail = runtime.mail.first else { return nil }
        return mail.mustBeKept || (!isEnding && runtime.successor == nil) ? mail : nil
    }

    /// Secrets are not kept in memory longer than they are needed: between two probes. Any other step lists them anew.
    private func forgetListing(_ name: String) {
        guard let runtime = runtimes[name] else { return }
        if case .verifying = runtime.machine.record.phase { return }
        runtimes[name]?.listing = nil
    }

    /// Lets the machine handle the event, makes the outcome durable and carries out what it wants. The event stays
    /// first in the mail until it is durable, so that an answer is not lost when the ledger cannot be written.
    private func handle(_ mail: Mail, _ name: String) async -> Bool {
        guard let runtime = runtimes[name] else { return false }
        let now = ports.clock.now
        var machine = runtime.machine
        if let refusal = refusal(mail.event, machine, now) {
            runtimes[name]?.mail.removeFirst()
            mail.reply?.resume(returning: .refused(refusal))
            return true
        }
        let output = machine.handle(mail.event, now: now)
        if machine.record != runtime.machine.record || !output.notes.isEmpty || runtime.ledgerFailure != nil {
            let rotation = StoredRotation(name: name, id: runtime.resource.id, record: machine.record)
            do {
                try await ports.ledger.save(rotation, notes: output.notes, at: now)
            } catch {
                ledgerFailed(error, name, now)
                return false
            }
        }
        runtimes[name]?.mail.removeFirst()
        runtimes[name]?.machine = machine
        if runtime.ledgerFailure != nil, mail.mustBeKept {
            // Nothing was looked at while the answer waited for the ledger.
            runtimes[name]?.mail.append(Mail(event: .started))
        }
        ledgerRecovered(name)
        if case .reconfigured(let settings) = mail.event { runtimes[name]?.resource.settings = settings }
        noteHealth(name, now)
        for note in output.notes { log(note, of: runtime.resource) }
        mail.reply?.resume(returning: .accepted)
        if !readyTold, runtimes[name]?.settledIn == true { wakeup.signal() }
        if let action = output.action, let answer = await perform(action, name) {
            receive(Mail(event: answer), name)
        }
        return true
    }

    /// What was done goes on record first. What was seen waits its turn, so that a command or a new configuration that
    /// came meanwhile counts before the next step is decided.
    private func receive(_ answer: Mail, _ name: String) {
        if answer.mustBeKept {
            runtimes[name]?.mail.insert(answer, at: 0)
        } else {
            runtimes[name]?.mail.append(answer)
        }
    }

    /// Carries out the action; nil when a shutdown cut it short, which is as if it had not been begun.
    private func perform(_ action: Action, _ name: String) async -> Event? {
        guard let runtime = runtimes[name], !isEnding || action.isRegenerate else { return nil }
        let resource = runtime.resource
        let troubled = runtime.machine.record.trouble != nil
        switch action {
        case .regenerate(let intent):
            return await regenerate(intent, of: resource, troubled: troubled)
        case .publish(let order):
            return await publish(order, of: resource)
        case .readSecrets:
            do {
                return .secretsRead(try await ports.publisher.read(resource))
            } catch {
                return .secretsReadFailed(error)
            }
        case .listKeys:
            return await untilShutdown { try await self.list(resource, troubled: troubled) }
        case .probe(let keyType, let fingerprint):
            return await untilShutdown { try await self.probe(keyType, fingerprint, of: resource, troubled: troubled) }
        case .deliver(let version, let consumers):
            let results = try? await cancelWhenGracefulShutdown {
                try await self.deliver(version: version, to: consumers, of: resource, troubled: troubled)
            }
            guard isEnding else { return results.map { .delivered($0) } }
            return results.flatMap(Self.cutShort)
        }
    }

    /// Who was told stays told; who was cut short by the shutdown is told again after the restart. nil when nobody was.
    private static func cutShort(_ results: [String: Failure?]) -> Event? {
        guard results.contains(where: { $0.value == nil }) else { return nil }
        let failure = Failure(.deliveryFailed, "the daemon stopped meanwhile; who was not told is told after its start")
        return .delivered(results.mapValues { $0 == nil ? nil : failure })
    }

    /// Runs what may be given up at any time; nil when the shutdown did so.
    private func untilShutdown(_ body: @escaping @Sendable () async throws -> Event) async -> Event? {
        let event = try? await cancelWhenGracefulShutdown(body)
        return isEnding ? nil : event
    }

    private func list(_ resource: ManagedResource, troubled: Bool) async throws -> Event {
        let result: Result<KeyListing, Failure> = try await calls.withSlot(troubled: troubled) {
            do throws(Failure) {
                return .success(try await ports.authority.listKeys(of: resource))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let listing):
            runtimes[resource.name]?.listing = listing
            return .keysListed(listing.fingerprints, serverDate: listing.serverDate)
        case .failure(let failure):
            return .listKeysFailed(failure)
        }
    }

    private func probe(
        _ keyType: KeyType, _ fingerprint: Fingerprint, of resource: ManagedResource, troubled: Bool
    ) async throws -> Event {
        guard let connectionString = runtimes[resource.name]?.listing?[keyType],
            connectionString.fingerprint == fingerprint
        else { return .probed(.inconclusive(Self.notListed)) }
        return try await calls.withSlot(troubled: troubled) {
            .probed(await ports.probe.probe(connectionString, of: resource))
        }
    }

    private func deliver(
        version: Int, to consumers: [String], of resource: ManagedResource, troubled: Bool
    ) async throws -> [String: Failure?] {
        let keyType = runtimes[resource.name]?.machine.record.current?.keyType ?? .primary
        return try await deliveries.withSlot(troubled: troubled) {
            await ports.delivery.deliver(version: version, keyType: keyType, to: consumers, of: resource)
        }
    }

    /// The one irreversible call. Its intent is on record; once it is sent, a shutdown waits for the answer.
    private func regenerate(_ intent: Intent, of resource: ManagedResource, troubled: Bool) async -> Event {
        do {
            let outcome = try await calls.withSlot(troubled: troubled) {
                guard !isEnding, runtimes[resource.name]?.successor == nil else { throw CancellationError() }
                regeneratesUnderWay += 1
                defer {
                    regeneratesUnderWay -= 1
                    wakeup.signal()
                }
                return await ports.authority.regenerateKey(intent.keyType, of: resource)
            }
            return .regenerateAnswered(outcome)
        } catch {
            let cause = isEnding ? "the daemon is stopping" : "the resource is not in the new configuration"
            return .regenerateAnswered(.notExecuted(Failure(.paused, "\(cause); it was not sent")))
        }
    }

    private func publish(_ order: PublicationOrder, of resource: ManagedResource) async -> Event {
        guard let listing = runtimes[resource.name]?.listing else { return .publishFailed(Self.notListed) }
        let current = listing[order.keyType]
        let previous = order.previous.map { _ in listing[order.keyType.other] }
        guard current.fingerprint == order.fingerprint, previous?.fingerprint == order.previous else {
            return .publishFailed(Self.notListed)
        }
        do {
            try await ports.publisher.publish(order, current: current, previous: previous, of: resource)
            return .published
        } catch {
            return .publishFailed(error)
        }
    }

    private static let notListed = Failure(.badResponse, "the key to use is not the one listKeys showed last")

    private func refusal(_ event: Event, _ machine: RotationMachine, _ now: Instant) -> RotationBlocker? {
        guard case .rotationRequested = event else { return nil }
        return machine.rotationRefusal(now)
    }

    /// Nothing is begun that is not on record: the event waits, and commands are told so. What was seen in the world is
    /// out of date by then, so the machine begins from its record, as after a restart.
    private func ledgerFailed(_ failure: Failure, _ name: String, _ now: Instant) {
        guard let runtime = runtimes[name] else { return }
        let failures = runtime.ledgerFailures + 1
        runtimes[name]?.ledgerFailures = failures
        runtimes[name]?.ledgerFailure = failure
        let wait = runtime.machine.settings.policy.backoff(count: failures, reason: .ledgerUnavailable)
        runtimes[name]?.ledgerRetryAt = now + min(wait, .seconds(60))
        if failures == 1 {
            log(Note(.failed, reason: failure.reason, detail: failure.detail), of: runtime.resource)
        }
        for mail in runtime.mail { mail.reply?.resume(returning: .unavailable(failure)) }
        runtimes[name]?.mail = runtime.mail
            .filter { $0.reply == nil }
            .map { $0.goesStale ? Mail(event: .started) : $0 }
        noteHealth(name, now)
    }

    private func ledgerRecovered(_ name: String) {
        guard let runtime = runtimes[name], runtime.ledgerFailures > 0 else { return }
        runtimes[name]?.ledgerFailures = 0
        runtimes[name]?.ledgerFailure = nil
        runtimes[name]?.ledgerRetryAt = nil
        log(
            Note(.recovered, reason: .ledgerUnavailable, detail: "the ledger can be written again"),
            of: runtime.resource)
    }
}

extension Action {
    var isRegenerate: Bool {
        if case .regenerate = self { true } else { false }
    }
}
