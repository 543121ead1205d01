import Foundation
import Rotation
import Testing

/// Tells one machine a story event by event, and after each of them checks what must always hold.
struct Script {
    private(set) var machine: RotationMachine
    var now = Instant(unixSeconds: 1_800_000_000)
    /// Every note so far.
    private(set) var notes: [Note] = []
    /// The notes of the last event.
    private(set) var lastNotes: [Note] = []
    private(set) var regenerates: [Intent] = []
    /// The record is written and read after each event; off where there are too many of them.
    var writesRecord = true

    init(_ settings: RotationSettings = .sample(), record: RotationRecord = RotationRecord()) {
        machine = RotationMachine(settings: settings, record: record)
    }

    var record: RotationRecord { machine.record }

    @discardableResult
    mutating func send(_ event: Event, sourceLocation: SourceLocation = #_sourceLocation) -> Action? {
        let before = machine
        let output = machine.handle(event, now: now)
        lastNotes = output.notes
        notes += output.notes
        if case .regenerate(let intent) = output.action {
            regenerates.append(intent)
            expectLawful(intent, before, sourceLocation)
        }
        expectProgress(output, sourceLocation)
        guard writesRecord else { return output.action }
        #expect(throws: Never.self, sourceLocation: sourceLocation) {
            let data = try JSONEncoder().encode(machine.record)
            let read = try JSONDecoder().decode(RotationRecord.self, from: data)
            #expect(read == machine.record, sourceLocation: sourceLocation)
        }
        return output.action
    }

    /// Sends what is answered to the action that is awaited; each event but the last leads to another action.
    @discardableResult
    mutating func send(all events: [Event], sourceLocation: SourceLocation = #_sourceLocation) -> Action? {
        var action: Action?
        for event in events { action = send(event, sourceLocation: sourceLocation) }
        return action
    }

    /// Waits until the machine wants to be woken, and wakes it.
    @discardableResult
    mutating func wake(sourceLocation: SourceLocation = #_sourceLocation) -> Action? {
        guard let wake = machine.nextWake else {
            Issue.record("nothing would ever wake it", sourceLocation: sourceLocation)
            return nil
        }
        now = max(now, wake)
        return send(.woke, sourceLocation: sourceLocation)
    }

    /// The process dies and another one takes up the record.
    @discardableResult
    mutating func restart(_ settings: RotationSettings? = nil, sourceLocation: SourceLocation = #_sourceLocation)
        -> Action?
    {
        machine = RotationMachine(settings: settings ?? machine.settings, record: machine.record)
        return send(.started, sourceLocation: sourceLocation)
    }

    private func expectLawful(_ intent: Intent, _ before: RotationMachine, _ location: SourceLocation) {
        let record = before.record
        #expect(intent.keyType == record.current?.keyType.other, "never the current one", sourceLocation: location)
        #expect(record.phase == .settled, "nothing is undecided or undelivered", sourceLocation: location)
        #expect(record.hold == nil && !machine.isPaused, sourceLocation: location)
        #expect(record.previousGoodUntil ?? now <= now, "the overlap has passed", sourceLocation: location)
        #expect(Set(before.settings.consumers).isSubset(of: record.told), sourceLocation: location)
        #expect(machine.record.phase == .regenerating(intent), "on record before it is sent", sourceLocation: location)
    }

    /// A machine that waits for nothing will be woken, and not in vain.
    private func expectProgress(_ output: Output, _ location: SourceLocation) {
        guard machine.awaited == nil else {
            #expect(machine.nextWake == nil, sourceLocation: location)
            return
        }
        guard let wake = machine.nextWake else {
            Issue.record("nothing will ever wake it", sourceLocation: location)
            return
        }
        if wake > now { return }
        var probe = machine
        let woken = probe.handle(.woke, now: now)
        let next = probe.nextWake
        #expect(woken.action != nil || next ?? now > now, "woken in vain, again and again", sourceLocation: location)
    }
}

extension Script {
    /// A machine that settled on the Primary key 1 (Secondary is 2), with every consumer told and the overlap over.
    static func settled(_ settings: RotationSettings = .sample(), version: Int = 1) -> Script {
        var script = Script(settings)
        script.send(.started)
        script.send(.secretsRead(.published(1, .primary, version: version, at: script.now)))
        script.send(.keysListed(keys(1, 2), serverDate: script.now))
        script.deliver()
        #expect(script.record.phase == .settled)
        // Azure tells no fractions of a second.
        script.now = script.now + settings.policy.overlap + .seconds(1)
        return script
    }

    /// Answers a delivery, if there is one, with success.
    @discardableResult
    mutating func deliver() -> Action? {
        guard case .deliver(_, let consumers) = machine.awaited else { return nil }
        return send(.delivered(Dictionary(uniqueKeysWithValues: consumers.map { ($0, Failure?.none) })))
    }

    /// Answers both parts of a look.
    @discardableResult
    mutating func look(
        _ view: SecretsView?, _ keys: KeyFingerprints, at date: Instant? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Action? {
        #expect(machine.awaited == .readSecrets, sourceLocation: sourceLocation)
        #expect(send(.secretsRead(view)) == .listKeys, sourceLocation: sourceLocation)
        return send(.keysListed(keys, serverDate: date ?? now))
    }

    /// From `settled` to a regenerate that is on its way, asked for by an operator.
    @discardableResult
    mutating func beginRotation(sourceLocation: SourceLocation = #_sourceLocation) -> Intent? {
        #expect(send(.rotationRequested(actor: "ada")) == .readSecrets, sourceLocation: sourceLocation)
        let view = SecretsView.published(1, .primary, version: record.current?.version ?? 1)
        var action = look(view, keys(1, 2), sourceLocation: sourceLocation)
        if action == .probe(.primary, fingerprint(1)) { action = send(.probed(.succeeded)) }
        guard case .regenerate(let intent) = action else {
            Issue.record("no regenerate but \(String(describing: action))", sourceLocation: sourceLocation)
            return nil
        }
        return intent
    }

    /// From `verifying` with a probe under way: answers successes until the key is listed once more.
    @discardableResult
    mutating func verify(sourceLocation: SourceLocation = #_sourceLocation) -> Action? {
        var action = send(.probed(.succeeded))
        for _ in 0..<10 where action != .listKeys {
            if action == nil { action = wake(sourceLocation: sourceLocation) }
            if case .probe = action { action = send(.probed(.succeeded)) }
        }
        return action
    }

    /// Answers listings with one that contradicts itself until it is believed.
    mutating func listStrangely(_ view: SecretsView?, sourceLocation: SourceLocation = #_sourceLocation) {
        for time in 1...3 {
            if machine.awaited == nil { wake(sourceLocation: sourceLocation) }
            if machine.awaited == .readSecrets { send(.secretsRead(view)) }
            #expect(record.hold == nil, "one answer proves little", sourceLocation: sourceLocation)
            send(.listKeysFailed(Failure(.badConnectionString, "\(time) times no endpoint")))
        }
    }

    func count(_ kind: Note.Kind) -> Int { notes.count { $0.kind == kind } }

    func lastNote(_ kind: Note.Kind) -> Note? { notes.last { $0.kind == kind } }
}
