import KeyMaterial
import Rotation
import RotationEngine
import SecretsDirectory

/// A simulated world: an Azure, a machine with a disk and a clock, a daemon that runs the real rules and the real engine
/// logic on it, consumers, and hands that do things to all of them.
///
/// Everything happens at an instant of one queue, one after the other, and by chance only where the seed decides: the
/// same scenario gives the same trace, byte for byte.
final class World {
    static let start = Instant(unixSeconds: 1_767_225_600)
    static let secondsOfYear = 365.25 * 86_400
    /// The overlap that a compromise leaves at least, as it is documented.
    static let compromisedOverlap = Duration.seconds(600)
    static let secretsPath = "/s"

    let scenario: Scenario
    /// Azure's clock: the true time.
    var now = World.start
    var queue = EventQueue<Happening>()
    var services: [SimulatedService] = []
    /// Of `services`.
    private(set) var serviceIDs: [ResourceID] = []
    /// One for each name in the configuration, in the order of the services.
    var files: [VisibleFile] = []
    let disk: ModelDisk
    let observed: ObservedDisk
    let secrets: SecretsDirectory
    /// What was read from each directory last.
    var readCache = NameTable<ReadSecrets>()
    /// What the last publication that returned has written to each.
    var lastPublished = NameTable<ReadSecrets>()
    var ledger = SimulatedLedger()
    /// Of saves that happened although the daemon was told that they did not.
    var parkedNotes = NameTable<(StoredRotation, [Note])>()
    var daemon: SimulatedDaemon?
    var daemonsStarted = 0
    /// What the configuration file says.
    var configuration: [ManagedResource] = []
    /// Windows and freezes by the timing that says so to the daemon.
    var hours: [Timing: SimulatedHours] = [:]
    var calendars: [Timing: SimulatedCalendar] = [:]
    var policiesMade = 0
    /// What the resources have in common, where they are peers.
    var sharedPolicy: Policy?
    /// How far the machine's clock is ahead of Azure's.
    var clockError = Duration.zero
    /// When it was last set.
    var clockSetAt = Instant.distantPast
    /// Until when each window of failure lasts.
    var windows = Array(repeating: Instant.distantPast, count: Fault.allCases.count)
    /// Faults strike no more.
    var isCalm = false
    /// Since when nothing went wrong that concerns every resource.
    private(set) var calmSince = World.start
    /// Numbers for latencies and the like.
    var random: SeededRandom
    /// Numbers for each fault alone.
    var faultRandom: [SeededRandom]
    /// Numbers for what strikes at the wrong moment.
    var untimelyRandom: SeededRandom
    var trace: Trace
    var violations: [Violation] = []
    var statistics = Statistics()
    var facts: [ServiceFacts] = []
    var commands = 0
    /// Commands that wait for a reply, by number.
    var askedCommands: [Int: AskedCommand] = [:]
    /// Resources that left the configuration and are to come back.
    var removed: [ManagedResource] = []
    /// The machine sleeps until then.
    var suspendedUntil = Instant.distantPast

    init(_ scenario: Scenario, traced: Bool) {
        self.scenario = scenario
        random = scenario.random(for: "world")
        untimelyRandom = scenario.random(for: "untimely")
        faultRandom = Fault.allCases.map { scenario.random(for: $0.name) }
        trace = Trace(isKept: traced)
        disk = ModelDisk()
        observed = ObservedDisk(disk)
        secrets = SecretsDirectory(path: Self.secretsPath, fileSystem: observed)
        for index in 0..<scenario.resources { addService(index) }
        scheduleStrikes()
        armDiskFaults()
        queue.add(.check, at: now + Self.checkInterval)
        startDaemon()
    }

    /// Runs until faults have had their years, then calmly until everything must have settled.
    func run() {
        let end = now + .seconds(Int64(scenario.years * Self.secondsOfYear))
        run(until: end)
        guard violations.isEmpty else { return }
        endFaults()
        checkSettled()
    }

    func run(until end: Instant) {
        while violations.isEmpty, let next = queue.nextAt, next <= end, let (at, event) = queue.removeFirst() {
            now = max(now, at)
            statistics.events += 1
            if now < suspendedUntil, event.needsTheMachine {
                queue.add(event, at: suspendedUntil)
            } else {
                happen(event)
            }
        }
        now = max(now, end)
    }

    private func happen(_ event: Happening) {
        switch event {
        case .wake(let number): wake(number)
        case .answer(let number, let name, let answer): answer.deliver(to: self, number, name)
        case .land(let service, let request, let keyType): land(service, request, keyType)
        case .strike(let fault): strike(fault)
        case .untimely(let fault, let id): strike(fault, just: id)
        case .clockIsSetWrong: if !isCalm { stepClock() }
        case .otherHand(let fault, let service): regenerateByAnotherHand(fault, service)
        case .madeAgain(let service): madeAgain(service)
        case .clockIsSetRight: setClock(to: .zero)
        case .diskHasSpace: armDiskFaults()
        case .reload: reloadDaemon()
        case .start: startDaemon()
        case .dies(let fault, let number): if daemon?.number == number, !isCalm { end(fault) }
        case .consumer(let file, let consumer): consume(file, consumer)
        case .operatorLooks(let file): operatorLooks(file)
        case .comeBack(let id): comeBack(id)
        case .check: check()
        }
    }

    private func addService(_ index: Int) {
        var random = scenario.random(for: "service \(index)")
        let name = "contoso-\(index)"
        let host = "\(name).unitedstates.communication.azure.com"
        guard
            let id = try? ResourceID(
                subscription: "00000000-0000-0000-0000-000000000000", resourceGroup: "simulated", name: name)
        else { preconditionFailure("the names of simulated resources are well formed") }
        services.append(SimulatedService(id: id, host: host))
        serviceIDs.append(id)
        facts.append(ServiceFacts(random: scenario.random(for: "hands \(index)")))
        for keyType in KeyType.allCases { makeKey(index, keyType, isAtOnceAccepted: true) }
        let consumers = (0..<random.below(3)).map { "consumer-\($0)" }
        let settings = RotationSettings(
            name: name, policy: firstPolicy(&random), consumers: consumers, spread: spread)
        configuration.append(ManagedResource(id: id, settings: settings))
        files.append(VisibleFile(name: name, service: index, since: now))
        for consumer in 0..<2 { scheduleConsumer(index, consumer) }
    }

    /// The wall clock of the machine.
    var wall: Instant { clockError == .zero ? now : now + clockError }

    func fail(_ law: Int, _ resource: String, _ detail: @autoclosure () -> String) {
        let violation = Violation(law: law, at: now, resource: resource, detail: detail())
        trace.write(now, "VIOLATION \(violation)")
        violations.append(violation)
    }

    func isOpen(_ window: Fault) -> Bool { windows[window.rawValue] > now }

    func chance(_ fault: Fault) -> Bool {
        let rate = scenario.plan[fault]
        guard rate > 0, !isCalm else { return false }
        return faultRandom[fault.rawValue].chance(rate)
    }

    /// Something went wrong with one resource, which may take a while to show.
    ///
    /// - Parameter asked: for how long Azure asked to be left alone.
    func disturb(_ service: Int, leftAlone asked: Duration = .zero) {
        facts[service].calmSince = max(facts[service].calmSince, now + asked)
        if asked > .zero { facts[service].leftAlone = asked }
    }

    /// Something is wrong until then that concerns every resource.
    func disturbAll(until instant: Instant) {
        calmSince = max(calmSince, instant)
    }

    func file(named name: String) -> Int? { files.firstIndex { $0.name == name } }

    func resource(named name: String) -> ManagedResource? { configuration.first { $0.name == name } }
}

/// What is to happen in a simulated world.
enum Happening {
    /// The daemon's loop has slept long enough.
    case wake(daemon: Int)
    /// A call of the daemon comes back.
    indirect case answer(daemon: Int, name: String, Answer)
    /// A regenerate runs at Azure.
    case land(service: Int, request: Int, KeyType)
    case strike(Fault)
    /// The same to that very resource, of which something is under way.
    case untimely(Fault, ResourceID)
    /// Somebody else regenerates a key of that resource.
    case otherHand(Fault, service: Int)
    /// A resource that was deleted is there again.
    case madeAgain(service: Int)
    case clockIsSetWrong
    case clockIsSetRight
    case diskHasSpace
    /// The daemon reads the configuration again.
    case reload
    /// The daemon is started.
    case start
    /// That run of the daemon ends in the middle of a call.
    case dies(Fault, daemon: Int)
    case consumer(file: Int, consumer: Int)
    /// An operator looks at the resource, and resumes it when it is held.
    case operatorLooks(file: Int)
    /// A resource that left the configuration is put back.
    case comeBack(ResourceID)
    case check

    /// It does not happen while the machine sleeps.
    var needsTheMachine: Bool {
        switch self {
        case .wake, .answer, .start, .dies, .clockIsSetRight, .reload: true
        default: false
        }
    }
}

/// What a world has seen.
package struct Statistics: Hashable, Sendable {
    package var events = 0
    package var regenerates = 0
    package var publications = 0
    package var consumerCalls = 0
    package var refusedCalls = 0
    package var crashes = 0
    package var looks = 0
    package var holds = 0
    package var strikes = 0

    package init() {}

    package static func += (left: inout Statistics, right: Statistics) {
        left.events += right.events
        left.regenerates += right.regenerates
        left.publications += right.publications
        left.consumerCalls += right.consumerCalls
        left.refusedCalls += right.refusedCalls
        left.crashes += right.crashes
        left.looks += right.looks
        left.holds += right.holds
        left.strikes += right.strikes
    }
}
