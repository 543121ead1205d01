import Rotation
import RotationEngine

/// What operators do: new configurations, and commands.
extension World {
    func reload() {
        let index = Fault.reload.rawValue
        guard !configuration.isEmpty else { return }
        reload(faultRandom[index].below(configuration.count))
    }

    func reload(_ number: Int) {
        let index = Fault.reload.rawValue
        if faultRandom[index].chance(0.7) {
            let policy = policy(&faultRandom[index])
            if scenario.features.contains(.peers) {
                share(policy)
            } else {
                setPolicy(policy, of: number)
            }
        } else {
            setPolicy(configuration[number].settings.policy, of: number)
            configuration[number].settings.consumers = (0..<faultRandom[index].below(4)).map { "consumer-\($0)" }
        }
        applyConfiguration()
    }

    private func setPolicy(_ policy: Policy, of number: Int) {
        guard let service = self.index(of: configuration[number]) else { return }
        facts[service].formerPolicy = configuration[number].settings.policy
        facts[service].rememberOverlap(configuration[number].settings.policy.overlap, now)
        facts[service].policyChangedAt = now
        facts[service].forgetPeers()
        configuration[number].settings.policy = policy
        let settle = configuration[number].settings.policy.settle
        for request in services[service].requests.indices.suffix(6) {
            services[service].requests[request].settle = min(services[service].requests[request].settle, settle)
            services[service].requests[request].longestSettle = max(
                services[service].requests[request].longestSettle, settle)
        }
    }

    /// All resources, also those that are to come back, get the policy.
    private func share(_ policy: Policy) {
        sharedPolicy = policy
        for number in configuration.indices { setPolicy(policy, of: number) }
        for number in removed.indices { removed[number].settings.policy = policy }
    }

    /// A canary that left the configuration, or has another name, is named anew.
    private func nameCanary(_ former: String, _ name: String?) {
        guard var policy = sharedPolicy, policy.canary == former else { return }
        policy.canary = name
        share(policy)
    }

    func remove() {
        let index = Fault.removal.rawValue
        guard !configuration.isEmpty else { return }
        let number = faultRandom[index].below(configuration.count)
        remove(number, for: faultRandom[index].exponential(mean: .seconds(20 * 86_400)))
    }

    func remove(_ number: Int, for absence: Duration) {
        let resource = configuration.remove(at: number)
        guard let service = self.index(of: resource), let file = file(named: resource.name) else { return }
        disturb(service)
        files[file].isManaged = false
        facts[service].forgetPeers()
        removed.append(resource)
        nameCanary(resource.name, configuration.first?.name)
        queue.add(.comeBack(resource.id), at: now + absence)
        applyConfiguration()
    }

    func comeBack(_ id: ResourceID) {
        guard let place = removed.firstIndex(where: { $0.id == id }) else { return }
        let resource = removed.remove(at: place)
        guard let service = index(of: resource), let file = file(named: resource.name) else { return }
        disturb(service)
        facts[service].policyChangedAt = now
        configuration.append(resource)
        configuration.sort { $0.name < $1.name }
        files[file].isManaged = true
        look(at: file, .other)
        applyConfiguration()
    }

    func rename() {
        let index = Fault.renaming.rawValue
        guard !configuration.isEmpty else { return }
        rename(faultRandom[index].below(configuration.count))
    }

    /// Consumers of the old name have an overlap's time to read the new one.
    func rename(_ number: Int) {
        let index = Fault.renaming.rawValue
        guard let service = self.index(of: configuration[number]), let file = file(named: configuration[number].name)
        else { return }
        disturb(service)
        let name = "contoso-\(service)\(["", "-mail", "-sms"][faultRandom[index].below(3)])"
        // After an exchange another one may have that.
        guard self.file(named: name) == nil else { return }
        trace.write(now, "\(files[file].name) is now \(name)")
        configuration[number].settings.name = name
        facts[service].forgetPeers()
        nameCanary(files[file].name, name)
        configuration.sort { $0.name < $1.name }
        facts[service].policyChangedAt = now
        // In the new directory there is nothing that tells how old the key is.
        facts[service].tamperedAt = now
        files[file].rename(name)
        readCache[name] = nil
        lastPublished[name] = nil
        look(at: file, .other)
        applyConfiguration()
    }

    /// As when the names were mixed up, or are now.
    func exchange() {
        guard !configuration.isEmpty else { return }
        exchange(faultRandom[Fault.exchanged.rawValue].below(configuration.count))
    }

    func exchange(_ first: Int) {
        let index = Fault.exchanged.rawValue
        guard configuration.count > 1 else { return }
        let second = (first + 1 + faultRandom[index].below(configuration.count - 1)) % configuration.count
        let names = [configuration[first].name, configuration[second].name]
        let exchanged = [first, second].compactMap { file(named: configuration[$0].name) }
        guard exchanged.count == 2 else { return }
        trace.write(now, "\(names[0]) and \(names[1]) are exchanged")
        configuration[first].settings.name = names[1]
        configuration[second].settings.name = names[0]
        configuration.sort { $0.name < $1.name }
        if let canary = sharedPolicy?.canary, names.contains(canary) {
            nameCanary(canary, canary == names[0] ? names[1] : names[0])
        }
        for (file, name) in zip(exchanged, names.reversed()) {
            disturb(files[file].service)
            facts[files[file].service].policyChangedAt = now
            facts[files[file].service].tamperedAt = now
            files[file].rename(name)
            readCache[name] = nil
            lastPublished[name] = nil
        }
        for file in exchanged { look(at: file, .other) }
        applyConfiguration()
    }

    private func applyConfiguration() {
        guard now >= suspendedUntil else { return queue.add(.reload, at: suspendedUntil) }
        reloadDaemon()
    }

    func reloadDaemon() {
        guard let running = daemon, !running.isEnding else { return }
        daemon?.core.reconfigure(configuration, wall)
        loop()
    }

    func command(_ fault: Fault) {
        let index = fault.rawValue
        guard !configuration.isEmpty else { return }
        command(fault, configuration[faultRandom[index].below(configuration.count)].name)
    }

    func command(_ fault: Fault, _ name: String) {
        let index = fault.rawValue
        guard let file = file(named: name) else { return }
        let service = files[file].service
        switch fault {
        case .pause:
            let length = faultRandom[index].exponential(mean: .seconds(5 * 86_400))
            let until = faultRandom[index].chance(0.5) ? now + length : nil
            if let until, scenario.plan[.clockStep] > 0 {
                // Just when it matters.
                queue.add(.clockIsSetWrong, at: until - faultRandom[index].duration(.zero...(.seconds(7200))))
            }
            ask(.pauseRequested(actor: "alice", until: until), file)
            queue.add(.operatorLooks(file: file), at: now + faultRandom[index].exponential(mean: .seconds(8 * 86_400)))
        case .compromised:
            ask(.rotationRequested(actor: "alice", kind: .compromised(reason: "a laptop was stolen")), file)
        default:
            ask(.rotationRequested(actor: "alice"), file)
        }
        disturb(service)
    }

    /// Resumes what is held or paused.
    func operatorLooks(_ file: Int) {
        let name = files[file].name
        guard now >= suspendedUntil, let status = daemon?.core.status(name, wall) else {
            // Later, when it runs.
            if !isCalm { queue.add(.operatorLooks(file: file), at: now + .seconds(86_400)) }
            return
        }
        if status.health.name == "held" || facts[files[file].service].mayBePaused || status.health == .paused {
            ask(.resumeRequested(actor: "bob"), file)
        }
    }

    private func ask(_ event: Event, _ file: Int) {
        guard let running = daemon, !running.isEnding, now >= suspendedUntil else { return }
        let service = files[file].service
        commands += 1
        wasCommanded(service)
        trace.write(now, "\(files[file].name): an operator asks \(event)")
        if case .rotationRequested(_, let kind, _) = event {
            let outcome = running.core.preview(files[file].name, kind, wall).outcome
            guard outcome == .accepted else { return checkRefusal(outcome, kind, file) }
        }
        if let refused = daemon?.core.submit(event, to: files[file].name, command: commands) {
            return trace.write(now, "\(files[file].name): refused, \(refused)")
        }
        askedCommands[commands] = AskedCommand(
            at: now, file: file, event: event, wasRequested: facts[service].isRequested,
            compromiseLeft: facts[service].compromiseLeft, compromisedKeys: facts[service].compromisedKeys)
        switch event {
        case .rotationRequested(_, let kind, _):
            facts[service].isRequested = true
            if kind != .ordinary { compromise(file) }
        case .pauseRequested(_, let until, _):
            let (end, former) = (until ?? .distantFuture, facts[service].pauseEnd)
            facts[service].pauseEnd =
                facts[service].mayBePaused ? min(end, former.lowerBound)...max(end, former.upperBound) : end...end
            facts[service].mayBePaused = true
            if !facts[service].isHeld { facts[service].isAttemptOpen = false }
        case .resumeRequested:
            facts[service].isPaused = false
            facts[service].isHeld = false
            facts[service].isAttemptOpen = false
            facts[service].contradiction = nil
            facts[service].openRequest = nil
        default: break
        }
        loop()
    }

    /// From the command on, what was superseded before is promised no longer than the shortened overlap.
    private func compromise(_ file: Int) {
        let service = files[file].service
        facts[service].compromiseLeft = 2
        facts[service].compromisedKeys = services[service].living
        facts[service].compromisedAt = now
        let shortened = now + min(Self.compromisedOverlap, policies(of: service).map(\.overlap).min() ?? .zero)
        for index in files[file].replaced.indices {
            files[file].replaced[index].goodUntil = min(files[file].replaced[index].goodUntil, shortened)
        }
    }

    private func wasCommanded(_ service: Int) {
        facts[service].calls.commandedAt = now
        facts[service].calls.hurriedAt = now
    }

    func wasReplied(_ command: Int, _ outcome: CommandOutcome) {
        guard let asked = askedCommands.removeValue(forKey: command) else { return }
        let service = files[asked.file].service
        wasCommanded(service)
        trace.write(now, "\(files[asked.file].name): answered \(outcome)")
        switch (asked.event, outcome) {
        case (.pauseRequested(_, let until, _), .accepted):
            facts[service].isPaused = true
            facts[service].pauseEnd = (until ?? .distantFuture)...(until ?? .distantFuture)
            facts[service].isRequested = false
            facts[service].compromiseLeft = 0
            facts[service].compromisedKeys = []
        case (.resumeRequested, .accepted):
            let status = daemon?.core.status(files[asked.file].name, wall)
            if let status, status.pausedBy != nil || status.health.name == "held" {
                fail(7, status.name, "it was resumed, and is stopped all the same: \(status)")
            }
            facts[service].mayBePaused = false
            // It may have been asked for after a pause that was accepted since.
            facts[service].isPaused = false
            // What was due meanwhile waits for the next opening from here on.
            disturb(service)
        case (.rotationRequested, .accepted): facts[service].requestedAt = now
        case (.rotationRequested, .refused), (.rotationRequested, .gone), (.rotationRequested, .unavailable):
            facts[service].isRequested = asked.wasRequested
            facts[service].compromiseLeft = asked.compromiseLeft
            facts[service].compromisedKeys = asked.compromisedKeys
        case (.resumeRequested, .unavailable):
            queue.add(.operatorLooks(file: asked.file), at: now + .seconds(86_400))
        default: break
        }
    }
}
