import Glibc
import KeyMaterial
import Rotation
import RotationEngine
import SecretsDirectory

/// What strikes at random instants.
extension World {
    private static let year = Duration.seconds(31_557_600)

    func scheduleStrikes() {
        for fault in Fault.allCases where scenario.plan[fault] > 0 && fault.strikes { schedule(fault) }
    }

    private func schedule(_ fault: Fault) {
        let mean = Duration.microseconds(Int64(Double(Self.year.wholeMicroseconds) / scenario.plan[fault]))
        queue.add(.strike(fault), at: now + faultRandom[fault.rawValue].exponential(mean: mean))
    }

    func strike(_ fault: Fault) {
        guard !isCalm else { return }
        schedule(fault)
        statistics.strikes += 1
        trace.write(now, "strikes: \(fault)")
        switch fault {
        case .tokenFailure, .azureOutage, .refused, .keysRefused, .diskFull, .ledgerFails, .deliveryFails,
            .strangeListing, .flappingAccess, .dataPlaneOutage:
            open(fault)
        case .outsideCurrent, .outsideOther: regenerateByAnotherHand(fault, pickService(fault))
        case .recreated: recreate(pickService(fault))
        case .deleted: delete(pickService(fault))
        case .clockStep: stepClock()
        case .suspend: suspend()
        case .kill, .powerFailure: end(fault)
        case .restart: stopDaemon()
        case .ledgerLost:
            end(.kill)
            if daemon == nil { loseLedger() }
        case .secretsWiped, .secretsTampered: tamper(fault, pickService(fault))
        case .reload: reload()
        case .removal: remove()
        case .renaming: rename()
        case .exchanged: exchange()
        case .endpointMoved: moveEndpoint(pickService(fault))
        case .pause, .rotate, .compromised: command(fault)
        case .lostReply, .lateLanding, .lostRequest, .duplicate, .throttled, .serverError, .noChange, .wrongKeyType,
            .slowPropagation, .flappingPropagation, .probeInconclusive, .slowAnswer, .staleListing, .killInside,
            .diskError, .slowRevocation, .laggingListing, .oddDate, .oddRetryAfter, .oddAnswer, .brokenConnection,
            .hoursOfPropagation, .ranTwice, .throttledThoughRun:
            break
        }
    }

    func open(_ window: Fault) {
        let length = min(faultRandom[window.rawValue].exponential(mean: .seconds(4 * 3600)), .seconds(3 * 86_400))
        windows[window.rawValue] = now + length
        if window == .diskFull {
            armDiskFaults()
            queue.add(.diskHasSpace, at: now + length + .milliseconds(1))
        }
    }

    private func pickService(_ fault: Fault) -> Int { faultRandom[fault.rawValue].below(services.count) }

    func regenerateByAnotherHand(_ fault: Fault, _ service: Int) {
        guard !services[service].isDeleted(now) else { return }
        let current = files.first { $0.service == service }?.lastKey.map { services[service].keys[$0].keyType }
        let keyType = fault == .outsideCurrent ? current ?? .primary : (current ?? .primary).other
        anotherHandChangedAKey(service)
        disturb(service)
        replaceKey(service, keyType, .outsideHand)
    }

    func recreate(_ service: Int) {
        guard !services[service].isDeleted(now) else { return }
        makeAnew(service, .recreated)
    }

    /// Its keys die now. What it is made again with is there from then on, though nobody can see it before.
    func delete(_ service: Int) {
        guard !services[service].isDeleted(now) else { return }
        let hours = faultRandom[Fault.deleted.rawValue].exponential(mean: .seconds(4 * 3600))
        services[service].deletedUntil = now + min(hours, .seconds(3 * 86_400))
        trace.write(now, "azure: \(services[service].id.name) is deleted until \(services[service].deletedUntil)")
        queue.add(.madeAgain(service: service), at: services[service].deletedUntil)
        makeAnew(service, .deleted)
    }

    func madeAgain(_ service: Int) {
        anotherHandChangedAKey(service)
        disturb(service)
    }

    private func makeAnew(_ service: Int, _ fault: Fault) {
        if faultRandom[fault.rawValue].chance(0.3) { nameHost(service) }
        anotherHandChangedAKey(service)
        disturb(service)
        for keyType in KeyType.allCases { replaceKey(service, keyType, .outsideHand) }
    }

    private func nameHost(_ service: Int) {
        services[service].moves += 1
        services[service].host = "\(services[service].id.name)-\(services[service].moves).communication.azure.com"
    }

    func moveEndpoint(_ service: Int) {
        guard !services[service].isDeleted(now) else { return }
        nameHost(service)
        disturb(service)
        trace.write(now, "azure: \(services[service].id.name) is now at \(services[service].host)")
        services[service].listing = nil
        for key in services[service].living {
            services[service].keys[key].connectionString = connectionString(key, of: service)
        }
        for file in files.indices where files[file].service == service { noteHealth(of: file) }
    }

    func stepClock() {
        let index = Fault.clockStep.rawValue
        // Half of them small enough to go unnoticed.
        let digits = faultRandom[index].chance(0.5) ? 2.4 : 6
        let seconds = Int64(pow(10, digits * faultRandom[index].fraction()))
        setClock(to: .seconds(faultRandom[index].chance(0.5) ? seconds : -seconds))
        queue.add(.clockIsSetRight, at: now + faultRandom[index].exponential(mean: .seconds(86_400)))
    }

    /// The engine's loop sleeps at most a minute, so it has looked at the clock shortly before and does so soon again.
    func setClock(to error: Duration) {
        guard error != clockError else { return }
        if daemon?.isEnding == false, now >= suspendedUntil { loop() }
        clockError = error
        disturbAll(until: now)
        clockSetAt = now
        trace.write(now, "the wall clock is set \(error) ahead")
        sleep(until: now + random.duration(.zero...Self.longestSleep))
    }

    func suspend() {
        let rest = faultRandom[Fault.suspend.rawValue].duration(.seconds(60)...(.seconds(3 * 86_400)))
        suspendedUntil = max(suspendedUntil, now + rest)
        disturbAll(until: suspendedUntil)
        trace.write(now, "the machine sleeps until \(suspendedUntil)")
    }

    func tamper(_ fault: Fault, _ service: Int) {
        guard let file = files.firstIndex(where: { $0.service == service && $0.isManaged }) else { return }
        disturb(service)
        let directory = path(of: files[file].name)
        // What cannot be done, because nothing is published yet, is not done.
        if fault == .secretsWiped {
            try? disk.removeTree(directory)
        } else {
            tamper(directory, service)
        }
        facts[service].tamperedAt = now
        files[file].isExcused = true
        look(at: file, .other)
    }

    private func tamper(_ directory: String, _ service: Int) {
        let index = Fault.secretsTampered.rawValue
        let path = "\(directory)/connection-string"
        switch faultRandom[index].below(7) {
        case 0: try? disk.removeTree(path)
        case 1: try? disk.write(path, [])
        case 2: try? disk.write(path, Array("endpoint=https://".utf8))
        case 3: try? disk.chmod(path, 0o777)
        case 4: try? disk.removeTree("\(directory)/..data")
        case 5:
            // The other key's string, as from a backup.
            let keys = services[service]
            let current = files.first { $0.service == service }?.lastKey.map { keys.keys[$0].keyType } ?? .primary
            let string = keys.livingKey(current.other).connectionString
            try? disk.write(path, string.secret.withExposedText { Array($0.utf8) })
        default: try? disk.write("\(directory)/metadata.json", Array("{}".utf8))
        }
    }
}

extension Fault {
    /// It comes at random instants; the others with a probability at a call.
    var strikes: Bool {
        switch self {
        case .lostReply, .lateLanding, .lostRequest, .duplicate, .throttled, .serverError, .noChange, .wrongKeyType,
            .slowPropagation, .flappingPropagation, .probeInconclusive, .slowAnswer, .staleListing, .killInside,
            .diskError, .slowRevocation, .laggingListing, .oddDate, .oddRetryAfter, .oddAnswer, .brokenConnection,
            .hoursOfPropagation, .ranTwice, .throttledThoughRun:
            false
        default: true
        }
    }
}
