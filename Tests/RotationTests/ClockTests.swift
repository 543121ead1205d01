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
