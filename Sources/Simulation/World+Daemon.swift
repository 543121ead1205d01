import KeyMaterial
import Rotation
import RotationEngine
import SecretsDirectory

/// The daemon's process: `RotationEngine` without its tasks, over the same `EngineCore`.
extension World {
    /// The longest sleep of the engine's loop. The simulation lets it sleep on when nothing is due, and makes up for it
    /// where it would matter: when the clock is set.
    static let longestSleep = Duration.seconds(60)

    func startDaemon() {
        guard daemon == nil else { return }
        daemonsStarted += 1
        do {
            let (rows, text) = try ledger.load(at: now)
            if let text, SimulatedKey.isIn(text) { fail(8, "ledger", "it holds a key") }
            if text != nil, rows != ledger.rows { fail(5, "ledger", "a record is not read as it was written") }
            let core = EngineCore()
            core.load(rows, configuration, wall)
            daemon = SimulatedDaemon(number: daemonsStarted, core: core)
            disturbAll(until: now)
            for (rotation, notes) in parkedNotes.entries.map(\.value) {
                for note in notes { wasRecorded(note, rotation) }
            }
            parkedNotes = NameTable()
            noteRequests()
            trace.write(now, "daemon \(daemonsStarted) starts, its clock says \(wall)")
            loop()
        } catch {
            fail(5, "ledger", "it cannot be read: \(error)")
        }
    }

    /// What operators asked for and got no answer about is on record, or was never asked for.
    private func noteRequests() {
        for service in services.indices {
            let row = ledger.rows.values.first { $0.id == services[service].id }
            let request = row?.boxedRecord.value.request
            facts[service].isRequested = request != nil
            facts[service].compromiseLeft = request?.compromise?.rotationsLeft ?? 0
        }
    }

    /// Once around the engine's loop, as often as something is due.
    func loop() {
        var rounds = 0
        while let running = daemon {
            let due = running.core.takeDue(wall)
            guard !due.isEmpty else { break }
            for name in due where daemon?.core.isDriven(name) == true && daemon?.calls[name] == nil { drive(name) }
            rounds += 1
            if rounds > 1000 { return fail(0, due[0], "the daemon is busy without end") }
        }
        guard let next = daemon?.core.nextDue(wall) else { return }
        sleep(until: now + max(next - wall, .milliseconds(1)))
    }

    func sleep(until instant: Instant) {
        guard let running = daemon, instant < running.wakeAt ?? .distantFuture else { return }
        running.wakeAt = instant
        queue.add(.wake(daemon: running.number), at: instant)
    }

    func wake(_ number: Int) {
        guard let running = daemon, running.number == number, !running.isEnding else { return }
        // Another that came since was sooner, and did what there was to do.
        guard let wakeAt = running.wakeAt, wakeAt <= now else { return }
        running.wakeAt = nil
        loop()
    }

    func answered(_ event: Event, _ name: String) {
        daemon?.calls[name] = nil
        daemon?.core.answered(event, name)
        drive(name)
        endIfDone()
        if daemon?.isEnding == false { loop() }
    }

    /// Carries out steps of one resource until a call is under way or its machine waits.
    func drive(_ name: String) {
        while let running = daemon, let step = running.core.next(name, now: wall, ending: running.isEnding) {
            if running.core.hasMessages { tellMessages() }
            switch step {
            case .save(let rotation, let notes, let at):
                guard save(rotation, notes, at) else {
                    if daemon == nil { return }
                    daemon?.core.driverEnded(name, wall)
                    return tellMessages()
                }
            case .perform(let action, let resource):
                guard perform(action, resource) else { return }
            }
        }
        daemon?.core.driverEnded(name, wall)
        tellMessages()
    }

    /// False when the driver has to end, or there is no daemon any more.
    private func save(_ rotation: StoredRotation, _ notes: [Note], _ at: Instant) -> Bool {
        trace.write(
            now,
            "\(rotation.name): \(rotation.record.phase.name) \(notes.map { "\($0.kind.rawValue)\($0.detail.map { " (\($0))" } ?? "")" })"
        )
        for note in notes where note.detail.map(SimulatedKey.isIn) == true {
            fail(8, rotation.name, "a note holds a key")
        }
        let strike = strikeInside()
        if let strike, strike.isBefore {
            end(strike.fault)
            return false
        }
        if daemon?.core.ledgerFailure(rotation.name) != nil, let service = index(of: rotation.id) {
            // What was asked for meanwhile is asked for again.
            facts[service].calls.hurriedAt = now + .seconds(130)
        }
        if isOpen(.ledgerFails), !isCalm {
            // After an exchange the resource that has the name now waits for the one that had it.
            for case let service? in [files.first { $0.name == rotation.name }?.service, index(of: rotation.id)] {
                disturb(service)
                facts[service].calls.hurriedAt = now
            }
            if faultRandom[Fault.ledgerFails.rawValue].chance(0.5) {
                // The daemon does not know that it is on record, and may write something else there: what was noted counts
                // when the next one finds it.
                noteProgress(rotation)
                ledger.save(rotation)
                wasKept(rotation)
                parkedNotes[rotation.name] = (rotation, notes)
            }
            if let service = index(of: rotation.id) { forgetContradiction(service) }
            daemon?.core.saveFailed(rotation.name, Failure(.ledgerUnavailable, "the disk is full"), at)
            return false
        }
        keep(rotation, notes)
        if let strike {
            end(strike.fault)
            return false
        }
        daemon?.core.saved(rotation.name)
        return true
    }

    private func keep(_ rotation: StoredRotation, _ notes: [Note]) {
        parkedNotes[rotation.name] = nil
        noteProgress(rotation)
        ledger.save(rotation)
        wasKept(rotation)
        for note in notes { wasRecorded(note, rotation) }
    }

    /// True when the driver goes on at once; false when a call is under way, or there is no daemon any more.
    private func perform(_ action: Action, _ resource: ManagedResource) -> Bool {
        let name = resource.name
        trace.write(now, "\(name) -> \(action)")
        switch action {
        case .listKeys, .probe, .regenerate, .deliver:
            checkCall(action, resource)
            provokeStrike(action, resource)
        case .readSecrets, .publish: break
        }
        checkRecorded(action, resource)
        switch action {
        case .readSecrets:
            let view = readSecrets(resource)
            daemon?.core.answered(view, name)
            return true
        case .publish(let order):
            guard let event = publish(order, resource) else { return false }
            daemon?.core.answered(event, name)
            return true
        case .listKeys:
            call(name, listKeys(resource))
        case .probe(let keyType, let fingerprint):
            guard let string = daemon?.core.connectionString(keyType, fingerprint, name) else {
                daemon?.core.answered(.probed(.inconclusive(EngineCore.notListed)), name)
                return true
            }
            if let service = index(of: resource) { checkSpacing(fingerprint, service, name) }
            call(name, probe(string, resource))
        case .regenerate(let intent):
            guard let running = daemon, !running.isEnding, running.core.mayRegenerate(name) else {
                let notSent = EngineCore.notSent(stopping: daemon?.isEnding == true)
                daemon?.core.answered(notSent, name)
                return true
            }
            call(name, regenerate(intent, resource), isRegenerate: true)
        case .deliver(_, let consumers):
            call(name, deliver(to: consumers, resource))
        }
        return false
    }

    private func call(_ name: String, _ answer: (Answer, after: Duration), isRegenerate: Bool = false) {
        guard let running = daemon else { return }
        daemon?.calls[name] = isRegenerate
        queue.add(.answer(daemon: running.number, name: name, answer.0), at: now + answer.after)
        // Nothing is worth dying in as much as a regenerate.
        if let strike = strikeInside(weight: isRegenerate ? 5 : 1) {
            let delay = Double(answer.after.wholeMicroseconds) * faultRandom[strike.fault.rawValue].fraction()
            queue.add(.dies(strike.fault, daemon: running.number), at: now + .microseconds(Int64(delay)))
        }
    }

    private func deliver(to consumers: [String], _ resource: ManagedResource) -> (Answer, after: Duration) {
        let fails = isOpen(.deliveryFails)
        var results: [String: Failure?] = [:]
        for consumer in consumers {
            let failed = fails && faultRandom[Fault.deliveryFails.rawValue].chance(0.7)
            if failed, let service = index(of: resource) { disturb(service) }
            let failure: Failure? = failed ? Failure(.deliveryFailed, "\(consumer) could not be told") : nil
            results.updateValue(failure, forKey: consumer)
        }
        return (.delivered(results, file: resource.name), random.duration(.milliseconds(10)...(.seconds(20))))
    }

    private func tellMessages() {
        for message in daemon?.core.takeMessages() ?? [] {
            switch message {
            case .reply(let command, let outcome): wasReplied(command, outcome)
            case .settledIn: if daemon?.core.isSettledIn == true { becameReady() }
            case .log, .adoptedAnew, .renamed: break
            }
        }
    }
}

/// How a run of the daemon ends.
extension World {
    /// The process is gone, and with a power failure what was not on the disk.
    func end(_ fault: Fault) {
        guard daemon != nil else { return }
        statistics.crashes += 1
        trace.write(now, "the daemon ends: \(fault)")
        daemon = nil
        isForgotten()
        askAgain()
        if fault == .powerFailure {
            var random = faultRandom[Fault.powerFailure.rawValue]
            disk.powerFailure(&random)
            faultRandom[Fault.powerFailure.rawValue] = random
            readCache = NameTable()
            lastPublished = NameTable()
            for file in files.indices {
                look(at: file, .disk)
                if files[file].durable != nil, !files[file].isExcused, files[file].isManaged { checkModes(file) }
            }
        } else {
            disk.processKilled()
        }
        let index = fault.rawValue
        let pause =
            faultRandom[index].chance(0.8)
            ? faultRandom[index].duration(.milliseconds(100)...(.seconds(60)))
            : faultRandom[index].exponential(mean: .seconds(86_400))
        if chance(.ledgerLost) { loseLedger() }
        disturbAll(until: now + pause)
        queue.add(.start, at: now + pause)
    }

    /// SIGTERM: what was sent is awaited, everything else given up.
    func stopDaemon() {
        guard let running = daemon, !running.isEnding else { return }
        trace.write(now, "the daemon is asked to stop")
        daemon?.isEnding = true
        for (name, isRegenerate) in running.calls.entries.sorted(by: { $0.name < $1.name }) where !isRegenerate {
            daemon?.calls[name] = nil
            drive(name)
        }
        endIfDone()
    }

    /// Operators who got no reply look again.
    private func askAgain() {
        // A pause may have been accepted, and ended what was asked for before.
        for asked in askedCommands.values where asked.event.isRotation || asked.event.isPause {
            facts[files[asked.file].service].compromisedKeys = []
        }
        for file in askedCommands.values.map(\.file).sorted() {
            queue.add(.operatorLooks(file: file), at: now + .seconds(86_400))
        }
        askedCommands = [:]
    }

    private func endIfDone() {
        guard let running = daemon, running.isEnding, running.calls.isEmpty else { return }
        for name in running.core.unkeptAnswers where daemon != nil { drive(name) }
        guard daemon != nil else { return }
        daemon?.core.abandonMail(.gone)
        tellMessages()
        trace.write(now, "the daemon ends in order")
        daemon = nil
        isForgotten()
        askAgain()
        let pause = faultRandom[Fault.restart.rawValue].duration(.milliseconds(100)...(.seconds(600)))
        disturbAll(until: now + pause)
        queue.add(.start, at: now + pause)
    }

    func loseLedger() {
        trace.write(now, "the ledger is lost")
        ledger.lose()
        parkedNotes = NameTable()
        // Nothing tells of what a hand superseded since the last look.
        for file in files.indices {
            let lookedAt = files[file].lookedAt
            files[file].replaced.removeAll { $0.replacedAt >= lookedAt && $0.by != .daemon }
        }
        for service in facts.indices {
            facts[service].ledgerLostAt = now
            facts[service].calls.regenerateFrom = .distantPast
            facts[service].contradiction = nil
            facts[service].openRequest = nil
            facts[service].forgetPeers()
            facts[service].mayGoOn = false
            facts[service].isPaused = false
            facts[service].mayBePaused = false
            facts[service].isRequested = false
            facts[service].compromiseLeft = 0
            facts[service].compromisedKeys = []
        }
    }
}
