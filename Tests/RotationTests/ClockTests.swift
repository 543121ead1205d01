import Rotation
import Testing

@Suite struct ClockTests {
    @Test(arguments: [301, -301, 86_400 * 365]) func aClockThatIsOffForbidsTheRegenerate(seconds: Int) {
        var script = Script.settled()
        script.send(.rotationRequested(actor: "ada"))
        script.send(.secretsRead(.published(1, .primary)))
        #expect(script.send(.keysListed(keys(1, 2), serverDate: script.now + .seconds(seconds))) == nil)
        #expect(script.machine.health(script.now) == .degraded(.clockSkew))
        script.wake()
        #expect(script.look(.published(1, .primary), keys(1, 2)) == .probe(.primary, fingerprint(1)))
    }

    /// This machine's clock may be wrong, and nothing says that it is right.
    @Test func withoutAzuresTimeNothingIsRegenerated() {
        var script = Script.settled()
        script.send(.rotationRequested(actor: "ada"))
        script.send(.secretsRead(.published(1, .primary)))
        #expect(script.send(.keysListed(keys(1, 2), serverDate: nil)) == nil)
        #expect(script.machine.health(script.now) == .degraded(.badResponse))
        script.wake()
        #expect(script.look(.published(1, .primary), keys(1, 2)) == .probe(.primary, fingerprint(1)))
        script.send(.probed(.succeeded))
        #expect(script.regenerates.count == 1)
    }

    /// The machine slept while the answer was on its way: that is no wrong clock, and nothing to rotate by.
    @Test func anAnswerOfLongAgoIsAskedForAgain() {
        var script = Script.settled()
        script.send(.rotationRequested(actor: "ada"))
        script.send(.secretsRead(.published(1, .primary)))
        let asked = script.now
        script.now = asked + .days(2)
        #expect(script.send(.keysListed(keys(1, 2), serverDate: asked)) == .readSecrets)
        #expect(script.machine.health(script.now) == .ok && script.lastNotes.isEmpty)
        #expect(script.look(.published(1, .primary), keys(1, 2)) == .probe(.primary, fingerprint(1)))
    }

    @Test func whatIsPublishedAfterASleepIsAsOldAsItIs() {
        var script = Script.settled(.sample { $0.verification = nil })
        script.beginRotation()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        script.send(.keysListed(keys(1, 3), serverDate: script.now))
        let asked = script.now
        script.now = asked + .days(2)
        #expect(script.send(.keysListed(keys(1, 3), serverDate: asked)) == .readSecrets, "who knows what became of it")
        guard case .publish(let order) = script.look(.published(1, .primary), keys(1, 3)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(order.publishedAt == script.now)
        #expect(order.previousGoodUntil == script.now + script.machine.settings.policy.overlap)
    }

    /// A key that was replaced while the machine slept is not held for being refused.
    @Test func whatWasListedBeforeASleepIsNotProbed() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        script.send(.keysListed(keys(1, 3), serverDate: script.now))
        script.send(.probed(.denied(Failure(.keyDenied, "401"))))
        script.wake()
        script.send(.secretsRead(.published(1, .primary)))
        script.now = script.now + .days(1)
        #expect(script.send(.keysListed(keys(1, 3), serverDate: script.now)) == .readSecrets)
        for _ in 0..<100 where script.machine.awaited != .probe(.secondary, fingerprint(4)) {
            if script.machine.awaited == nil { script.wake() }
            script.look(.published(1, .primary), keys(1, 4))
        }
        #expect(script.machine.awaited == .probe(.secondary, fingerprint(4)))
        #expect(script.record.hold == nil)
    }

    /// A rotation that is published while no listing has a date.
    private static func publishedUndated() -> Script {
        var script = Script.settled(.sample { $0.verification = nil })
        script.beginRotation()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        script.send(.keysListed(keys(1, 3), serverDate: nil))
        script.send(.keysListed(keys(1, 3), serverDate: nil))
        script.send(.published)
        script.deliver()
        return script
    }

    @Test func whatWasPublishedByAWrongClockIsDatedAnew() {
        var script = Self.publishedUndated()
        let right = script.now + .days(3)
        script.now = right
        script.send(.secretsRead(.published(3, .secondary, version: 2)))
        script.send(.keysListed(keys(1, 3), serverDate: right))
        #expect(script.record.current?.publishedAt == right, "it was a moment ago")
        #expect(script.lastNotes.map(\.kind) == [.rescheduled])
    }

    @Test(arguments: [true, false]) func whatWasPublishedLongBeforeTheStartStaysAsItWas(isClockRight: Bool) {
        var script = Self.publishedUndated()
        let publishedAt = script.record.current?.publishedAt
        script.now = script.now + .days(3)
        script.restart()
        script.send(.secretsRead(.published(3, .secondary, version: 2)))
        let date = isClockRight ? script.now : script.now + .days(1)
        script.send(.keysListed(keys(1, 3), serverDate: date))
        #expect(script.record.current?.publishedAt == (isClockRight ? publishedAt : date))
    }

    @Test(arguments: [300, -300]) func fiveMinutesAreAllowed(seconds: Int) {
        var script = Script.settled(.sample { $0.verification = nil })
        script.now = script.now + .minutes(5)
        script.send(.rotationRequested(actor: "ada"))
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.keysListed(keys(1, 2), serverDate: script.now + .seconds(seconds)))
        #expect(script.regenerates.count == 1)
    }

    @Test func aLeapIntoTheFutureIsNoReason() {
        var script = Script.settled()
        let right = script.now
        script.now = right + .days(1000)
        #expect(script.send(.woke) == .readSecrets)
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.keysListed(keys(1, 2), serverDate: right))
        #expect(script.machine.health(script.now) == .degraded(.clockSkew))
        script.now = right + .minutes(10)
        script.send(.woke)
        #expect(script.machine.health(script.now) == .ok, "the trouble ended with the wish")
        script.wake()
        #expect(script.now <= right + .minutes(70))
        #expect(script.look(.published(1, .primary), keys(1, 2)) == nil)
        #expect(script.regenerates.isEmpty)
    }

    /// Another hand changes the other key while this machine's clock is days ahead, and the next listing after it is put
    /// right happens to have no date.
    private static func settledByAWrongClock(_ first: Event? = nil) -> Script {
        var script = Script.settled(.sample { $0.driftCheck = .days(7) })
        if let first { script.send(first) } else { script.wake() }
        let right = script.now
        script.now = right + .days(11)
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.keysListed(keys(1, 5), serverDate: right))
        script.send(.keysListed(keys(1, 5), serverDate: right))
        script.send(.published)
        script.deliver()
        script.now = right + .minutes(10)
        if script.send(.woke) == nil { script.wake() }
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.keysListed(keys(1, 5), serverDate: nil))
        return script
    }

    @Test func aPromiseByAWrongClockIsHealedSoon() {
        var script = Self.settledByAWrongClock()
        #expect(script.record.previousGoodUntil ?? .distantPast > script.now + .days(4))
        let wake = script.machine.nextWake ?? .distantFuture
        #expect(wake <= script.now + .seconds(60), "\(wake - script.now)")
        script.wake()
        script.look(.published(1, .primary), keys(1, 5))
        #expect(script.record.previousGoodUntil == script.now + .hours(24) + .minutes(5))
        #expect(script.machine.nextWake ?? .distantPast > script.now + .hours(12), "nothing is left to be healed")
    }

    @Test func aCompromiseDoesNotWaitForWhatAWrongClockPromised() {
        var script = Self.settledByAWrongClock(
            .rotationRequested(actor: "ada", kind: .compromised(reason: "a stolen laptop")))
        script.wake()
        script.look(.published(1, .primary), keys(1, 5))
        #expect(script.record.previousGoodUntil == script.now + Policy.compromisedOverlap + .minutes(5))
    }

    @Test func waitsThatAClockSetBackLeftBehindAreShortened() {
        var script = Script.settled()
        script.beginRotation()
        script.send(all: [.regenerateAnswered(.ambiguous(.lost)), .keysListed(keys(1, 2), serverDate: nil)])
        script.now = script.now - .days(300)
        #expect(script.send(.woke) == .listKeys)
        script.send(.keysListed(keys(1, 2), serverDate: nil))
        script.poll(keys(1, 2), for: .minutes(3))
        #expect(script.record.phase == .settled, "decided within settle")
    }

    @Test func backoffsThatAClockSetBackLeftBehindAreShortened() {
        var script = Script.settled()
        script.wake()
        script.send(all: [.secretsRead(nil), .listKeysFailed(.unreachable)])
        script.now = script.now - .days(300)
        #expect(script.send(.woke) == .readSecrets)
    }
}
