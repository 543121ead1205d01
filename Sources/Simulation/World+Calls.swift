import Rotation
import RotationEngine

/// How often the daemon asks for the same thing. What does not work is tried again more and more seldom, and nothing is
/// done without end.
extension World {
    private static let callsInAnHour = 1500
    private static let deliveriesInAnHour = 200
    /// Where nothing is under way, it looks once a minute at most.
    private static let idleCallsInAnHour = 250
    /// After so many failures in a row the waiting times have come to an hour.
    private static let patientFrom = 5
    private static let patience = Duration.seconds(1800)

    /// A call of the daemon begins.
    func checkCall(_ action: Action, _ resource: ManagedResource) {
        guard let service = index(of: resource) else { return }
        if now - facts[service].calls.hour > .seconds(3600) { facts[service].calls.begin(now) }
        if case .deliver = action { facts[service].calls.deliveries += 1 } else { facts[service].calls.calls += 1 }
        if case .settled = ledger.rows[resource.name]?.phase { facts[service].calls.idleCalls += 1 }
        let calls = facts[service].calls
        if calls.calls > Self.callsInAnHour || calls.deliveries > Self.deliveriesInAnHour
            || calls.idleCalls > Self.idleCallsInAnHour
        {
            fail(
                0, resource.name,
                "within an hour \(calls.calls) calls, \(calls.idleCalls) of them with nothing under way, and"
                    + " \(calls.deliveries) deliveries")
        }
        let failures: CallTally.Failures
        switch action {
        case .listKeys: failures = calls.listing
        case .deliver: failures = calls.delivery
        default: return
        }
        guard failures.count >= Self.patientFrom, failures.last > hurried(service) else { return }
        if now - failures.last < Self.patience {
            fail(
                0, resource.name,
                "the same is tried again \(now - failures.last) after it failed \(failures.count) times in a row")
        }
    }

    /// Until when the daemon had reason to try again at once.
    private func hurried(_ service: Int) -> Instant {
        max(calmSince, facts[service].policyChangedAt + .seconds(120), facts[service].calls.hurriedAt)
    }

    /// A `listKeys` failed, or did not.
    func wasRefused(_ failure: Failure?, _ service: Int) {
        facts[service].calls.listing.note(failure != nil, now, since: hurried(service))
        guard let failure else {
            facts[service].calls.strange = 0
            // Whenever it has looked, it tells whoever was not told.
            facts[service].calls.delivery.count = 0
            return
        }
        // It counts from when it is heard, for which the machine may have had to wake.
        if let asked = failure.retryAfter { disturb(service, leftAlone: asked) }
        if failure.reason == .badConnectionString { facts[service].calls.strange += 1 }
    }

    /// Consumers were told, all of them or not.
    func wasDelivered(_ isFailed: Bool, _ service: Int) {
        facts[service].calls.delivery.note(isFailed, now, since: hurried(service))
    }

    /// It is on record that a regenerate did not run: it is not to be sent again at once, restart or not.
    func wasNotExecuted(_ service: Int) {
        guard let (failure, at) = facts[service].calls.refusal else { return }
        facts[service].calls.refusal = nil
        facts[service].calls.notExecutedAt = at
        // It may have run all the same, and then every server knows of it.
        let settle = failure.reason == .throttled ? policies(of: service).map(\.settle).min() ?? .zero : .zero
        facts[service].calls.regenerateFrom = at + max(failure.retryAfter ?? .seconds(10), settle)
    }

    /// A regenerate is sent: may it be already?
    func checkPatience(_ service: Int, _ file: Int) {
        let calls = facts[service].calls
        // By a clock that was just set back nothing was due yet, so nothing is retried either.
        guard now < calls.regenerateFrom,
            max(clockSetAt + .seconds(3600), calls.commandedAt, facts[service].policyChangedAt + .seconds(120))
                < calls.notExecutedAt
        else { return }
        fail(6, files[file].name, "a regenerate is sent \(calls.regenerateFrom - now) before it may be tried again")
    }
}

/// What the daemon asked for one resource lately.
struct CallTally {
    /// When the hour began in which calls are counted.
    var hour = Instant.distantPast
    var calls = 0
    var deliveries = 0
    /// Of `calls`, those while nothing was under way.
    var idleCalls = 0
    var listing = Failures()
    var delivery = Failures()
    /// Listings since the last good one that contradicted themselves.
    var strange = 0
    /// Why a regenerate did not run, and when that was heard; not on record yet.
    var refusal: (Failure, at: Instant)?
    /// When a regenerate was last refused.
    var notExecutedAt = Instant.distantPast
    /// When it may be sent again.
    var regenerateFrom = Instant.distantPast
    /// When an operator last asked for something, or was answered.
    var commandedAt = Instant.distantPast
    /// When that was, or the ledger failed, or worked again.
    var hurriedAt = Instant.distantPast

    /// How often in a row something failed, and when it did last.
    struct Failures {
        var count = 0
        var last = Instant.distantPast

        /// - Parameter since: what failed before does not count.
        mutating func note(_ isFailed: Bool, _ now: Instant, since: Instant) {
            if !isFailed || last <= since { count = 0 }
            guard isFailed else { return }
            count += 1
            last = now
        }
    }

    mutating func begin(_ now: Instant) {
        hour = now
        calls = 0
        deliveries = 0
        idleCalls = 0
    }
}
