import Rotation
import Testing

/// A new key on its way to the secrets directory.
@Suite struct VerifyTests {
    /// A machine that verifies the new Secondary key 3.
    private static func verifying(_ settings: RotationSettings = .sample()) -> Script {
        var script = Script.settled(settings)
        script.beginRotation()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        #expect(script.send(.keysListed(keys(1, 3), serverDate: nil)) == .probe(.secondary, fingerprint(3)))
        return script
    }

    @Test func threeSuccessesSpacedOut() {
        var script = Self.verifying()
        let start = script.now
        #expect(script.send(.probed(.succeeded)) == nil)
        #expect(script.wake() == .probe(.secondary, fingerprint(3)))
        #expect(script.now == start + .seconds(10))
        #expect(script.send(.probed(.succeeded)) == nil)
        #expect(script.wake() == .probe(.secondary, fingerprint(3)))
        #expect(script.now == start + .seconds(20))
        #expect(script.send(.probed(.succeeded)) == .listKeys)
        #expect(script.record.phase.name == "publishing")
        #expect(script.lastNotes.map(\.kind) == [.keyVerified])
    }

    @Test func aRefusalStartsTheRowAnew() {
        var script = Self.verifying()
        script.send(.probed(.succeeded))
        script.wake()
        script.send(.probed(.succeeded))
        script.wake()
        #expect(script.send(.probed(.denied(.denied))) == nil)
        #expect(script.wake() == .readSecrets, "it may have moved")
        #expect(script.look(.published(1, .primary), keys(1, 3)) == .probe(.secondary, fingerprint(3)))
        #expect(script.send(.probed(.succeeded)) == nil)
        guard case .verifying(let candidate) = script.record.phase else {
            Issue.record("\(script.record.phase)")
            return
        }
        #expect(candidate.successes == 1)
        #expect(candidate.deniedSince == nil)
    }

    @Test func refusedForTooLongWhileTheCurrentKeyWorksIsHeld() {
        var script = Self.verifying()
        let start = script.now
        #expect(script.refuse() == .probe(.primary, fingerprint(1)))
        #expect(script.now - start >= .minutes(15) && script.now - start < .minutes(16))
        #expect(script.send(.probed(.succeeded)) == nil)
        #expect(script.record.hold?.reason == .keyDenied)
        #expect(script.record.phase == .settled)
        #expect(script.record.current?.fingerprint == fingerprint(1), "consumers stay on the key that works")
        script.wake()
        #expect(script.look(.published(1, .primary), keys(1, 3)) == nil, "nobody else changed the other key")
        #expect(script.count(.otherKeyChanged) == 0)
        script.send(.resumeRequested(actor: "ada"))
        script.look(.published(1, .primary), keys(1, 3))
        script.send(.probed(.succeeded))
        #expect(script.regenerates.map(\.keyType) == [.secondary, .secondary], "the same key type again")
    }

    @Test func refusedWithTheCurrentKeyTooProvesNothing() {
        var script = Self.verifying()
        #expect(script.refuse() == .probe(.primary, fingerprint(1)))
        #expect(script.send(.probed(.denied(.denied))) == nil)
        #expect(script.machine.health(script.now) == .degraded(.probeUnusable))
        #expect(script.record.hold == nil)
        #expect(script.record.phase.name == "verifying")
        #expect(script.wake() == .readSecrets)
        #expect(script.look(.published(1, .primary), keys(1, 3)) == .probe(.secondary, fingerprint(3)))
    }

    @Test func aKeyThatIsRefusedForAMinuteIsTold() {
        var script = Self.verifying()
        for _ in 0..<6 {
            script.send(.probed(.denied(.denied)))
            #expect(script.machine.health(script.now) == .ok)
            script.wake()
            script.look(.published(1, .primary), keys(1, 3))
        }
        for _ in 0..<3 {
            let before = script.now
            script.send(.probed(.denied(.denied)))
            #expect(script.machine.health(script.now) == .degraded(.keyDenied))
            script.wake()
            #expect(script.now == before + .seconds(10), "and is tried as often as before")
            script.look(.published(1, .primary), keys(1, 3))
        }
        #expect(script.count(.failed) == 1)
        script.send(.probed(.succeeded))
        #expect(script.machine.health(script.now) == .ok)
    }

    @Test func theComparisonItselfMayBeInconclusive() {
        var script = Self.verifying()
        #expect(script.refuse() == .probe(.primary, fingerprint(1)))
        #expect(script.send(.probed(.inconclusive(Failure(.probeUnreachable, "no route")))) == nil)
        #expect(script.machine.health(script.now) == .degraded(.probeUnreachable))
        #expect(script.refuse() == .probe(.primary, fingerprint(1)))
        script.send(.probed(.succeeded))
        #expect(script.record.hold?.reason == .keyDenied)
    }

    /// Consumers have a dead key; that this host cannot reach the data plane does not mean that they cannot.
    @Test(arguments: [true, false]) func aDeadKeyIsReplacedAlthoughNoCallCanBeMade(restart: Bool) {
        var script = Script.settled()
        script.wake()
        script.look(.published(1, .primary), keys(3, 2))
        let since = script.now
        let silence = Event.probed(.inconclusive(Failure(.probeUnreachable, "no route")))
        #expect(script.send(silence) == nil)
        if restart {
            script.restart()
            script.look(.published(1, .primary), keys(3, 2))
            script.send(silence)
        }
        for _ in 0..<100 where script.record.phase.name == "verifying" {
            script.wake()
            script.look(.published(1, .primary), keys(3, 2))
            script.send(silence)
        }
        #expect(script.now - since >= .minutes(15))
        #expect(script.lastNotes.map(\.kind) == [.keyUnverified])
        #expect(script.machine.awaited == .listKeys)
        guard case .publish(let order) = script.send(.keysListed(keys(3, 2), serverDate: script.now)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(order.fingerprint == fingerprint(3))
        script.send(.published)
        #expect(script.record.current?.fingerprint == fingerprint(3))
    }

    @Test func whatAnotherHandPutThereAndWorksIsNotReplacedUnproven() {
        var script = Script.settled()
        script.wake()
        script.look(.published(2, .secondary), keys(3, 2))
        let since = script.now
        for _ in 0..<100 where script.now - since < .hours(12) {
            if script.machine.awaited == .readSecrets { script.look(.published(2, .secondary), keys(3, 2)) }
            if case .probe = script.machine.awaited {
                script.send(.probed(.inconclusive(Failure(.probeUnreachable, "no route"))))
            }
            for _ in 0..<10 where script.machine.awaited == nil { script.wake() }
        }
        #expect(script.now - since >= .hours(12))
        #expect(script.count(.keyUnverified) == 0)
    }

    /// What the files hold is dead as well when the record of it is lost.
    @Test func whatIsAdoptedInPlaceOfADeadKeyWaitsNoLonger() {
        var script = Script()
        script.send(.started)
        script.send(.secretsRead(.published(9, .primary, at: script.now - .days(3))))
        script.send(.keysListed(keys(1, 2), serverDate: script.now))
        let since = script.now
        for _ in 0..<100 where script.record.phase.name == "verifying" {
            if script.machine.awaited == nil { script.wake() }
            if script.machine.awaited == .readSecrets {
                script.look(.published(9, .primary, at: since - .days(3)), keys(1, 2))
            }
            script.send(.probed(.inconclusive(Failure(.probeUnreachable, "no route"))))
        }
        #expect(script.now - since >= .minutes(15))
        #expect(script.count(.keyUnverified) == 1)
    }

    /// Where nothing was published, nobody has a dead key.
    @Test func theFirstPublicationIsProven() {
        var script = Script()
        script.send(all: [.started, .secretsRead(nil), .keysListed(keys(1, 2), serverDate: script.now)])
        let since = script.now
        for _ in 0..<100 where script.now - since < .hours(12) {
            if script.machine.awaited == nil { script.wake() }
            if script.machine.awaited == .readSecrets { script.look(nil, keys(1, 2)) }
            script.send(.probed(.inconclusive(Failure(.probeUnreachable, "no route"))))
        }
        #expect(script.record.phase.name == "verifying")
        #expect(script.count(.keyUnverified) == 0)
    }

    @Test func refusedCallsAreNotRepeatedAtOnce() {
        var script = Self.verifying(.sample { $0.verification = Policy.Verification(spacing: .zero) })
        let refusedAt = script.now
        script.send(.probed(.denied(.denied)))
        #expect(script.machine.nextWake == refusedAt + .seconds(10))
    }

    /// Without need nothing is published unproven: neither a key of ours, nor what may be no better.
    @Test func silenceAndRefusalsInTurnPublishNothing() {
        var script = Script.settled()
        script.wake()
        script.look(.published(1, .primary), keys(3, 2))
        let since = script.now
        for round in 0..<100 where script.now - since < .hours(12) {
            for _ in 0..<10 where script.machine.awaited != .probe(.primary, fingerprint(3)) {
                if script.machine.awaited == nil { script.wake() }
                if script.machine.awaited == .readSecrets { script.look(.published(1, .primary), keys(3, 2)) }
            }
            let outcome: ProbeOutcome =
                round % 2 == 0 ? .inconclusive(Failure(.probeUnreachable, "no route")) : .denied(.denied)
            script.send(.probed(outcome))
        }
        #expect(script.now - since >= .hours(12))
        #expect(script.record.phase.name == "verifying")
        #expect(script.count(.keyUnverified) == 0)
    }

    @Test func inconclusiveProbesBackOffAndDoNotCount() {
        var script = Self.verifying()
        var waits: [Duration] = []
        for _ in 0..<4 {
            let before = script.now
            #expect(script.send(.probed(.inconclusive(Failure(.probeUnreachable, "no route")))) == nil)
            #expect(script.wake() == .readSecrets)
            waits.append(script.now - before)
            #expect(script.look(.published(1, .primary), keys(1, 3)) == .probe(.secondary, fingerprint(3)))
        }
        #expect(waits == [.seconds(10), .seconds(60), .seconds(300), .seconds(900)])
        #expect(script.count(.failed) == 1)
        script.verify()
        #expect(script.count(.recovered) == 1)
        #expect(script.record.phase.name == "publishing")
    }

    @Test func theCurrentKeyDiesWhileProbesAreInconclusive() {
        var script = Self.verifying()
        script.send(.probed(.inconclusive(Failure(.probeUnreachable, "no route"))))
        #expect(script.wake() == .readSecrets)
        #expect(script.look(.published(1, .primary), keys(4, 3)) == .probe(.primary, fingerprint(4)))
        guard case .verifying(let candidate) = script.record.phase else {
            Issue.record("\(script.record.phase)")
            return
        }
        #expect(candidate.purpose == .mending)
    }

    @Test func aLookInBetweenDoesNotHurryTheProbe() {
        var script = Self.verifying(.sample { $0.driftCheck = .minutes(4) })
        for _ in 0..<2 {
            script.send(.probed(.inconclusive(Failure(.probeUnreachable, "no route"))))
            script.wake()
            script.look(.published(1, .primary), keys(1, 3))
        }
        script.send(.probed(.inconclusive(Failure(.probeUnreachable, "no route"))))
        let retry = script.now + .minutes(5)
        #expect(script.wake() == .readSecrets)
        #expect(script.now < retry)
        #expect(script.look(.published(1, .primary), keys(1, 3)) == nil)
    }

    @Test func aKeyThatMovesIsVerifiedFromTheStart() {
        var script = Self.verifying()
        #expect(script.verify() == .listKeys)
        #expect(script.send(.keysListed(keys(1, 4), serverDate: script.now)) == nil, "one listing may be behind")
        let since = script.now
        var action: Action?
        for _ in 0..<100 where action == nil {
            #expect(script.wake() == .readSecrets)
            action = script.look(.published(1, .primary), keys(1, 4))
        }
        #expect(action == .probe(.secondary, fingerprint(4)))
        #expect(script.now - since >= script.machine.settings.policy.settle)
        #expect(script.lastNotes.map(\.kind) == [.keyMoved])
        #expect(script.record.duplicateMayLand)
        let overlap = script.machine.settings.policy.overlap
        #expect(script.record.previousGoodUntil == script.now + overlap + .seconds(1), "it may be given up yet")
        script.verify()
        script.send(all: [.keysListed(keys(1, 4), serverDate: nil), .published])
        #expect(script.record.current?.fingerprint == fingerprint(4))
        #expect(script.record.watch.count == 4)
    }

    @Test func afterARestartAKeyThatMovesIsAskedForNowAndThen() {
        var script = Self.verifying()
        script.restart()
        #expect(script.look(.published(1, .primary), keys(1, 4)) == nil)
        #expect(script.machine.nextWake == script.now + script.machine.settings.policy.pollInterval)
    }

    @Test func aListingThatIsBehindDoesNotMoveTheKey() {
        var script = Self.verifying()
        #expect(script.verify() == .listKeys)
        #expect(script.send(.keysListed(keys(1, 4), serverDate: script.now)) == nil)
        #expect(script.wake() == .readSecrets)
        guard case .publish(let order) = script.look(.published(1, .primary), keys(1, 3)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(order.fingerprint == fingerprint(3))
        #expect(!script.record.duplicateMayLand)
    }

    @Test func missingFilesAreMoreUrgentThanTheNewKey() {
        var script = Self.verifying()
        script.restart()
        #expect(script.look(nil, keys(1, 3)) == .listKeys)
        guard case .publish(let order) = script.send(.keysListed(keys(1, 3), serverDate: nil)) else {
            Issue.record("nothing is published")
            return
        }
        #expect((order.keyType, order.fingerprint) == (.primary, fingerprint(1)))
        script.send(.published)
        #expect(script.deliver() == .readSecrets, "the rotation is still asked for")
        script.look(.published(1, .primary, version: 2), keys(1, 3))
        script.send(.probed(.succeeded))
        #expect(script.regenerates.map(\.keyType) == [.secondary, .secondary])
    }

    @Test func verificationTurnedOffMeanwhile() {
        var script = Self.verifying()
        script.send(.reconfigured(.sample { $0.verification = nil }))
        #expect(script.send(.probed(.succeeded)) == .readSecrets)
        #expect(script.look(.published(1, .primary), keys(1, 3)) == .listKeys)
        #expect(script.record.phase.name == "publishing")
    }

    @Test(arguments: [false, true])
    func verificationTurnedOnBeforeThePublication(restart: Bool) {
        var script = Script.settled(.sample { $0.verification = nil })
        script.beginRotation()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        #expect(script.send(.keysListed(keys(1, 3), serverDate: nil)) == .listKeys)
        #expect(script.record.phase.name == "publishing")
        if restart {
            #expect(script.restart(.sample()) == .readSecrets)
            #expect(
                script.look(.published(1, .primary), keys(1, 3)) == .probe(.secondary, fingerprint(3)))
        } else {
            script.send(.reconfigured(.sample()))
            #expect(
                script.send(.keysListed(keys(1, 3), serverDate: nil)) == .probe(.secondary, fingerprint(3)))
        }
        #expect(script.record.phase.name == "verifying")
        // After a restart a look comes first.
        var action = script.verify()
        if action == .readSecrets {
            script.look(.published(1, .primary), keys(1, 3))
            action = script.verify()
        }
        #expect(action == .listKeys)
        guard case .publish(let order) = script.send(.keysListed(keys(1, 3), serverDate: nil)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(order.fingerprint == fingerprint(3))
    }

    @Test func verificationTurnedOffWhileWaiting() {
        var script = Self.verifying()
        script.send(.probed(.succeeded))
        script.send(.reconfigured(.sample { $0.verification = nil }))
        #expect(script.wake() == .readSecrets)
        #expect(script.look(.published(1, .primary), keys(1, 3)) == .listKeys)
    }

    @Test func aRefusedReplacementOfADeadKeyIsTriedForEver() {
        var script = Script.settled()
        script.wake()
        script.look(.published(1, .primary), keys(3, 2))
        for _ in 0..<200 {
            if case .probe = script.machine.awaited { script.send(.probed(.denied(.denied))) }
            guard script.wake() == .readSecrets else { continue }
            script.look(.published(1, .primary), keys(3, 2))
        }
        #expect(script.record.hold == nil)
        #expect(script.machine.health(script.now) == .degraded(.keyDenied))
        script.verify()
        #expect(script.record.phase.name == "publishing")
    }
}

extension Script {
    /// Denies every probe of the new key until another probe is wanted.
    mutating func refuse() -> Action? {
        for _ in 0..<300 {
            switch machine.awaited {
            case .probe(.secondary, _): send(.probed(.denied(.denied)))
            case .readSecrets: look(.published(1, .primary), keys(1, 3))
            case nil: wake()
            default: return machine.awaited
            }
        }
        return nil
    }
}
