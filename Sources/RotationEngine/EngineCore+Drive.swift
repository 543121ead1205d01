import KeyMaterial
import Rotation

extension EngineCore {
    /// The next step for a driven resource; nil when its machine waits.
    ///
    /// - Parameter ending: at a shutdown, as when the resource is to be let go, only what must be kept is still handled.
    package func next(_ name: String, now: Instant, ending: Bool) -> Step? {
        guard let runtime = runtime(name) else { return nil }
        while true {
            if let action = runtime.wanted.take() {
                // What is not begun at a shutdown is as if it had not been wanted. A regenerate is on record, so it has
                // to be answered, if only by saying that it was not sent.
                if !ending || action.isRegenerate { return .perform(action, runtime.resource) }
            }
            guard let mail = runtime.mail.first,
                mail.mustBeKept || (!ending && !runtime.isLeaving)
            else { return nil }
            if let step = handle(mail, runtime, now) { return step }
        }
    }

    /// Lets the machine handle the event. The event stays first in the mail until the outcome is durable, so that an
    /// answer is not lost when the ledger cannot be written.
    private func handle(_ mail: Mail, _ runtime: ResourceRuntime, _ now: Instant) -> Step? {
        var machine = runtime.machine
        if case .rotationRequested(_, let kind, _) = mail.event, let refusal = machine.rotationRefusal(now, kind) {
            runtime.mail.removeFirst()
            reply(to: mail, .refused(refusal))
            return nil
        }
        consultPeers(&machine, runtime, now)
        let output = machine.handle(mail.event, now: now)
        let mustSave =
            !output.notes.isEmpty || runtime.isLedgerFailing
            || machine.boxedRecord !== runtime.machine.boxedRecord && machine.boxedRecord != runtime.machine.boxedRecord
        guard mustSave else {
            commit(consume machine, output, of: runtime, now)
            return nil
        }
        let step = Step.save(stored(runtime, machine), notes: output.notes, at: now)
        runtime.pending = Pending(machine: consume machine, output: output, at: now)
        return step
    }

    /// The outcome of the event handled last is durable.
    package func saved(_ name: String) {
        guard let runtime = runtime(name) else { return }
        if let pending = runtime.pending.take() { commit(pending.machine, pending.output, of: runtime, pending.at) }
    }

    /// The machine has handled the first mail, and what came of it counts from now on.
    private func commit(
        _ machine: consuming RotationMachine, _ output: Output, of runtime: ResourceRuntime, _ now: Instant
    ) {
        guard !runtime.mail.isEmpty else { return }
        let wasSettledIn = runtime.settledIn
        let mail = runtime.mail.removeFirst()
        if runtime.isLedgerFailing {
            // Nothing was looked at while the answer waited for the ledger.
            if mail.mustBeKept { runtime.mail.append(Mail(event: .started)) }
            ledgerRecovered(runtime)
        }
        if case .reconfigured(let settings) = mail.event { runtime.resource.settings = settings }
        noteHealth(of: runtime, machine, now)
        let news = machine.hasPeers ? machine.newsForPeers(since: runtime.machine) : nil
        runtime.machine = consume machine
        if let news { wakePeers(of: runtime, news) }
        for note in output.notes { tell(.log(note, runtime.resource)) }
        reply(to: mail, .accepted)
        if !wasSettledIn, runtime.settledIn { tell(.settledIn) }
        runtime.wanted = output.action
    }

    /// What came of an action. What was done goes on record first. What was seen waits its turn, so that a command or a
    /// new configuration that came meanwhile counts before the next step is decided.
    package func answered(_ event: Event, _ name: String) {
        guard let runtime = runtime(name) else { return }
        let answer = Mail(event: event)
        if answer.mustBeKept {
            runtime.mail.insert(answer, at: 0)
        } else {
            runtime.mail.append(answer)
        }
    }

    /// Nothing is begun that is not on record: the event waits, and commands are told so. What was seen in the world is
    /// out of date by then, so the machine begins from its record, as after a restart. The driver has to end.
    package func saveFailed(_ name: String, _ failure: Failure, _ now: Instant) {
        guard let runtime = runtime(name) else { return }
        let failures = runtime.ledgerFailures + 1
        runtime.pending = nil
        runtime.ledgerFailures = failures
        runtime.ledgerFailure = failure
        let wait = runtime.machine.settings.policy.backoff(count: failures, reason: .ledgerUnavailable)
        runtime.ledgerRetryAt = now + min(wait, .seconds(60))
        if failures == 1 {
            tell(.log(Note(.failed, reason: failure.reason, detail: failure.detail), runtime.resource))
        }
        for mail in runtime.mail { reply(to: mail, .unavailable(failure)) }
        runtime.mail = runtime.mail
            .filter { $0.command == nil }
            .map { $0.goesStale ? Mail(event: .started) : $0 }
        noteHealth(of: runtime, runtime.machine, now)
    }

    private func ledgerRecovered(_ runtime: ResourceRuntime) {
        runtime.ledgerFailures = 0
        runtime.ledgerFailure = nil
        runtime.ledgerRetryAt = nil
        let note = Note(.recovered, reason: .ledgerUnavailable, detail: "the ledger can be written again")
        tell(.log(note, runtime.resource))
    }
}

extension EngineCore {
    /// Keeps what a `listKeys` showed for as long as it is needed, and makes it an event.
    package func listed(_ listing: KeyListing, _ name: String) -> Event {
        runtime(name)?.listing = listing
        return .keysListed(listing.fingerprints, serverDate: listing.serverDate)
    }

    /// The connection string to probe; nil when it is not what `listKeys` showed last.
    package func connectionString(_ keyType: KeyType, _ fingerprint: Fingerprint, _ name: String) -> ConnectionString? {
        guard let string = runtime(name)?.listing?[keyType], string.fingerprint == fingerprint else { return nil }
        return string
    }

    /// The connection strings that the order is about; nil when they are not what `listKeys` showed last.
    package func connectionStrings(
        for order: PublicationOrder, _ name: String
    ) -> (current: ConnectionString, previous: ConnectionString?)? {
        guard let listing = runtime(name)?.listing else { return nil }
        let current = listing[order.keyType]
        let previous = order.previous.map { _ in listing[order.keyType.other] }
        guard current.fingerprint == order.fingerprint, previous?.fingerprint == order.previous,
            current.endpoint == order.endpoint
        else { return nil }
        return (current, previous)
    }

    /// The answer when a key to use is not the one that `listKeys` showed last.
    package static let notListed = Failure(.badResponse, "the key to use is not the one listKeys showed last")

    /// False when the resource is to be let go: a regenerate on record must not be sent any more.
    package func mayRegenerate(_ name: String) -> Bool { !isLeaving(name) }

    /// The resource is to be let go, or was: what it is shown is not looked at any more.
    package func isLeaving(_ name: String) -> Bool { runtime(name)?.isLeaving != false }

    /// The answer of a regenerate that was on record and not sent.
    package static func notSent(stopping: Bool) -> Event {
        let cause = stopping ? "the daemon is stopping" : "the resource is not in the new configuration"
        return .regenerateAnswered(.notExecuted(Failure(.paused, "\(cause); it was not sent")))
    }

    /// Its steps fail, so it gets no more than its share of the calls.
    package func isTroubled(_ name: String) -> Bool { runtime(name)?.isTroubled == true }

    /// What is published, on record.
    package func published(_ name: String) -> Publication? { runtime(name)?.machine.record.current }

    /// Resources with an answer that is not on record.
    package var unkeptAnswers: [String] {
        runtimes.filter { $0.value.mail.first?.mustBeKept == true }.keys.sorted()
    }

    package func ledgerFailure(_ name: String) -> Failure? { runtime(name)?.ledgerFailure }

    /// Nothing is handled any more; whoever waits for a reply gets this one.
    package func abandonMail(_ outcome: CommandOutcome) {
        for name in runtimes.keys.sorted() {
            for mail in runtimes[name]?.mail ?? [] { reply(to: mail, outcome) }
            runtimes[name]?.mail = []
        }
    }
}

extension Action {
    package var isRegenerate: Bool {
        if case .regenerate = self { true } else { false }
    }
}
