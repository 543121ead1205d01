import Rotation
import Testing

/// From due to a key that is known to be new.
@Suite struct RegenerateTests {
    @Test func aDueKeyTurnsAfterAFreshLookAndABaselineProbe() {
        var script = Script.settled()
        script.now = script.now + .days(30)
        #expect(script.send(.woke) == .readSecrets)
        #expect(script.look(.published(1, .primary), keys(1, 2)) == .probe(.primary, fingerprint(1)))
        guard case .regenerate(let intent) = script.send(.probed(.succeeded)) else {
            Issue.record("nothing is regenerated")
            return
        }
        #expect((intent.keyType, intent.purpose, intent.actor) == (.secondary, .rotation, "schedule"))
        #expect((intent.before, intent.at, intent.operationID) == (keys(1, 2), script.now, "contoso-sms/1"))
        #expect(script.record.phase == .regenerating(intent))
    }

    @Test func withoutVerificationThereIsNoBaselineProbe() {
        var script = Script.settled(.sample { $0.verification = nil })
        script.now = script.now + .days(30)
        script.send(.woke)
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.regenerates.count == 1)
    }

    @Test func anUnusableProbeForbidsTheRegenerate() {
        var script = Script.settled()
        script.send(.rotationRequested(actor: "ada"))
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.send(.probed(.denied(.denied))) == nil)
        #expect(script.machine.health(script.now) == .degraded(.probeUnusable))
        #expect(script.machine.nextWake == script.now + .minutes(5), "slowly, for a person must mend it")
        script.wake()
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.send(.probed(.inconclusive(Failure(.probeUnreachable, "no route")))) == nil)
        #expect(script.machine.health(script.now) == .degraded(.probeUnreachable))
        script.wake()
        script.look(.published(1, .primary), keys(1, 2))
        script.send(.probed(.succeeded))
        #expect(script.regenerates.count == 1)
    }

    @Test func answeredAndListedIsVerified() {
        var script = Script.settled()
        script.beginRotation()
        #expect(script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3)))) == .listKeys)
        #expect(script.record.phase.name == "confirming")
        #expect(script.send(.keysListed(keys(1, 3), serverDate: nil)) == .probe(.secondary, fingerprint(3)))
        #expect(script.record.phase.name == "verifying")
        #expect(script.lastNotes.map(\.kind) == [.keyConfirmed])
    }

    @Test(arguments: [Reason.forbidden, .notFound, .locked, .throttled, .unauthenticated, .badResponse, .unreachable])
    func whatDidNotRunIsRetriedByTheTable(reason: Reason) {
        var script = Script.settled()
        script.beginRotation()
        let failure = Failure(reason, "not now", requestID: "request-1")
        #expect(script.send(.regenerateAnswered(.notExecuted(failure))) == nil)
        #expect(script.record.phase == .settled)
        #expect(script.lastNotes.map(\.requestID) == ["request-1"], "and nothing is said twice")
        #expect(script.machine.health(script.now) == .degraded(reason))
        let policy = script.machine.settings.policy
        let wait = max(policy.backoff(count: 1, reason: reason), reason == .throttled ? policy.settle : .zero)
        #expect(script.machine.nextWake == script.now + wait)
        #expect(script.wake() == .readSecrets)
        script.look(.published(1, .primary), keys(1, 2))
        script.send(.probed(.succeeded))
        #expect(script.regenerates.map(\.keyType) == [.secondary, .secondary])
        #expect(script.regenerates.map(\.operationID) == ["contoso-sms/1", "contoso-sms/2"])
    }

    @Test func aLookMeanwhileDoesNotHurryTheRetry() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.notExecuted(Failure(.throttled, "429", retryAfter: .hours(2)))))
        let retry = script.now + .hours(2)
        #expect(script.wake() == .readSecrets)
        #expect(script.now < retry)
        #expect(script.look(.published(1, .primary), keys(1, 2)) == nil)
        script.restart()
        #expect(script.look(.published(1, .primary), keys(1, 2)) == nil, "nor does a restart")
        #expect(script.record.trouble?.retryAt == retry)
        #expect(script.regenerates.count == 1)
    }

    @Test func mendingTheOtherKeyDoesNotHurryTheRetry() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.notExecuted(Failure(.throttled, "429", retryAfter: .hours(2)))))
        let retry = script.now + .hours(2)
        script.wake()
        #expect(script.look(.published(1, .primary), keys(9, 2)) == .probe(.primary, fingerprint(9)))
        script.send(.probed(.succeeded))
        script.send(all: [.keysListed(keys(9, 2), serverDate: script.now), .published])
        script.deliver()
        #expect(script.count(.published) == 1)
        let view = SecretsView.published(9, .primary, version: 2)
        while script.now < retry {
            #expect(script.record.trouble(with: .regenerate)?.retryAt == retry)
            if script.machine.awaited == nil { script.wake() }
            script.look(view, keys(9, 2))
        }
        #expect(script.now >= retry)
        #expect(script.record.troubles.isEmpty)
    }

    @Test func aFailingLookDoesNotForgetHowOftenTheRegenerateFailed() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.notExecuted(.refused)))
        script.wake()
        script.send(all: [.secretsRead(.published(1, .primary)), .listKeysFailed(.lost)])
        script.wake()
        script.look(.published(1, .primary), keys(1, 2))
        script.send(.probed(.succeeded))
        script.send(.regenerateAnswered(.notExecuted(.refused)))
        #expect(script.record.trouble(with: .regenerate)?.count == 2)
        #expect(script.machine.nextWake == script.now + .minutes(15))
    }

    @Test func troubleEndsWhenNothingIsWantedAnyMore() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.notExecuted(.refused)))
        var settings = script.machine.settings
        settings.policy.mode = .paused
        script.send(.reconfigured(settings))
        #expect(script.machine.health(script.now) == .paused)
        #expect(script.record.trouble == nil)
    }

    @Test func anAnswerForTheWrongKeyTypeIsNotBelieved() {
        var script = Script.settled()
        script.beginRotation()
        #expect(script.send(.regenerateAnswered(.regenerated(.primary, fingerprint(3)))) == .listKeys)
        #expect(script.record.phase.name == "uncertain")
        #expect(script.send(.keysListed(keys(3, 2), serverDate: nil)) == .probe(.primary, fingerprint(3)))
        #expect(script.record.hold?.reason == .wrongKeyTypeChanged)
    }

    @Test func successWithoutChangeIsHeld() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        let asked = script.now
        #expect(script.send(.keysListed(keys(1, 2), serverDate: nil)) == nil, "it may take a moment")
        for _ in 0..<100 where script.record.hold == nil {
            #expect(script.wake() == .listKeys)
            script.send(.keysListed(keys(1, 2), serverDate: nil))
        }
        #expect(script.now - asked == .minutes(2))
        #expect(script.record.hold?.reason == .regenerateWithoutChange)
        #expect(script.record.phase == .settled)
        #expect(script.machine.rotationRefusal(script.now) == .held(.regenerateWithoutChange))
        #expect(script.machine.nextWake == script.now + .minutes(1), "it may still land")
    }

    @Test func aThirdValueIsUncertainUntilStable() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        #expect(script.send(.keysListed(keys(1, 4), serverDate: nil)) == nil)
        #expect(script.record.phase.name == "uncertain")
        #expect(script.machine.health(script.now) == .degraded(.undecided))
        let action = script.poll(keys(1, 4), for: .minutes(2))
        #expect(action == .probe(.secondary, fingerprint(4)))
    }

    @Test func theWrongKeyTypeChangedIsHeldAndMended() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        #expect(script.send(.keysListed(keys(3, 2), serverDate: nil)) == .probe(.primary, fingerprint(3)))
        #expect(script.record.hold?.reason == .wrongKeyTypeChanged)
        #expect(script.lastNotes.map(\.kind) == [.held, .currentKeyChanged])
        script.send(all: [.probed(.succeeded), .keysListed(keys(3, 2), serverDate: nil), .published])
        script.deliver()
        #expect(script.record.phase == .settled)
        #expect(script.record.current?.keyType == .primary)
        #expect(script.machine.workInstant == nil)
        script.send(.resumeRequested(actor: "ada"))
        #expect(script.record.hold == nil)
        #expect(script.machine.rotationRefusal(script.now) == .overlap(until: script.now + .hours(24)))
    }

    @Test func bothKeysChangedIsHeldAndMended() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(4))))
        #expect(script.send(.keysListed(keys(3, 4), serverDate: nil)) == .probe(.primary, fingerprint(3)))
        #expect(script.record.hold?.reason == .bothKeysChanged)
    }

    /// What limits calls may stand behind what has carried them out: by the next one every server knows.
    @Test func afterThrottlingTheNextOneWaitsForSettle() {
        var script = Script.settled(.sample { ($0.settle, $0.retry) = (.minutes(10), [.minutes(1)]) })
        script.beginRotation()
        script.send(.regenerateAnswered(.notExecuted(Failure(.throttled, "429", retryAfter: .seconds(3)))))
        #expect(script.record.trouble(with: .regenerate)?.retryAt == script.now + .minutes(10))
    }

    @Test func aReloadDoesNotHurryWhatAzureAskedToLeaveAlone() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.notExecuted(Failure(.throttled, "429", retryAfter: .minutes(10)))))
        let retry = script.now + .minutes(10)
        var settings = script.machine.settings
        settings.spread = .seconds(64)
        script.send(.reconfigured(settings))
        #expect(script.record.trouble(with: .regenerate)?.retryAt == retry)
    }

    /// Calls may be given more time than any listing takes.
    @Test func aSlowProbeDoesNotPutTheRegenerateOffForEver() {
        var script = Script.settled()
        script.send(.rotationRequested(actor: "ada"))
        for _ in 0..<2 {
            script.look(.published(1, .primary), keys(1, 2))
            script.now = script.now + .seconds(130)
            script.send(.probed(.succeeded))
        }
        #expect(script.regenerates.count == 1)
    }
}
