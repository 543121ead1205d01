import KeyMaterial
import Rotation

/// The engine's logic without its tasks, its clock and its ports: which resources are due, what is handled next, what
/// must be durable before what, and what becomes of answers, commands and new configurations meanwhile.
///
/// `RotationEngine` runs it with tasks and ports, the simulation with neither. A resource with something to do is
/// *driven*: `takeDue` marks it, then `next` is asked for one step after the other until it has none, then
/// `driverEnded` is told.
package final class EngineCore {
    /// What the engine is to tell others.
    package indirect enum Message: Sendable {
        /// What came of the command with that number.
        case reply(Int, CommandOutcome)
        /// A line of the resource's history that is now durable, for the journal.
        case log(Note, ManagedResource)
        /// The name stood for another Azure resource before, the row of which is not used.
        case adoptedAnew(ManagedResource, earlier: ResourceID)
        /// The resource goes on under another name than the one it was on record under.
        case renamed(ManagedResource, former: String)
        /// The resource may be what readiness waits for.
        case settledIn
    }

    /// One step of a driver.
    package indirect enum Step: Sendable {
        /// To be made durable, then answered by `saved` or `saveFailed`.
        case save(StoredRotation, notes: [Note], at: Instant)
        /// To be carried out through the ports; an answer goes to `answered`.
        case perform(Action, ManagedResource)
    }

    var runtimes: [String: ResourceRuntime] = [:] {
        didSet {
            recent = nil
            listed = nil
        }
    }
    /// The same as an array, made when it is asked for: they are gone through far more often than they change.
    private var listed: [ResourceRuntime]?
    /// The one that was asked for last: most often it is asked for again.
    private var recent: ResourceRuntime?
    /// Rows of resources that the configuration does not name now.
    var dormant: [String: StoredRotation] = [:]
    /// Resources driven at a time.
    private let limit: Int
    private var messages: [Message] = []
    private var latest = Instant.distantPast

    /// - Parameter limit: how many resources may be driven at a time; those with trouble are at most half of them.
    package init(limit: Int = 64) {
        self.limit = max(1, limit)
    }

    private var all: [ResourceRuntime] {
        if let listed { return listed }
        let all = Array(runtimes.values)
        listed = all
        return all
    }

    func runtime(_ name: String) -> ResourceRuntime? {
        if let recent, recent.name == name { return recent }
        recent = runtimes[name]
        return recent
    }

    package var hasMessages: Bool { !messages.isEmpty }

    /// The messages since the last call, in order.
    package func takeMessages() -> [Message] {
        guard !messages.isEmpty else { return [] }
        defer { messages = [] }
        return messages
    }

    func tell(_ message: Message) {
        messages.append(message)
    }

    /// Marks as driven, and returns, the resources that have mail or whose time has come: commands first, then whoever
    /// waits longest.
    package func takeDue(_ now: Instant) -> [String] {
        if now < latest { clockWasSetBack(now) }
        latest = now
        var due: [Waiting] = []
        for runtime in all where !runtime.driven {
            guard let dueAt = runtime.dueAt(now), dueAt <= now else { continue }
            // What has come in is as old as anything that waits.
            let since = runtime.mail.isEmpty ? dueAt : .distantPast
            due.append(Waiting(hasCommand: runtime.hasCommand, since: since, runtime: runtime))
        }
        guard !due.isEmpty else { return [] }
        var room = room
        var taken: [String] = []
        for waiting in due.sorted() {
            let runtime = waiting.runtime
            guard room.allows(troubled: runtime.isTroubled) else { continue }
            room.take(troubled: runtime.isTroubled)
            if runtime.mail.isEmpty { runtime.mail.append(Mail(event: .woke)) }
            runtime.driven = true
            taken.append(runtime.name)
        }
        return taken
    }

    /// A resource that is due.
    private struct Waiting: Comparable {
        let hasCommand: Bool
        let since: Instant
        let runtime: ResourceRuntime

        static func == (left: Waiting, right: Waiting) -> Bool { left.runtime === right.runtime }

        static func < (left: Waiting, right: Waiting) -> Bool {
            if left.hasCommand != right.hasCommand { return left.hasCommand }
            return (left.since, left.runtime.name) < (right.since, right.runtime.name)
        }
    }

    /// How many more resources may be driven.
    private struct Room {
        var all: Int
        var troubled: Int

        func allows(troubled isTroubled: Bool) -> Bool { all > 0 && (!isTroubled || troubled > 0) }

        mutating func take(troubled isTroubled: Bool) {
            all -= 1
            if isTroubled { troubled -= 1 }
        }
    }

    private var room: Room {
        var room = Room(all: limit, troubled: max(1, limit / 2))
        // Were all of them driven, there would be room.
        if all.count < room.troubled { return room }
        for runtime in all where runtime.driven { room.take(troubled: runtime.isTroubled) }
        return room
    }

    /// Instants that waits were counted to may be far away now; the machines see to that when they are woken.
    private func clockWasSetBack(_ now: Instant) {
        for runtime in runtimes.values {
            if let retryAt = runtime.ledgerRetryAt { runtime.ledgerRetryAt = min(retryAt, now) }
            runtime.mail.append(Mail(event: .woke))
        }
    }

    /// When the next resource is due that is not driven and would be; nil when only a signal, or the end of a driver,
    /// can bring something to do.
    package func nextDue(_ now: Instant) -> Instant? {
        var next: Instant?
        let room = room
        for runtime in all where !runtime.driven {
            guard room.allows(troubled: runtime.isTroubled) else { continue }
            if let dueAt = runtime.dueAt(now) { next = min(next ?? dueAt, dueAt) }
        }
        return next
    }

    /// Every resource was looked at, or it is known why not.
    package var isSettledIn: Bool { runtimes.values.allSatisfy(\.settledIn) }

    package func isDriven(_ name: String) -> Bool { runtime(name)?.driven == true }

    package var drivenResources: [String] { runtimes.filter(\.value.driven).keys.sorted() }

    /// Takes up the rows of the ledger and the resources of the configuration.
    package func load(
        _ rows: [String: StoredRotation], _ resources: [ManagedResource], _ now: Instant
    ) {
        dormant = rows
        reconfigure(resources, now)
    }

    /// Swaps the set of resources: new ones are taken up, changed ones are told, those gone are let go after the step
    /// that is under way. A resource under another name goes on from where it was.
    package func reconfigure(_ resources: [ManagedResource], _ now: Instant) {
        let wanted = Dictionary(resources.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (name, runtime) in runtimes {
            guard let resource = wanted[name] else {
                runtimes[name]?.successor = .some(nil)
                continue
            }
            if runtime.resource.id != resource.id {
                runtimes[name]?.successor = .some(resource)
            } else {
                runtimes[name]?.successor = nil
                runtimes[name]?.mail.append(Mail(event: .reconfigured(resource.settings)))
            }
        }
        for resource in resources where runtimes[resource.name] == nil {
            if let former = leaving(resource.id) {
                runtimes[former]?.successor = .some(resource)
            } else {
                takeUp(resource, now)
            }
        }
        for name in runtimes.filter({ !$0.value.driven }).keys.sorted() { replaceIfAsked(name, now) }
    }

    /// The name under which the Azure resource is about to be let go.
    private func leaving(_ id: ResourceID) -> String? {
        runtimes.first { $0.value.resource.id == id && $0.value.successor == .some(nil) }?.key
    }

    private func takeUp(_ resource: ManagedResource, _ now: Instant) {
        if let stored = dormant[resource.name], stored.id == resource.id {
            dormant[resource.name] = nil
            runtimes[resource.name] = ResourceRuntime(
                resource: resource, record: stored.record, formerName: stored.formerName, now)
            return
        }
        let former = dormant.filter { $0.value.id == resource.id }.keys.min()
        if let former, var stored = dormant.removeValue(forKey: former) {
            tell(.renamed(resource, former: former))
            // Whatever stands there now, and whoever was told: it was of another directory.
            stored.record.files = nil
            stored.record.told = []
            // Under a name in between it may not have been saved: the row that is there has an earlier one.
            let row = stored.formerName ?? former
            runtimes[resource.name] = ResourceRuntime(
                resource: resource, record: stored.record, formerName: row == resource.name ? nil : row, now)
            return
        }
        if let stored = dormant.removeValue(forKey: resource.name) {
            tell(.adoptedAnew(resource, earlier: stored.id))
        }
        runtimes[resource.name] = ResourceRuntime(resource: resource, record: RotationRecord(), now)
    }

    /// Carries out a removal, or a change of the Azure resource behind a name, that waited for the driver to end. It
    /// waits on when an answer is not on record yet.
    private func replaceIfAsked(_ name: String, _ now: Instant) {
        guard let runtime = runtime(name), let successor = runtime.successor, runtime.mail.first?.mustBeKept != true
        else { return }
        for mail in runtime.mail { reply(to: mail, .gone) }
        runtimes[name] = nil
        dormant[name] = stored(runtime, runtime.machine)
        if let resource = successor { takeUp(resource, now) }
    }

    func stored(_ runtime: ResourceRuntime, _ machine: RotationMachine) -> StoredRotation {
        StoredRotation(
            name: runtime.resource.name, id: runtime.resource.id, boxed: machine.boxedRecord,
            formerName: runtime.formerName)
    }

    func reply(to mail: Mail, _ outcome: CommandOutcome) {
        if let command = mail.command { tell(.reply(command, outcome)) }
    }

    /// The driver of the resource has no more steps, or was given up.
    package func driverEnded(_ name: String, _ now: Instant) {
        guard let runtime = runtime(name) else { return }
        runtime.driven = false
        forgetListing(of: runtime)
        replaceIfAsked(name, now)
    }

    /// Secrets are not kept in memory longer than they are needed: between two probes. Any other step lists them anew.
    private func forgetListing(of runtime: ResourceRuntime) {
        guard runtime.listing != nil else { return }
        if runtime.isVerifying { return }
        runtime.listing = nil
    }
}
