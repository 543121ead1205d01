import Glibc
import KeyMaterial
import Rotation
import RotationEngine
import SecretsDirectory
import Synchronization

/// The daemon's secrets directory: the real one, on the model disk.
extension World {
    func path(of name: String) -> String { "\(Self.secretsPath)/\(name)" }

    func readSecrets(_ resource: ManagedResource) -> Event {
        let name = resource.name
        if daemon?.durable.contains(name) == false {
            do throws(Failure) {
                try secrets.makeDurable(name)
                daemon?.durable.insert(name)
                wasMadeDurable(name)
            } catch {
                if let service = index(of: resource) { disturb(service) }
                return .secretsReadFailed(error)
            }
        }
        let cached = readCache[name]
        // The order is that of cost.
        if let cached, cached.mutations == disk.mutations || cached.changes == disk.changeCount(of: path(of: name)),
            !mayMeetDiskError
        {
            cached.mutations = disk.mutations
            wasRead(cached.event, resource)
            return cached.event
        }
        do {
            let view = try secrets.read(name, layout: ResourceLayout()).map { published in
                SecretsView(
                    fingerprint: published.fingerprint, endpoint: published.endpoint, keyType: published.keyType,
                    version: published.version,
                    publishedAt: published.publishedAt, previousGoodUntil: published.previousGoodUntil,
                    intact: published.intact)
            }
            let changes = disk.changeCount(of: path(of: name))
            if let last = lastPublished[name], last.changes == changes, last.event != .secretsRead(view) {
                fail(5, name, "published was \(last.event), read is \(Event.secretsRead(view))")
            }
            let read = ReadSecrets(mutations: disk.mutations, changes: changes, .secretsRead(view))
            readCache[name] = read
            wasRead(read.event, resource)
            return read.event
        } catch {
            if let service = index(of: resource) { disturb(service) }
            return .secretsReadFailed(error)
        }
    }

    /// What consumers read now must survive everything from now on.
    private func wasMadeDurable(_ name: String) {
        guard let file = file(named: name), files[file].key != nil, !files[file].isExcused else { return }
        files[file].durable = files[file].content
        files[file].unreturned = []
    }

    /// nil when the daemon did not survive it.
    func publish(_ order: PublicationOrder, _ resource: ManagedResource) -> Event? {
        guard let (current, previous) = daemon?.core.connectionStrings(for: order, resource.name) else {
            return .publishFailed(EngineCore.notListed)
        }
        let version = SecretVersion(
            name: resource.name, version: order.version, keyType: order.keyType, current: current, previous: previous,
            publishedAt: order.publishedAt, previousGoodUntil: order.previousGoodUntil,
            nextRotation: order.nextRotation)
        statistics.publications += 1
        if let service = index(of: resource), let key = services[service].index(of: order.fingerprint) {
            if services[service].keys[key].orderedAt == nil {
                services[service].keys[key].orderedAt = now
                services[service].keys[key].orderError = clockError
            }
        }
        let strike = strikeInside()
        if let strike {
            let call = 1 + faultRandom[strike.fault.rawValue].below(60)
            disk.crash(atChangingCall: call, isDone: !strike.isBefore)
        }
        let former = file(named: resource.name).flatMap { files[$0].isExcused ? nil : generation(of: $0) }
        let path = "\(path(of: resource.name))/connection-string"
        let (result, seen) = observed.contents(of: path) { () -> Failure? in
            do throws(Failure) {
                _ = try secrets.publish(version, layout: ResourceLayout())
                return nil
            } catch {
                return error
            }
        }
        if let file = file(named: resource.name) {
            for content in seen { wasSwitched(file, to: content, .daemon) }
        }
        if let strike {
            // Also when the publication had fewer calls than that: then it dies before it can say so.
            end(strike.fault)
            return nil
        }
        guard let failure = result else {
            if let file = file(named: resource.name) { wasPublished(file, insteadOf: former) }
            expect(version, in: resource.name)
            return .published
        }
        if let service = index(of: resource) { disturb(service) }
        return .publishFailed(failure)
    }

    /// What was published is what the next look finds, while nobody does anything to it. That it is so is tried in one of
    /// `readEvery` publications, for reading costs as much as publishing.
    private func expect(_ version: SecretVersion, in name: String) {
        let view = SecretsView(
            fingerprint: version.current.fingerprint, endpoint: version.current.endpoint, keyType: version.keyType,
            version: version.version, publishedAt: version.publishedAt,
            previousGoodUntil: version.previousGoodUntil, intact: true)
        let published = ReadSecrets(
            mutations: disk.mutations, changes: disk.changeCount(of: path(of: name)), .secretsRead(view))
        lastPublished[name] = published
        let isRead = scenario.plan[.diskError] > 0 || statistics.publications.isMultiple(of: Self.readEvery)
        if !isRead { readCache[name] = published }
    }

    private static let readEvery = 4

    /// Whether the process dies within the step that begins now, and before it has an effect or after.
    func strikeInside(weight: Double = 1) -> (fault: Fault, isBefore: Bool)? {
        guard !isCalm else { return nil }
        for fault in [Fault.killInside, .powerFailure] {
            let rate = scenario.plan[fault]
            // A handful of steps a month can be struck; the rate is meant a year.
            guard rate > 0, faultRandom[fault.rawValue].chance(min(0.3, weight * rate / 200)) else { continue }
            return (fault, faultRandom[fault.rawValue].chance(0.5))
        }
        return nil
    }

    /// Reading again what has not changed is worth while only where one of its forty calls or so may fail.
    private var mayMeetDiskError: Bool {
        let rate = scenario.plan[.diskError]
        guard rate > 0, !isCalm else { return false }
        return faultRandom[Fault.diskError.rawValue].chance(min(1, rate * 40))
    }

    /// A full disk fails what needs space; the errors of a failing one come at random.
    func armDiskFaults() {
        let errorRate = isCalm ? 0 : scenario.plan[.diskError]
        let isFull = isOpen(.diskFull) && !isCalm
        guard errorRate > 0 || isFull else { return disk.decideFaults(nil) }
        let numbers = Mutex(faultRandom[Fault.diskError.rawValue])
        _ = faultRandom[Fault.diskError.rawValue].next()
        disk.decideFaults { operation in
            numbers.withLock { random in
                if isFull {
                    switch operation {
                    case .create, .makeDirectory, .makeLink, .write: if random.chance(0.7) { return .fails(ENOSPC) }
                    default: break
                    }
                }
                guard errorRate > 0, random.chance(errorRate) else { return nil }
                if operation == .write, random.chance(0.5) { return .writesOnly(1 + random.below(40)) }
                return random.chance(0.2) ? .isDoneButFails(EIO) : .fails(EIO)
            }
        }
    }
}

/// What was read from the directory of one resource, until something in it changes.
final class ReadSecrets {
    /// How many changes the disk had seen when it was certainly as it was read.
    var mutations: Int
    /// How many the directory had seen.
    let changes: Int
    let event: Event

    init(mutations: Int, changes: Int, _ event: Event) {
        self.mutations = mutations
        self.changes = changes
        self.event = event
    }
}
