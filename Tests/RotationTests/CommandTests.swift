import Rotation
import Testing

@Suite struct CommandTests {
    @Test func aRequestRotatesNowWithItsActor() {
        var script = Script.settled()
        #expect(script.beginRotation()?.actor == "ada")
        #expect(script.count(.rotationRequested) == 1)
    }

    @Test func aSecondRequestIsRefusedWhileOneIsUnderWay() {
        var script = Script.settled()
        script.beginRotation()
        #expect(script.machine.rotationRefusal(script.now) == .underWay("regenerating"))
        let record = script.record
        script.send(.rotationRequested(actor: "bob"))
        #expect(script.record == record)
    }

    @Test func refusedBeforeAnythingIsPublishedAndWithinTheOverlap() {
        var script = Script()
        #expect(script.machine.rotationRefusal(script.now) == .unpublished)
        script = .settled()
        script.now = script.now - .seconds(1)
        #expect(script.machine.rotationRefusal(script.now) == .overlap(until: script.now + .seconds(1)))
        #expect(script.send(.rotationRequested(actor: "ada")) == nil)
        #expect(script.record.request == nil)
    }

    @Test func manualRotatesOnlyWhenAsked() {
        var script = Script.settled(.sample { $0.mode = .manual })
        script.now = script.now + .days(400)
        #expect(script.machine.rotationBlocker(script.now, requested: false) == .manual)
        #expect(script.machine.nextRotation == nil)
        script.wake()
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.regenerates.isEmpty)
        #expect(script.machine.health(script.now) == .degraded(.keyTooOld))
        script.beginRotation()
        #expect(script.regenerates.count == 1)
    }

    @Test func pauseForbidsAndResumeAllows() {
        var script = Script.settled()
        script.send(.pauseRequested(actor: "ada"))
        #expect(script.machine.health(script.now) == .paused)
        #expect(script.machine.rotationRefusal(script.now) == .paused)
        script.now = script.now + .days(31)
        script.send(.woke)
        #expect(script.look(.published(1, .primary), keys(1, 2)) == nil)
        #expect(script.send(.pauseRequested(actor: "bob")) == nil, "it is paused already")
        #expect(script.record.pausedBy == "ada")
        #expect(script.send(.resumeRequested(actor: "bob")) == .readSecrets)
        script.look(.published(1, .primary), keys(1, 2))
        script.send(.probed(.succeeded))
        #expect(script.regenerates.count == 1)
        #expect(script.notes.filter { $0.kind == .paused || $0.kind == .resumed }.map(\.actor) == ["ada", "bob"])
    }

    @Test func aPauseEndsByItselfWhenAzuresClockSaysSo() {
        var script = Script.settled()
        let until = script.now + .days(40)
        script.send(.pauseRequested(actor: "ada", until: until, reason: "a migration"))
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.record.pausedSince == script.now)
        #expect(script.lastNote(.paused)?.detail == "until \(until): a migration")
        #expect(script.machine.nextRotation == until, "it was due before")
        #expect(script.machine.nextWake ?? .distantFuture <= until)
        script.restart()
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.record.pausedUntil == until, "a restart ends nothing")
        script.now = until + .seconds(1)
        #expect(script.send(.woke) == .readSecrets)
        // This machine's clock is ahead of Azure's.
        script.send(.secretsRead(.published(1, .primary)))
        #expect(script.send(.keysListed(keys(1, 2), serverDate: until - .seconds(30))) == nil)
        #expect(script.record.pausedBy == "ada")
        #expect(script.machine.rotationRefusal(script.now) == .paused)
        #expect(script.machine.nextWake == script.now + .seconds(30))
        script.now = script.now + .seconds(30)
        #expect(script.send(.woke) == .readSecrets)
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.record.pausedBy == nil && script.record.pausedUntil == nil)
        #expect(script.record.pausedSince == nil && script.record.pauseReason == nil)
        #expect(script.lastNote(.resumed)?.actor == "keyturn")
        #expect(script.lastNote(.resumed)?.detail == "the pause by ada was until \(until)")
        script.send(.probed(.succeeded))
        #expect(script.regenerates.count == 1, "what was due meanwhile begins")
    }

    @Test func aListingWithoutADateDoesNotEndAPause() {
        var script = Script.settled()
        let until = script.now + .hours(1)
        script.send(.pauseRequested(actor: "ada", until: until))
        script.look(.published(1, .primary), keys(1, 2))
        script.now = until + .seconds(1)
        #expect(script.send(.woke) == .readSecrets)
        script.send(.secretsRead(.published(1, .primary)))
        #expect(script.send(.keysListed(keys(1, 2), serverDate: nil)) == nil)
        #expect(script.record.pausedBy == "ada")
        #expect(script.machine.nextWake == script.now + .minutes(1))
        script.wake()
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.record.pausedBy == nil)
    }

    @Test func theLastWordOnAPauseCounts() {
        var script = Script.settled()
        let until = script.now + .hours(2)
        script.send(.pauseRequested(actor: "ada", until: until, reason: "a test"))
        let since = script.now
        script.now = script.now + .minutes(1)
        script.send(.pauseRequested(actor: "bob", until: until))
        #expect(script.record.pausedBy == "ada", "nothing new")
        script.send(.pauseRequested(actor: "bob", until: until + .hours(1)))
        #expect(script.record.pausedBy == "bob" && script.record.pausedUntil == until + .hours(1))
        #expect(script.record.pauseReason == "a test" && script.record.pausedSince == since)
        script.send(.pauseRequested(actor: "eve"))
        #expect(script.record.pausedUntil == nil, "until somebody resumes")
        #expect(script.count(.paused) == 3)
        script.send(.resumeRequested(actor: "ada", reason: "done"))
        #expect(script.lastNote(.resumed)?.detail == "done")
        #expect(script.record.pausedBy == nil && script.record.pauseReason == nil)
    }

    @Test func anEndedPauseDoesNotEndAHold() {
        var script = Script.settled()
        script.send(.pauseRequested(actor: "ada", until: script.now + .hours(1)))
        script.look(.published(1, .primary), keys(1, 2))
        script.listStrangely(.published(1, .primary))
        script.now = script.now + .hours(2)
        script.send(.woke)
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.record.pausedBy == nil)
        #expect(script.record.hold != nil)
    }

    @Test func theReasonOfARequestIsOnRecord() {
        var script = Script.settled()
        script.send(.rotationRequested(actor: "ada", reason: "INC-4711"))
        #expect(script.lastNote(.rotationRequested)?.detail == "INC-4711")
    }

    @Test func pauseAfterTheLookStillForbids() {
        var script = Script.settled()
        script.send(.rotationRequested(actor: "ada"))
        script.look(.published(1, .primary), keys(1, 2))
        script.send(.pauseRequested(actor: "bob"))
        #expect(script.send(.probed(.succeeded)) == nil)
        #expect(script.regenerates.isEmpty)
        #expect(script.record.request == nil, "a pause takes back the request")
    }

    @Test func pauseDoesNotKeepConsumersOnADeadKey() {
        var script = Script.settled()
        #expect(script.send(.pauseRequested(actor: "ada")) == .readSecrets, "a look is due anyway")
        #expect(script.look(.published(1, .primary), keys(3, 2)) == .probe(.primary, fingerprint(3)))
    }

    @Test func whatIsUnderWayGoesOnWhilePaused() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.pauseRequested(actor: "ada"))
        script.send(all: [
            .regenerateAnswered(.regenerated(.secondary, fingerprint(3))), .keysListed(keys(1, 3), serverDate: nil),
        ])
        script.verify()
        script.send(all: [.keysListed(keys(1, 3), serverDate: nil), .published])
        script.deliver()
        #expect(script.record.current?.keyType == .secondary)
        #expect(script.machine.health(script.now) == .paused)
    }

    @Test func resumeWithNothingToResumeDoesNothing() {
        var script = Script.settled()
        let record = script.record
        #expect(script.send(.resumeRequested(actor: "ada")) == nil)
        #expect(script.record == record)
        #expect(script.lastNotes.isEmpty)
    }

    @Test func aCommandHurriesWhatFailed() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.notExecuted(.refused)))
        #expect(script.send(.reconfigured(.sample { $0.settle = .seconds(60) })) == .readSecrets)
    }

    @Test func theSameConfigurationAgainChangesNothing() {
        var script = Script.settled()
        let record = script.record
        #expect(script.send(.reconfigured(.sample())) == nil)
        #expect(script.record == record)
    }

    @Test(arguments: [true, false]) func anotherScheduleIsComputedAnewOnReloadAndRestart(restart: Bool) {
        var script = Script.settled()
        let published = script.record.current?.publishedAt ?? script.now
        let settings = RotationSettings.sample { $0.every = .days(7) }
        if restart { script.restart(settings) } else { script.send(.reconfigured(settings)) }
        #expect(script.record.due == settings.due(publishedAt: published))
        #expect(script.record.due?.at == published + .days(7))
        #expect(script.count(.rescheduled) == 1)
    }

    @Test func aRestartIsNotAReason() {
        var script = Script.settled()
        let due = script.record.due
        for _ in 0..<5 {
            script.now = script.now + .days(1)
            script.restart()
            #expect(script.look(.published(1, .primary), keys(1, 2)) == nil)
        }
        #expect(script.record.due == due)
        #expect(script.regenerates.isEmpty)
    }
}
