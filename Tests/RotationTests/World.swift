import Foundation
import Rotation

/// A law was broken.
struct Violation: Error, CustomStringConvertible {
    let description: String
}

final class Trace {
    var lines: [String] = []
}

/// One machine in a world that answers it: a model Azure, files, consumers, a clock that may be wrong, and other hands.
/// What the machine does is checked against the laws as it does it.
struct World {
    var random: SplitMix64
    var machine: RotationMachine
    /// The true time, which is Azure's.
    var time = Instant(unixSeconds: 1_800_000_000)
    /// How much this machine's clock is ahead.
    var clockError: Duration = .zero
    var azure = ModelAzure()
    var files: SecretsView?
    /// The files are not as they were published.
    var tampered = false
    /// What each consumer uses.
    var consumers: [String: Fingerprint] = [:]
    /// How likely a call goes wrong.
    var faultRate = 0.0

    /// The last listing that the machine was told.
    var listing: KeyFingerprints?
    /// How wrong the clock was then.
    var listedClockError: Duration = .zero
    /// Probes that succeeded in a row.
    var successes: [Fingerprint: Int] = [:]
    /// Keys that stood in the files before, published by the machine.
    var everPublished: Set<Fingerprint> = []
    var lastPublished: Fingerprint?
    /// Until when a superseded connection string has to work.
    var promises: [Fingerprint: Instant] = [:]
    /// Regenerates sent since the last rotation was published.
    var sent: Set<KeyType> = []
    var regenerates = 0
    /// Probing was on all the time, so that each published key must have been probed.
    var alwaysVerified = true
    /// Actions since the time last passed or something happened to the world.
    var actionsInARow = 0
    /// Handled events since the start.
    var events = 0
    /// The process dies after the event with this number.
    var crashAfter: Set<Int> = []
    /// What happened, when somebody wants to read it.
    var trace: Trace?

    init(seed: UInt64, settings: RotationSettings) {
        random = SplitMix64(seed: seed)
        machine = RotationMachine(settings: settings)
    }

    /// What the machine believes the time to be.
    var now: Instant { time + clockError }
    var record: RotationRecord { machine.record }
    var policy: Policy { machine.settings.policy }

    func log(_ line: @autoclosure () -> String) {
        trace?.lines.append("\(time) \(line())")
    }

    mutating func hit(_ weight: Double) -> Bool {
        faultRate > 0 && random.chance(faultRate * weight)
    }

    @discardableResult
    mutating func feed(_ event: Event) throws -> Action? {
        let before = machine
        let output = machine.handle(event, now: now)
        events += 1
        log("\(event)\n    → \(output.action.map { "\($0)" } ?? "-") \(record.phase)")
        for note in output.notes { log("    note \(note.kind) \(note.reason?.rawValue ?? "") \(note.detail ?? "")") }
        if output.notes.contains(where: { $0.kind == .adopted }) {
            // What stood in the files before is all that was ever known.
            lastPublished = record.current?.fingerprint
            promises = [:]
        }
        if case .regenerate(let intent) = output.action { try checkLawful(intent, before) }
        try checkAlways()
        if crashAfter.contains(events) { try crash() }
        return machine.awaited
    }

    /// The process dies; what is on record is all that is left.
    mutating func crash() throws {
        log("crash")
        let data = try JSONEncoder().encode(machine.record)
        let read = try JSONDecoder().decode(RotationRecord.self, from: data)
        guard read == machine.record else { throw Violation(description: "the record changes on its way: \(read)") }
        // A request on its way may have run, or may run later.
        if case .regenerate(let intent) = machine.awaited { send(intent) }
        machine = RotationMachine(settings: machine.settings, record: read)
        try feed(.started)
    }

    /// Carries out the awaited action, or waits until the machine wants to be woken. False when nothing will wake it.
    @discardableResult
    mutating func tick() throws -> Bool {
        if let action = machine.awaited {
            actionsInARow += 1
            guard actionsInARow < 60 else { throw Violation(description: "it spins: \(action)") }
            if hit(0.3) {
                // Died before the action was begun, or before its answer was handled.
                if random.chance(0.5), action.changesFiles { _ = try perform(action) }
                try crash()
                return true
            }
            try feed(try perform(action))
            return true
        }
        guard let wake = machine.nextWake else { return false }
        if wake > now { pass(wake - now) }
        let action = try feed(.woke)
        if action == nil, let next = machine.nextWake, next <= now {
            throw Violation(description: "woken in vain at \(now), wants to be woken at \(next)")
        }
        return true
    }

    mutating func pass(_ duration: Duration) {
        time = time + duration
        actionsInARow = 0
        for keyType in azure.advance(to: time) { log("a regenerate of \(keyType) landed: \(azure.keys)") }
    }

    /// Published, delivered and in agreement with Azure.
    var isWell: Bool {
        guard let current = record.current, machine.awaited == nil, record.phase == .settled else { return false }
        return azure.keys[current.keyType] == current.fingerprint && files?.fingerprint == current.fingerprint
            && files?.intact == true && Set(machine.settings.consumers).isSubset(of: record.told)
            && record.trouble == nil
    }
}

extension Action {
    var isRegenerate: Bool {
        if case .regenerate = self { true } else { false }
    }

    /// Of the secrets directory, or of what consumers make of them.
    var changesFiles: Bool {
        switch self {
        case .publish, .deliver: true
        case .readSecrets, .listKeys, .probe, .regenerate: false
        }
    }
}
