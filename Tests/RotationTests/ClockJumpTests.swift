import Rotation
import Testing

/// The machine's clock is set, or the machine sleeps, in the middle of something.
@Suite struct ClockJumpTests {
    private static let silence = Event.probed(.inconclusive(Failure(.probeUnreachable, "no route")))

    /// The retirement is due, and the published key is being probed before it.
    private static func probing() -> Script {
        var script = Script.settled()
        script.send(.rotationRequested(actor: "ada"))
        #expect(script.look(.published(1, .primary), keys(1, 2)) == .probe(.primary, fingerprint(1)))
        return script
    }

    @Test func whatWasListedLongBeforeAProbeWasAnsweredBeginsNothing() {
        var script = Self.probing()
        script.now = script.now + .hours(3)
        #expect(script.send(.probed(.succeeded)) == .readSecrets)
        #expect(script.look(.published(1, .primary), keys(1, 2)) == .probe(.primary, fingerprint(1)))
        script.send(.probed(.succeeded))
        #expect(script.regenerates.count == 1)
    }

    @Test func aClockSetAheadDoesNotEndThePatienceWithANewKey() {
        var script = Script.settled()
        script.beginRotation()
        script.send(all: [
            .regenerateAnswered(.regenerated(.secondary, fingerprint(3))),
            .keysListed(keys(1, 3), serverDate: script.now), .probed(.denied(.denied)),
        ])
        let azure = script.now + .seconds(10)
        script.now = azure + .hours(1)
        script.send(.woke)
        #expect(script.look(.published(1, .primary), keys(1, 3), at: azure) == .probe(.secondary, fingerprint(3)))
        script.send(.probed(.denied(.denied)))
        #expect(script.machine.awaited != .probe(.primary, fingerprint(1)), "it was refused for ten seconds")
        #expect(script.record.phase.name == "verifying")
    }

    @Test func aClockSetAheadPublishesNothingUnproven() {
        var script = Script.settled()
        script.wake()
        script.look(.published(1, .primary), keys(3, 2))
        script.send(Self.silence)
        let azure = script.now + .seconds(60)
        script.now = azure + .hours(1)
        script.send(.woke)
        script.look(.published(1, .primary), keys(3, 2), at: azure)
        script.send(Self.silence)
        #expect(script.count(.keyUnverified) == 0)
        #expect(script.record.phase.name == "verifying")
    }

    @Test func aKeyThatIsTooOldIsToldAgainAfterAClockThatWasAhead() {
        var script = Script.settled(.sample { $0.mode = .manual })
        let right = script.now
        script.now = right + .days(400)
        script.send(.woke)
        #expect(script.count(.keyTooOld) == 1)
        script.look(.published(1, .primary), keys(1, 2), at: right)
        script.now = right + .seconds(60)
        if script.send(.woke) == .readSecrets { script.look(.published(1, .primary), keys(1, 2)) }
        #expect(!script.record.ageReported)
        for _ in 0..<2000 where script.count(.keyTooOld) == 1 {
            if script.wake() == .readSecrets { script.look(.published(1, .primary), keys(1, 2)) }
        }
        #expect(script.now == script.machine.ageLimit)
    }

    @Test(arguments: [true, false]) func aClockSetAheadEndsNoWatch(isSet: Bool) {
        var script = Script.settled(.sample { $0.verification = nil })
        script.beginRotation()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        script.send(all: [
            .keysListed(keys(1, 3), serverDate: script.now), .keysListed(keys(1, 3), serverDate: script.now),
            .published,
        ])
        script.deliver()
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        let azure = script.now
        script.now = script.now + .minutes(20)
        script.wake()
        script.look(.published(3, .secondary, version: 2), keys(1, 3), at: isSet ? azure : script.now)
        #expect(script.record.watch == [1, 4, 14].map { script.now + .minutes($0) })
    }

    /// Which clock is ahead, the last listing no longer tells.
    @Test func aShortenedOverlapIsConfirmedByTheNextListing() {
        var script = Script.settled(.sample { $0.verification = nil })
        let began = script.beginRotation()
        #expect(began != nil)
        script.send(all: [
            .regenerateAnswered(.regenerated(.secondary, fingerprint(3))),
            .keysListed(keys(1, 3), serverDate: script.now), .keysListed(keys(1, 3), serverDate: script.now),
            .published,
        ])
        script.deliver()
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        let right = script.now + .minutes(1)
        script.now = right - .hours(1)
        script.send(.rotationRequested(actor: "ada", kind: .compromised(reason: "a stolen laptop")))
        script.send(.keysListed(keys(1, 3), serverDate: right))
        #expect(script.record.previousGoodUntil ?? .distantPast >= right + Policy.compromisedOverlap)
    }

    @Test func whatIsAdoptedWithoutADateIsPromisedAgainWithTheNext() {
        var script = Script()
        let right = script.now
        script.now = right - .days(2)
        var view = SecretsView.published(1, .primary, at: right - .hours(1))
        view.previousGoodUntil = right + .hours(23)
        script.send(all: [.started, .secretsRead(view)])
        script.send(.keysListed(keys(1, 2), serverDate: nil))
        script.deliver()
        script.now = right
        for _ in 0..<5 where script.machine.awaited != .readSecrets { script.wake() }
        script.look(view, keys(1, 2))
        #expect(script.record.previousGoodUntil ?? .distantPast >= right + .hours(24))
    }

    @Test func whatIsFoundWithoutADateIsPromisedAgainWithTheNext() {
        var script = Script.settled()
        let right = script.now + .days(1)
        script.now = right - .days(2)
        script.send(.resumeRequested(actor: "ada"))
        script.restart()
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.keysListed(keys(1, 3), serverDate: nil))
        #expect(script.count(.otherKeyChanged) == 1)
        script.send(all: [.keysListed(keys(1, 3), serverDate: right), .published])
        script.deliver()
        script.now = right + .seconds(5)
        for _ in 0..<5 where script.machine.awaited != .readSecrets { script.wake() }
        script.look(.published(1, .primary, version: 2), keys(1, 3))
        #expect(script.record.previousGoodUntil ?? .distantPast >= right + .hours(24))
    }

    @Test func withoutDatesAClockSetAheadEndsNoPatienceEither() {
        var script = Script.settled()
        script.beginRotation()
        script.send(all: [
            .regenerateAnswered(.regenerated(.secondary, fingerprint(3))),
            .keysListed(keys(1, 3), serverDate: nil), .probed(.denied(.denied)),
        ])
        script.now = script.now + .minutes(30)
        script.send(.woke)
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.keysListed(keys(1, 3), serverDate: nil))
        script.send(.probed(.denied(.denied)))
        #expect(script.machine.awaited != .probe(.primary, fingerprint(1)))
        script = Script.settled()
        script.wake()
        script.look(.published(1, .primary), keys(3, 2))
        script.send(Self.silence)
        script.now = script.now + .minutes(30)
        script.send(.woke)
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.keysListed(keys(3, 2), serverDate: nil))
        script.send(Self.silence)
        #expect(script.count(.keyUnverified) == 0)
    }

    /// A daemon that is restarted again and again replaces a dead key all the same.
    @Test func restartsDoNotBeginTheSilenceAnew() {
        var script = Script.settled()
        script.wake()
        script.look(.published(1, .primary), keys(3, 2))
        let since = script.now
        script.send(Self.silence)
        for _ in 0..<10 where script.count(.keyUnverified) == 0 {
            script.now = script.now + .minutes(5)
            script.restart()
            script.look(.published(1, .primary), keys(3, 2))
            if case .probe = script.machine.awaited { script.send(Self.silence) }
        }
        #expect(script.count(.keyUnverified) == 1)
        #expect(script.now - since <= .minutes(20))
    }

    /// Before the restart another clock may have counted.
    @Test func withoutDatesARestartBeginsTheSilenceAnew() {
        var script = Script.settled()
        script.wake()
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.keysListed(keys(3, 2), serverDate: nil))
        script.send(Self.silence)
        script.now = script.now + .hours(1)
        script.restart()
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.keysListed(keys(3, 2), serverDate: nil))
        if case .probe = script.machine.awaited { script.send(Self.silence) }
        #expect(script.count(.keyUnverified) == 0)
    }
}
