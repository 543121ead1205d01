import Rotation
import Testing

@Suite struct DeliveryTests {
    private static let two = RotationSettings.sample(consumers: ["a", "b"])

    /// A machine that tells both consumers of version 1.
    private static func delivering() -> Script {
        var script = Script(two)
        script.send(all: [.started, .secretsRead(.published(1, .primary))])
        let action = script.send(.keysListed(keys(1, 2), serverDate: script.now))
        #expect(action == .deliver(version: 1, consumers: ["a", "b"]))
        return script
    }

    @Test func onlyThoseThatFailedAreToldAgain() {
        var script = Self.delivering()
        let failure = Failure(.deliveryFailed, "b.service failed to reload")
        #expect(script.send(.delivered(["a": nil, "b": failure])) == nil)
        #expect(script.record.told == ["a"])
        #expect(script.machine.health(script.now) == .degraded(.deliveryFailed))
        #expect(script.machine.rotationRefusal(script.now) == .underWay("delivering"))
        #expect(script.wake() == .deliver(version: 1, consumers: ["b"]))
        #expect(script.send(.delivered(["b": nil])) == nil)
        #expect(script.record.phase == .settled)
        #expect(script.machine.health(script.now) == .ok)
    }

    @Test func severalFailuresAreNamed() {
        var script = Self.delivering()
        script.send(.delivered(["a": Failure(.deliveryFailed, "a failed"), "b": Failure(.deliveryFailed, "b hangs")]))
        #expect(script.record.trouble?.failure.detail == "a failed; b hangs")
        script.send(.reconfigured(.sample(consumers: ["a", "b", "c", "d"])))
        let failure = Failure(.deliveryFailed, "it failed")
        if script.machine.awaited == nil { script.wake() }
        script.send(.delivered(["a": failure, "b": failure, "c": failure, "d": failure]))
        #expect(script.record.trouble?.failure.detail == "it failed; it failed (and 2 more)")
    }

    @Test func theHistoryHasWhoWasToldAndWhen() {
        var script = Self.delivering()
        script.send(.delivered(["a": nil, "b": Failure(.deliveryFailed, "b exited 3")]))
        script.wake()
        script.send(.delivered(["b": nil]))
        let notes = script.notes.suffix(4)
        #expect(notes.map(\.kind) == [.delivered, .failed, .delivered, .recovered])
        #expect(notes.compactMap(\.detail).prefix(3) == ["a", "b exited 3", "b"])
    }

    /// As when the configuration has a unit restarted from now on that was reloaded: that is another consumer, by its id.
    @Test func aConsumerThatIsToldInAnotherWayIsToldBeforeTheNextRegenerate() {
        var script = Script(.sample(consumers: ["reload:a.service"]))
        script.send(all: [.started, .secretsRead(.published(1, .primary))])
        let action = script.send(.keysListed(keys(1, 2), serverDate: script.now))
        #expect(action == .deliver(version: 1, consumers: ["reload:a.service"]))
        // The configuration changes while the unit is being told.
        script.send(.reconfigured(.sample(consumers: ["restart:a.service"])))
        #expect(
            script.send(.delivered(["reload:a.service": nil]))
                == .deliver(version: 1, consumers: ["restart:a.service"]))
        script.deliver()
        #expect(script.record.phase == .settled)
        #expect(script.notes.last { $0.kind == .delivered }?.detail == "restart:a.service")
        #expect(script.count(.delivered) == 1, "what the configuration no longer names was not told")
    }

    @Test func unfinishedDeliveryBlocksTheNextRegenerate() {
        var script = Self.delivering()
        let start = script.now
        script.send(.rotationRequested(actor: "ada"))
        #expect(script.record.request == nil)
        var deliveries = 0
        for _ in 0..<20_000 where script.now - start < .days(60) {
            switch script.machine.awaited {
            case .deliver:
                deliveries += 1
                script.send(.delivered(["a": nil, "b": Failure(.deliveryFailed, "it fails")]))
            case .readSecrets: script.look(.published(1, .primary), keys(1, 2))
            default: script.wake()
            }
        }
        #expect(script.regenerates.isEmpty)
        #expect((1440...3200).contains(deliveries), "about each hour, and at each look")
        #expect(script.count(.keyTooOld) == 1, "that the key gets too old is shouted")
    }

    @Test func failingConsumersAndAFailingAzureDoNotChaseEachOther() {
        var script = Self.delivering()
        let start = script.now
        var actions = 0
        while script.now - start < .hours(2), actions < 500 {
            actions += 1
            switch script.machine.awaited {
            case .deliver: script.send(.delivered(["a": nil, "b": Failure(.deliveryFailed, "it fails")]))
            case .readSecrets: script.send(.secretsRead(.published(1, .primary)))
            case .listKeys: script.send(.listKeysFailed(.unreachable))
            default: script.wake()
            }
        }
        #expect(actions < 60)
        #expect(script.record.troubles.count == 2)
    }

    @Test func aConsumerWithoutAResultHasFailed() {
        var script = Self.delivering()
        #expect(script.send(.delivered(["a": nil])) == nil)
        #expect(script.machine.health(script.now) == .degraded(.deliveryFailed))
        #expect(script.wake() == .deliver(version: 1, consumers: ["b"]))
    }

    @Test func aRemovedConsumerIsNotWaitedFor() {
        var script = Self.delivering()
        script.send(.delivered(["a": nil, "b": Failure(.deliveryFailed, "b.service not found")]))
        #expect(script.send(.reconfigured(.sample(consumers: ["a"]))) == nil)
        #expect(script.record.phase == .settled)
        #expect(script.machine.health(script.now) == .ok)
    }

    @Test(arguments: [true, false]) func aNewConsumerIsToldBeforeTheNextRegenerate(restart: Bool) {
        var script = Script.settled(.sample(consumers: ["a"]))
        script.now = script.now + .days(40)
        if restart {
            #expect(script.restart(Self.two) == .readSecrets)
            script.look(.published(1, .primary), keys(1, 2))
        } else {
            // The key is overdue, but the regenerate waits.
            script.send(.reconfigured(Self.two))
            if script.machine.awaited == .readSecrets { script.look(.published(1, .primary), keys(1, 2)) }
        }
        #expect(script.machine.awaited == .deliver(version: 1, consumers: ["b"]))
        script.deliver()
        #expect(script.record.told == ["a", "b"])
        #expect(script.machine.awaited == .readSecrets, "now it may turn")
    }

    @Test func theCurrentKeyDiesWhileConsumersAreTold() {
        var script = Self.delivering()
        script.send(.delivered(["a": nil, "b": Failure(.deliveryFailed, "it fails")]))
        script.now = script.now + .hours(1)
        #expect(script.send(.woke) == .readSecrets)
        #expect(script.look(.published(1, .primary), keys(3, 2)) == .probe(.primary, fingerprint(3)))
        script.send(all: [.probed(.succeeded), .keysListed(keys(3, 2), serverDate: nil)])
        #expect(script.send(.published) == .deliver(version: 2, consumers: ["a", "b"]), "all are told anew")
    }

    @Test func tamperedFilesWhileConsumersAreTold() {
        var script = Self.delivering()
        script.send(.delivered(["a": nil, "b": Failure(.deliveryFailed, "it fails")]))
        script.now = script.now + .hours(1)
        script.send(.woke)
        #expect(script.look(nil, keys(1, 2)) == .listKeys)
        #expect(script.record.phase.name == "publishing")
    }

    @Test func withoutConsumersItSettlesAtOnce() {
        var script = Script(.sample(consumers: []))
        script.send(all: [.started, .secretsRead(.published(1, .primary))])
        #expect(script.send(.keysListed(keys(1, 2), serverDate: nil)) == nil)
        #expect(script.record.phase == .settled)
    }

    @Test func whoWasTakenOutMeanwhileIsToldAgain() {
        var script = Script.settled(.sample(consumers: ["a.service", "b.service"]))
        #expect(script.record.told.sorted() == ["a.service", "b.service"])
        script.send(.reconfigured(.sample(consumers: ["a.service"])))
        script.send(.reconfigured(.sample(consumers: ["a.service", "b.service"])))
        #expect(script.machine.untold == ["b.service"])
    }

    @Test func whoWasTakenOutWhileItWasToldIsToldAgain() {
        var script = Script(.sample(consumers: ["a.service", "b.service"]))
        script.send(all: [.started, .secretsRead(.published(1, .primary))])
        script.send(.keysListed(keys(1, 2), serverDate: script.now))
        script.send(.reconfigured(.sample(consumers: ["a.service"])))
        script.deliver()
        script.send(.reconfigured(.sample(consumers: ["a.service", "b.service"])))
        #expect(script.machine.untold == ["b.service"])
    }
}
