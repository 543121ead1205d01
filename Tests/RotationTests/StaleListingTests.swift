import Rotation
import Testing

/// Servers that learn late of a change, and answers that are old when they are handled.
@Suite struct StaleListingTests {
    private static let unprobed = RotationSettings.sample { $0.verification = nil }

    /// A new Secondary key 3 was confirmed and is listed once more before it is published.
    private static func publishing() -> Script {
        var script = Script.settled(unprobed)
        script.beginRotation()
        script.send(all: [
            .regenerateAnswered(.regenerated(.secondary, fingerprint(3))), .keysListed(keys(1, 3), serverDate: nil),
        ])
        return script
    }

    @Test func aValueThatWasReplacedIsNotPublished() {
        var script = Self.publishing()
        for _ in 0..<2 {
            #expect(script.send(.keysListed(keys(1, 2), serverDate: nil)) == nil)
            #expect(script.record.phase.name == "publishing")
            #expect(script.machine.health(script.now) == .degraded(.badResponse))
            script.wake()
            script.send(.secretsRead(.published(1, .primary)))
        }
        guard case .publish(let order) = script.send(.keysListed(keys(1, 3), serverDate: nil)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(order.fingerprint == fingerprint(3))
        #expect(script.machine.health(script.now) == .ok)
    }

    /// A late duplicate landed just before our regenerate, and a server that was behind showed its value after ours.
    @Test func aValueThatGoesOnBeingListedIsBelievedAgain() {
        var script = Self.publishing()
        script.send(.keysListed(keys(1, 4), serverDate: nil))
        for _ in 0..<100 where !script.record.replaced.contains(fingerprint(3)) {
            if script.machine.awaited == nil { script.wake() }
            if script.machine.awaited == .readSecrets { script.send(.secretsRead(.published(1, .primary))) }
            script.send(.keysListed(keys(1, 4), serverDate: nil))
        }
        #expect(script.record.replaced.contains(fingerprint(3)))
        var order: PublicationOrder?
        let start = script.now
        for _ in 0..<100 where order == nil {
            if script.machine.awaited == nil { script.wake() }
            if script.machine.awaited == .readSecrets { script.send(.secretsRead(.published(1, .primary))) }
            if case .publish(let made) = script.send(.keysListed(keys(1, 3), serverDate: nil)) { order = made }
        }
        #expect(order?.fingerprint == fingerprint(3))
        #expect(script.now - start >= script.machine.settings.policy.settle)
        script.send(.published)
        #expect(script.machine.health(script.now) == .ok)
    }

    @Test(arguments: [true, false]) func aClockThatIsSetAheadMakesNoStaleListingTrue(hasDate: Bool) {
        var script = Self.publishing()
        var ahead = Duration.zero
        func date() -> Instant? { hasDate ? script.now - ahead : nil }
        #expect(script.send(.keysListed(keys(1, 2), serverDate: script.now)) == nil)
        ahead = .days(3)
        script.now = script.now + ahead
        let set = script.now
        for _ in 0..<100 where script.record.replaced.contains(fingerprint(2)) {
            if script.machine.awaited == nil { script.wake() }
            if script.machine.awaited == .readSecrets { script.send(.secretsRead(.published(1, .primary))) }
            script.send(.keysListed(keys(1, 2), serverDate: date()))
        }
        #expect(script.now - set >= script.machine.settings.policy.settle, "\(script.now - set)")
        #expect(!script.record.replaced.contains(fingerprint(2)), "what lasts is so")
    }

    @Test func aStaleLookAfterThePublicationIsNoOtherHand() {
        var script = Self.publishing()
        script.send(all: [.keysListed(keys(1, 3), serverDate: nil), .published])
        script.deliver()
        script.look(.published(3, .secondary, version: 2), keys(1, 2))
        #expect(script.count(.currentKeyChanged) == 0)
        script.wake()
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        #expect(script.machine.health(script.now) == .ok)
    }

    @Test func onlyTheLastValuesAreRemembered() {
        var script = Script.settled(Self.unprobed)
        for key in 10..<40 {
            script.wake()
            script.look(.published(1, .primary), keys(1, key))
            script.send(.keysListed(keys(1, key), serverDate: nil))
            script.send(.published)
            script.deliver()
        }
        #expect(script.record.replaced.count == 8)
    }

    @Test func successWithoutChangeIsJudgedByWhatWasAskedForLater() {
        var script = Script.settled()
        script.beginRotation()
        #expect(script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3)))) == .listKeys)
        // The answer shows the instant after the regenerate, however late it is handled.
        script.now = script.now + .hours(1)
        #expect(script.send(.keysListed(keys(1, 2), serverDate: nil)) == .readSecrets)
        #expect(script.record.hold == nil)
        script.look(.published(1, .primary), keys(1, 3))
        #expect(script.record.phase.name == "verifying")
    }

    @Test func noChangeIsJudgedByWhatWasAskedForLater() {
        var script = Script.settled()
        script.beginRotation()
        #expect(script.send(.regenerateAnswered(.ambiguous(.lost))) == .listKeys)
        let asked = script.now
        script.now = script.now + .hours(1)
        #expect(script.send(.keysListed(keys(1, 2), serverDate: asked)) == .readSecrets)
        #expect(script.record.phase.name == "uncertain", "it may have run since then")
        script.look(.published(1, .primary), keys(1, 2))
        for _ in 0..<100 where script.record.phase.name == "uncertain" {
            if script.machine.awaited == nil { script.wake() }
            script.send(.keysListed(keys(1, 2), serverDate: script.now))
        }
        #expect(script.count(.regenerateDidNotRun) == 1)
        #expect(script.now - asked >= .hours(1) + script.machine.settings.policy.settle)
    }
}
