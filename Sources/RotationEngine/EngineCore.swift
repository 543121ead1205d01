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
    /// Resources of the configuration, by name, that are not taken up yet: something else has the name until it is let go,
    /// or the same resource another one.
    private(set) var waiting: [String: ManagedResource] = [:]
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
    /// that is under way. A resource under another name goes on from where it was, once it was let go under the former one.
    package func reconfigure(_ resources: [ManagedResource], _ now: Instant) {
        waiting = Dictionary(resources.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (name, runtime) in runtimes {
            runtime.isLeaving = waiting[name]?.id != runtime.resource.id
            guard !runtime.isLeaving, let resource = waiting.removeValue(forKey: name) else { continue }
            runtime.mail.append(Mail(event: .reconfigured(resource.settings)))
        }
        for name in runtimes.filter({ !$0.value.driven }).keys.sorted() { letGo(name) }
        takeUpWaiting(now)
    }

    /// Takes up those whose name is free, and which nobody is at work on under another one: never is one Azure resource
    /// driven twice.
    private func takeUpWaiting(_ now: Instant) {
        guard !waiting.isEmpty else { return }
        let leaving = Set(runtimes.values.filter(\.isLeaving).map(\.resource.id))
        for (name, resource) in waiting.sorted(by: { $0.key < $1.key })
        where runtimes[name] == nil && !leaving.contains(resource.id) {
            waiting[name] = nil
            takeUp(resource, now)
            wakePeers(of: resource)
        }
    }

    private func takeUp(_ resource: ManagedResource, _ now: Instant) {
        if let stored = dormant[resource.name], stored.id == resource.id {
            dormant[resource.name] = nil
            runtimes[resource.name] = ResourceRuntime(resource: resource, record: stored.record, now)
            return
        }
        let earlier = dormant[resource.name]?.id
        dormant.park(resource.name)
        let former = dormant.filter { $0.value.id == resource.id }.keys.min()
        if let former, var stored = dormant.removeValue(forKey: former) {
            // Its own name, when that was another one's in between.
            if stored.name != resource.name { tell(.renamed(resource, former: stored.name)) }
            // Whatever stands there now, and whoever was told: it was of another directory.
            stored.record.files = nil
            stored.record.told = []
            runtimes[resource.name] = ResourceRuntime(resource: resource, record: stored.record, now)
            return
        }
        if let earlier { tell(.adoptedAnew(resource, earlier: earlier)) }
        runtimes[resource.name] = ResourceRuntime(resource: resource, record: RotationRecord(), now)
    }

    /// Lets go of a resource that is to leave and that nobody is at work on. An answer that is not on record yet is waited
    /// for.
    private func letGo(_ name: String) {
        guard let runtime = runtime(name), runtime.isLeaving, runtime.mail.first?.mustBeKept != true else { return }
        for mail in runtime.mail { reply(to: mail, .gone) }
        runtimes[name] = nil
        // The name may be another one's since, of which something is on record.
        dormant.park(name)
        dormant[name] = stored(runtime, runtime.machine)
    }

    func stored(_ runtime: ResourceRuntime, _ machine: RotationMachine) -> StoredRotation {
        StoredRotation(
            name: runtime.resource.name, id: runtime.resource.id, boxed: machine.boxedRecord)
    }

    func reply(to mail: Mail, _ outcome: CommandOutcome) {
        if let command = mail.command { tell(.reply(command, outcome)) }
    }

    /// The driver of the resource has no more steps, or was given up.
    package func driverEnded(_ name: String, _ now: Instant) {
        guard let runtime = runtime(name) else { return }
        runtime.driven = false
        forgetListing(of: runtime)
        guard runtime.isLeaving else { return }
        letGo(name)
        takeUpWaiting(now)
    }

    /// Secrets are not kept in memory longer than they are needed: between two probes. Any other step lists them anew.
    private func forgetListing(of runtime: ResourceRuntime) {
        guard runtime.listing != nil else { return }
        if runtime.isVerifying { return }
        runtime.listing = nil
    }
}
