import KeyMaterial
import Rotation

/// What the engine keeps in memory for one resource: a class, because it is large and changed in small steps.
final class ResourceRuntime {
    let name: String
    var resource: ManagedResource
    var machine: RotationMachine {
        willSet { remember(newValue) }
    }
    // Of the machine, what is asked of every resource each time the engine looks around.

    /// When it is to be woken.
    private var wake: Instant?
    /// Its steps fail, so it gets no more than its share.
    private(set) var isTroubled = false
    /// Signed calls are being made.
    private(set) var isVerifying = false
    /// The first look has ended, and consumers need not wait for a key that is about to be published, or it fails.
    private var lookedOrFailed = false
    /// Events that were not handled yet, oldest first.
    var mail: [Mail] = []
    /// A driver is at work on it.
    var driven = false
    /// The ledger could not be written; the first mail is tried again then.
    var ledgerRetryAt: Instant?
    var ledgerFailures = 0
    var ledgerFailure: Failure?
    /// The keys as last listed, kept only while they are needed.
    var listing: KeyListing?
    /// Since when its health is what it is.
    var healthSince: Instant
    var health: Health = .ok
    /// It is to be let go: the new configuration has it no more, or under another name.
    var isLeaving = false
    /// What the event that was handled last led to, until it is durable.
    var pending: Pending?
    /// What the machine wants done, and nobody has begun.
    var wanted: Action?

    init(resource: ManagedResource, record: RotationRecord, _ now: Instant) {
        name = resource.name
        self.resource = resource
        machine = RotationMachine(settings: resource.settings, record: record)
        mail = [Mail(event: .started)]
        healthSince = now
        remember(machine)
    }

    private func remember(_ machine: RotationMachine) {
        let record = machine.boxedRecord
        wake = machine.nextWake
        isTroubled = !record.value.troubles.isEmpty
        if case .verifying = record.value.phase { isVerifying = true } else { isVerifying = false }
        lookedOrFailed = machine.lookedOnce && (isTroubled || !record.value.phase.isFirstPublication)
    }

    /// When the engine is to take it up by itself; nil when only a signal can bring something to do.
    func dueAt(_ now: Instant) -> Instant? {
        if mail.isEmpty {
            ledgerRetryAt.map { min($0, wake ?? $0) } ?? wake
        } else {
            ledgerRetryAt ?? now
        }
    }

    /// Somebody waits for a reply.
    var hasCommand: Bool { mail.contains { $0.command != nil } }

    /// What readiness waits for has come, or it is known why not.
    var settledIn: Bool { lookedOrFailed || isLedgerFailing }

    var isLedgerFailing: Bool {
        if case .some = ledgerFailure { true } else { false }
    }
}

extension Phase {
    /// Consumers wait for a key that is about to be published.
    fileprivate var isFirstPublication: Bool {
        switch self {
        case .verifying(let candidate): !candidate.isLaterVersion && candidate.deniedSince == nil
        case .publishing(let candidate, _): !candidate.isLaterVersion
        default: false
        }
    }
}

extension Candidate {
    /// What is published now works without it.
    fileprivate var isLaterVersion: Bool { purpose == .rotation || purpose == .retirement }
}

/// The outcome of an event that is not durable yet.
struct Pending {
    var machine: RotationMachine
    var output: Output
    /// When the event was handled.
    var at: Instant
}

/// One event with the command that waits for a reply.
struct Mail {
    var event: Event
    var command: Int?

    init(event: Event, command: Int? = nil) {
        self.event = event
        self.command = command
    }

    /// What was done in the world: it must be on record before the process ends, and cannot be asked for again.
    var mustBeKept: Bool {
        switch event {
        case .regenerateAnswered, .published, .delivered: true
        default: false
        }
    }

    /// What was seen in the world: true when it was asked for, and asked for again rather than kept.
    var goesStale: Bool {
        switch event {
        case .secretsRead, .secretsReadFailed, .keysListed, .listKeysFailed, .probed, .publishFailed: true
        case .regenerateAnswered, .published, .delivered: false
        case .started, .woke, .rotationRequested, .pauseRequested, .resumeRequested, .reconfigured: false
        }
    }
}

/// What came of an operator's command.
package enum CommandOutcome: Hashable, Sendable {
    /// Durable and under way.
    case accepted
    /// Forbidden by the laws or the state.
    case refused(RotationBlocker)
    /// No such resource in the running configuration.
    case gone
    /// The ledger could not be written, or the daemon is stopping; nothing was begun.
    case unavailable(Failure)
}
