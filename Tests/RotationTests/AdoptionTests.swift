import Rotation
import Testing

@Suite struct AdoptionTests {
    @Test func observesWhatIsPublishedAndTellsConsumersOnce() {
        var script = Script()
        let published = script.now - .days(3)
        #expect(script.send(.started) == .readSecrets)
        #expect(script.send(.secretsRead(.published(2, .secondary, version: 7, at: published))) == .listKeys)
        let action = script.send(.keysListed(keys(1, 2), serverDate: script.now))
        #expect(action == .deliver(version: 7, consumers: ["contoso-sms.service"]))
        #expect(script.record.phase == .delivering)
        #expect(script.deliver() == nil)
        #expect(script.record.phase == .settled)
        #expect(
            script.record.current
                == Publication(keyType: .secondary, fingerprint: fingerprint(2), version: 7, publishedAt: published))
        #expect(script.record.previousGoodUntil == script.now + .seconds(1) + .hours(24), "a date has no fractions")
        #expect(script.record.due?.at == published + .days(30))
        #expect(script.notes.map(\.kind) == [.adopted, .delivered])
    }

    @Test func publishesPrimaryWhereNothingIs() {
        var script = Script()
        script.send(all: [.started, .secretsRead(nil)])
        #expect(script.send(.keysListed(keys(1, 2), serverDate: script.now)) == .probe(.primary, fingerprint(1)))
        #expect(script.record.phase.name == "verifying")
        #expect(script.send(.probed(.succeeded)) == .listKeys, "one probe is enough for a key that was there before")
        let order = PublicationOrder(
            keyType: .primary, fingerprint: fingerprint(1), version: 1, publishedAt: script.now, previous: nil,
            previousGoodUntil: nil, nextRotation: script.now + .days(30))
        #expect(script.send(.keysListed(keys(1, 2), serverDate: script.now)) == .publish(order))
        script.send(.published)
        script.deliver()
        #expect(script.record.phase == .settled)
        #expect(script.record.due?.at == script.now + .days(30), "the first rotation is scheduled like any other")
        #expect(script.regenerates.isEmpty)
    }

    @Test func replacesADeadKeyByThatOfTheSameKeyType() {
        var script = Script()
        script.send(.started)
        script.send(.secretsRead(.published(99, .secondary, version: 4, at: script.now - .hours(1))))
        #expect(script.send(.keysListed(keys(1, 2), serverDate: nil)) == .probe(.secondary, fingerprint(2)))
        script.send(.probed(.succeeded))
        guard case .publish(let order) = script.send(.keysListed(keys(1, 2), serverDate: nil)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(order.version == 5)
        #expect(order.previousGoodUntil == script.now + .hours(24), "the other string may have been promised")
        #expect(order.previous == fingerprint(1))
        script.now = script.now + .minutes(5)
        script.send(.published)
        #expect(script.record.previousGoodUntil == script.now + .hours(24), "from the switch")
        #expect(script.record.unconfirmedOverlap == .hours(24))
    }

    /// A machine that lost power has files again that were gone, with a key that works.
    @Test func filesThatAreThereAgainAreSuperseded() {
        var script = Script()
        script.send(.started)
        #expect(script.look(nil, keys(1, 2)) == .probe(.primary, fingerprint(1)))
        script.restart()
        #expect(script.look(.published(2, .secondary, version: 4), keys(1, 2)) == .probe(.primary, fingerprint(1)))
        script.send(.probed(.succeeded))
        guard case .publish(let order) = script.send(.keysListed(keys(1, 2), serverDate: script.now)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(order.version == 5)
        #expect(order.previous == fingerprint(2))
        #expect(order.previousGoodUntil == script.now + .hours(24))
    }

    /// The ledger was lost right after a publication, and the server that answers has yet to learn of the new key.
    @Test func aKeyThatWasJustPublishedIsNotReplacedByTheOneBefore() {
        var script = Script()
        let view = SecretsView.published(3, .secondary, version: 2, at: script.now - .seconds(20))
        script.send(.started)
        #expect(script.look(view, keys(1, 2)) == nil)
        #expect(script.record.phase == .adopting && script.record.current == nil)
        #expect(script.wake() == .readSecrets)
        #expect(script.look(view, keys(1, 2)) == nil)
        script.wake()
        script.look(view, keys(1, 3))
        #expect(script.record.current?.fingerprint == fingerprint(3))
        #expect(script.record.trouble == nil)
    }

    /// The same, but what is listed goes on to be: the published key died.
    @Test func aKeyThatIsNotListedForLongIsDead() {
        var script = Script()
        let view = SecretsView.published(3, .secondary, version: 2, at: script.now - .seconds(20))
        let start = script.now
        script.send(.started)
        var action = script.look(view, keys(1, 2))
        for _ in 0..<100 where action == nil {
            script.wake()
            action = script.look(view, keys(1, 2))
        }
        #expect(action == .probe(.secondary, fingerprint(2)))
        #expect(script.now - start >= .minutes(2) && script.now - start < .minutes(3))
    }

    @Test func keepsAnOverlapOfWhichTheFilesCannotTell() {
        var script = Script()
        let view = SecretsView(
            fingerprint: nil, keyType: .secondary, version: 4, publishedAt: script.now, previousGoodUntil: nil,
            intact: false)
        script.send(all: [.started, .secretsRead(view), .keysListed(keys(1, 2), serverDate: nil)])
        #expect(script.record.previousGoodUntil == script.now + .hours(24), "consumers may hold either string")
    }

    @Test func keepsWhatTheFilesPromise() {
        var script = Script(.sample { $0.overlap = .hours(1) })
        let promised = script.now + .days(2)
        let view = SecretsView(
            fingerprint: fingerprint(2), keyType: .secondary, version: 4, publishedAt: script.now - .days(5),
            previousGoodUntil: promised, intact: true)
        script.send(all: [.started, .secretsRead(view), .keysListed(keys(1, 2), serverDate: script.now)])
        #expect(script.record.previousGoodUntil == promised, "it was published under a longer overlap")
        script.deliver()
        script.wake()
        script.look(view, keys(1, 2))
        #expect(script.record.previousGoodUntil == promised, "it does not lie too far ahead")
    }

    @Test func keepsWhatTheFilesOfADeadKeyPromise() {
        var script = Script(.sample { $0.overlap = .hours(1) })
        let promised = script.now + .days(2)
        let view = SecretsView(
            fingerprint: fingerprint(99), keyType: .secondary, version: 4, publishedAt: script.now - .days(5),
            previousGoodUntil: promised, intact: true)
        script.send(all: [.started, .secretsRead(view), .keysListed(keys(1, 2), serverDate: script.now)])
        #expect(script.record.previousGoodUntil == promised)
    }

    @Test func filesOfAClockThatWasAheadPromiseNoMoreThanAnOverlap() {
        var script = Script()
        let published = script.now + .days(400)
        let view = SecretsView(
            fingerprint: fingerprint(2), keyType: .secondary, version: 4, publishedAt: published,
            previousGoodUntil: published + .hours(48), intact: true)
        script.send(all: [.started, .secretsRead(view), .keysListed(keys(1, 2), serverDate: script.now)])
        #expect(script.record.previousGoodUntil == script.now + .hours(48))
    }

    @Test func withoutVerificationNothingIsProbed() {
        var script = Script(.sample { $0.verification = nil })
        script.send(all: [.started, .secretsRead(nil)])
        #expect(script.send(.keysListed(keys(1, 2), serverDate: nil)) == .listKeys)
        #expect(script.record.phase.name == "publishing")
    }

    @Test func repairsTamperedFilesAtOnce() {
        var script = Script()
        var view = SecretsView.published(1, .primary, version: 3)
        view.intact = false
        script.send(all: [.started, .secretsRead(view)])
        #expect(script.send(.keysListed(keys(1, 2), serverDate: nil)) == .listKeys)
        guard case .publish(let order) = script.send(.keysListed(keys(1, 2), serverDate: nil)) else {
            Issue.record("nothing is published")
            return
        }
        #expect((order.keyType, order.version) == (.primary, 4))
        #expect(script.count(.secretsTampered) == 1)
    }

    @Test func keepsTryingWhileAzureOrTheFilesFail() {
        var script = Script()
        script.send(all: [.started, .secretsReadFailed(Failure(.publishFailed, "not mounted"))])
        #expect(script.machine.lookedOnce)
        #expect(script.machine.health(script.now) == .degraded(.publishFailed))
        #expect(script.wake() == .readSecrets)
        script.send(all: [.secretsRead(nil), .listKeysFailed(.unreachable)])
        #expect(script.record.trouble?.count == 2)
        #expect(script.wake() == .readSecrets)
        script.send(.secretsRead(nil))
        #expect(script.send(.keysListed(keys(1, 2), serverDate: nil)) == .probe(.primary, fingerprint(1)))
        #expect(script.record.trouble == nil)
        #expect(script.count(.recovered) == 1)
    }

    /// Which of the two was behind, nothing on record tells: it may have been the second.
    @Test func whatOneServerShowsAndAnotherDoesNotIsLookedAtSoon() {
        var script = Script()
        let view = SecretsView.published(1, .primary, at: script.now - .seconds(30))
        script.send(.started)
        script.look(view, keys(5, 2))
        #expect(script.record.phase == .adopting)
        script.wake()
        script.look(view, keys(1, 2))
        #expect(script.record.current?.fingerprint == fingerprint(1))
        #expect(script.record.watch == [1, 2, 5, 15].map { script.now + .minutes($0) })
    }

    /// Held means that no key turns; what consumers read is looked after.
    @Test func aStringThatCannotBeReadHoldsUntilResumedAndIsAskedForAgain() {
        var script = Script()
        script.send(.started)
        let dead = SecretsView.published(9, .primary, at: script.now - .hours(1))
        script.listStrangely(dead)
        #expect(script.machine.health(script.now) == .held(.badConnectionString))
        #expect(script.restart() == .readSecrets)
        #expect(!script.machine.lookedOnce)
        script.send(.secretsRead(dead))
        script.send(.listKeysFailed(Failure(.badConnectionString, "no endpoint")))
        #expect(script.machine.lookedOnce, "readiness waits for no good answer")
        script.wake()
        script.look(dead, keys(1, 2))
        script.send(all: [.probed(.succeeded), .keysListed(keys(1, 2), serverDate: script.now), .published])
        #expect(script.record.current?.fingerprint == fingerprint(1), "a dead key is replaced, held or not")
        #expect(script.machine.health(script.now) == .held(.badConnectionString))
        script.send(.resumeRequested(actor: "ada"))
        #expect(script.record.hold == nil)
    }

    @Test func adoptsWhilePaused() {
        var script = Script(.sample { $0.mode = .paused })
        script.send(all: [.started, .secretsRead(nil), .keysListed(keys(1, 2), serverDate: nil)])
        script.send(all: [.probed(.succeeded), .keysListed(keys(1, 2), serverDate: nil), .published])
        script.deliver()
        #expect(script.record.phase == .settled)
        #expect(script.machine.health(script.now) == .paused)
    }

    @Test func adoptionBySkewedClockUsesAzuresTime() {
        var script = Script()
        let azure = script.now
        script.now = Instant(unixSeconds: 1000)
        script.send(all: [.started, .secretsRead(.published(1, .primary))])
        script.send(.keysListed(keys(1, 2), serverDate: azure))
        #expect(script.record.current?.publishedAt == azure)
        #expect(script.record.previousGoodUntil == azure + .seconds(1) + .hours(24))
    }

    /// By this machine's clock, which is right enough to go by, the overlap would end four minutes too soon.
    @Test func whatIsAdoptedByAClockThatIsBehindIsPromisedByAzures() {
        var script = Script()
        let azure = script.now + .minutes(4)
        script.send(all: [.started, .secretsRead(.published(1, .primary))])
        script.send(.keysListed(keys(1, 2), serverDate: azure))
        #expect(script.record.previousGoodUntil == azure + .seconds(1) + .hours(24))
    }

    @Test func adoptionWithoutAzuresTimeBelievesTheFiles() {
        var script = Script()
        let published = script.now
        script.now = Instant(unixSeconds: 1000)
        script.send(all: [.started, .secretsRead(.published(1, .primary, at: published))])
        script.send(.keysListed(keys(1, 2), serverDate: nil))
        #expect(script.record.current?.publishedAt == published)
    }

    @Test func moreListingsOfAnotherKeyWhileAdopting() {
        var script = Script()
        script.send(all: [.started, .secretsRead(nil), .keysListed(keys(1, 2), serverDate: nil), .probed(.succeeded)])
        #expect(script.send(.keysListed(keys(3, 2), serverDate: nil)) == .probe(.primary, fingerprint(3)))
        #expect(script.lastNotes.map(\.kind) == [.keyMoved])
    }
}
