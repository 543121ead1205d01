import Rotation
import Testing

@Suite struct RetireTests {
    private static let retiring = RotationSettings.sample { $0.retire = true }

    private static func rotated() -> Script {
        var script = Script.settled(retiring)
        script.beginRotation()
        script.send(all: [
            .regenerateAnswered(.regenerated(.secondary, fingerprint(3))), .keysListed(keys(1, 3), serverDate: nil),
        ])
        script.verify()
        script.send(all: [.keysListed(keys(1, 3), serverDate: script.now), .published])
        script.deliver()
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        return script
    }

    @Test func theSupersededKeyDiesAfterTheOverlap() {
        var script = Self.rotated()
        #expect(script.record.retirementPending)
        let published = script.record.current
        let end = script.now + .hours(24) + .seconds(1)
        #expect(script.machine.workInstant == end)
        for _ in 0..<100 where script.now < end {
            script.wake()
            script.look(.published(3, .secondary, version: 2), keys(1, 3))
        }
        script.send(.probed(.succeeded))
        #expect(script.regenerates.map(\.keyType) == [.secondary, .primary])
        #expect(script.regenerates.last?.purpose == .retirement)
        script.send(all: [
            .regenerateAnswered(.regenerated(.primary, fingerprint(4))), .keysListed(keys(4, 3), serverDate: nil),
        ])
        script.verify()
        guard case .publish(let order) = script.send(.keysListed(keys(4, 3), serverDate: nil)) else {
            Issue.record("nothing is published")
            return
        }
        #expect((order.keyType, order.fingerprint, order.previous) == (.secondary, fingerprint(3), fingerprint(4)))
        #expect(order.publishedAt == published?.publishedAt)
        #expect(script.send(.published) == .readSecrets, "consumers need not be told; when it was is asked of Azure")
        #expect(script.record.phase == .settled)
        #expect(script.record.retirementPending == false)
        #expect(script.record.current?.version == 3)
        #expect(script.machine.rotationRefusal(script.now) == .overlap(until: script.now + .hours(24)))
    }

    /// Consumers may have read what the files held meanwhile, and the key in them is the next to die.
    @Test(arguments: [true, false]) func whatAnotherHandPutThereIsSupersededInFrontOfConsumers(gone: Bool) {
        let settings = RotationSettings.sample {
            $0.retire = true
            $0.verification = Policy.Verification(probes: 1)
        }
        var script = Self.rotated()
        script.send(.reconfigured(settings))
        script.now = script.now + .hours(25)
        script.send(.woke)
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        script.send(.probed(.succeeded))
        #expect(script.regenerates.last?.purpose == .retirement)
        script.send(.regenerateAnswered(.regenerated(.primary, fingerprint(4))))
        script.restart()
        script.look(gone ? nil : .published(4, .primary, version: 2), keys(4, 3))
        script.send(.probed(.succeeded))
        script.send(.keysListed(keys(4, 3), serverDate: script.now))
        #expect(script.send(.published) == .deliver(version: 3, consumers: Self.retiring.consumers))
        script.deliver()
        #expect(script.record.told == Self.retiring.consumers)
    }

    /// What was to die is dead, and whoever made the new value gets a whole overlap, not a second change at its end.
    @Test func anotherHandDidIt() {
        var script = Self.rotated()
        script.wake()
        script.look(.published(3, .secondary, version: 2), keys(9, 3))
        #expect(!script.record.retirementPending)
    }

    @Test func aRefusedNewValueIsNotMadeOnceMoreAfterTheHold() {
        var script = Self.rotated()
        let end = script.now + .hours(25)
        for _ in 0..<100 where script.now < end && script.regenerates.count < 2 {
            script.wake()
            let action = script.look(.published(3, .secondary, version: 2), keys(1, 3))
            if action != nil { script.send(.probed(.succeeded)) }
        }
        script.send(all: [
            .regenerateAnswered(.regenerated(.primary, fingerprint(4))), .keysListed(keys(4, 3), serverDate: nil),
        ])
        #expect(script.record.phase.name == "verifying")
        #expect(!script.record.retirementPending, "the old value is dead, which is all that was wanted")
    }

    @Test func turnedOffMeanwhile() {
        var script = Self.rotated()
        script.restart(.sample())
        #expect(!script.record.retirementPending)
    }

    @Test func aPauseForbidsIt() {
        var script = Self.rotated()
        script.now = script.now + .hours(25)
        script.send(.pauseRequested(actor: "ada"))
        #expect(script.machine.workInstant == nil)
        #expect(script.machine.awaited == .readSecrets, "a look is due")
        #expect(script.look(.published(3, .secondary, version: 2), keys(1, 3)) == nil)
        #expect(script.send(.resumeRequested(actor: "ada")) == .readSecrets)
        #expect(script.look(.published(3, .secondary, version: 2), keys(1, 3)) == .probe(.secondary, fingerprint(3)))
    }

    @Test func itGoesOnUnderManual() {
        var script = Self.rotated()
        script.send(.reconfigured(.sample { ($0.retire, $0.mode) = (true, .manual) }))
        #expect(script.machine.workInstant == script.record.previousGoodUntil)
    }
}
