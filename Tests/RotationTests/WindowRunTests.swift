import Rotation
import Testing

/// Windows, freezes and peers as the machine keeps to them.
@Suite struct WindowRunTests {
    /// Settled on Primary since Friday, 2026-11-20 12:00 UTC; due on December 20, a Sunday.
    private func script(
        _ openings: Openings, spread: Duration = .zero, _ adjust: (inout Policy) -> Void = { _ in }
    ) throws -> Script {
        var settings = RotationSettings.sample {
            $0.timing = Timing(openings: openings)
            adjust(&$0)
        }
        settings.spread = spread
        var script = Script(settings)
        script.now = .at("2026-11-20T12:00:00Z")
        script.send(.started)
        script.send(.secretsRead(.published(1, .primary, at: script.now)))
        script.send(.keysListed(keys(1, 2), serverDate: script.now))
        script.deliver()
        #expect(script.record.phase == .settled)
        return script
    }

    /// Wakes it whenever it wants, with looks that find everything well, until something is regenerated.
    private func run(_ script: inout Script, until end: String) -> Intent? {
        let view = SecretsView.published(1, .primary, version: script.record.current?.version ?? 1)
        for _ in 0..<20_000 {
            guard let wake = script.machine.nextWake, max(wake, script.now) <= .at(end) else { return nil }
            script.now = max(wake, script.now)
            var action = script.send(.woke)
            if action == .readSecrets { action = script.look(view, keys(1, 2)) }
            if action == .probe(.primary, fingerprint(1)) { action = script.send(.probed(.succeeded)) }
            if case .regenerate(let intent) = action { return intent }
        }
        return nil
    }

    @Test func rotatesWhenTheWindowOpens() throws {
        var script = try script(.sample(["Mon..Thu 02:00..05:00"]))
        #expect(script.machine.nextRotation == .at("2026-12-21T01:00:00Z"))
        let intent = run(&script, until: "2026-12-31T00:00:00Z")
        #expect(intent?.at == .at("2026-12-21T01:00:00Z") && intent?.actor == "schedule")
    }

    @Test func aFailureUntilTheWindowClosesWaitsForTheNextOne() throws {
        var script = try script(.sample(["Mon..Thu 02:00..05:00"])) { $0.retry = [.hours(1)] }
        for _ in 0..<3 {
            #expect(run(&script, until: "2026-12-21T04:00:00Z") != nil)
            script.send(.regenerateAnswered(.notExecuted(.refused)))
        }
        #expect(script.record.trouble(with: .regenerate)?.count == 3)
        #expect(run(&script, until: "2026-12-22T00:59:59Z") == nil, "it is closed")
        #expect(script.machine.health(script.now).name == "degraded", "it did not mend")
        #expect(script.machine.nextRotation == .at("2026-12-22T01:00:00Z"))
        #expect(run(&script, until: "2026-12-22T02:00:00Z")?.at == .at("2026-12-22T01:00:00Z"))
    }

    @Test func throttlingThatHasPassedIsNoTroubleUntilTheNextWindow() throws {
        var script = try script(.sample(["Mon..Thu 02:00..05:00"]))
        #expect(run(&script, until: "2026-12-21T04:00:00Z") != nil)
        script.send(.regenerateAnswered(.notExecuted(Failure(.throttled, "429", retryAfter: .hours(4)))))
        #expect(run(&script, until: "2026-12-21T04:59:59Z") == nil)
        #expect(script.machine.health(script.now) == .degraded(.throttled), "Azure asked for as much")
        #expect(run(&script, until: "2026-12-22T00:59:59Z") == nil, "it is closed")
        #expect(script.machine.health(script.now) == .ok, "a look was answered since")
        #expect(run(&script, until: "2026-12-22T02:00:00Z")?.at == .at("2026-12-22T01:00:00Z"))
    }

    /// That a listing is answered proves that there is a token and a resource; not that a regenerate is allowed.
    @Test(arguments: [(Reason.notFound, true), (.unauthenticated, true), (.forbidden, false), (.locked, false)])
    func whatALookDisprovesIsNoTroubleUntilTheNextWindow(reason: Reason, isOver: Bool) throws {
        var script = try script(.sample(["Mon..Thu 02:00..05:00"])) { $0.retry = [.hours(4)] }
        #expect(run(&script, until: "2026-12-21T04:00:00Z") != nil)
        script.send(.regenerateAnswered(.notExecuted(Failure(reason, "it is refused"))))
        #expect(script.machine.health(script.now) == .degraded(reason))
        #expect(run(&script, until: "2026-12-22T00:59:59Z") == nil, "it is closed")
        #expect(script.machine.health(script.now) == (isOver ? .ok : .degraded(reason)))
    }

    @Test func aRegenerateThatDidNotRunIsNoTroubleUntilTheNextWindow() throws {
        var script = try script(.sample(["Mon..Thu 02:00..05:00"])) { $0.retry = [.hours(4)] }
        #expect(run(&script, until: "2026-12-21T04:00:00Z") != nil)
        script.send(.regenerateAnswered(.ambiguous(.lost)))
        script.send(.keysListed(keys(1, 2), serverDate: script.now))
        script.poll(keys(1, 2), for: .minutes(2))
        #expect(script.count(.regenerateDidNotRun) == 1)
        #expect(script.machine.health(script.now) == .degraded(.timeout))
        #expect(run(&script, until: "2026-12-22T00:59:59Z") == nil, "it is closed")
        #expect(script.machine.health(script.now) == .ok, "it is known what came of it")
        #expect(run(&script, until: "2026-12-22T02:00:00Z")?.at == .at("2026-12-22T01:00:00Z"))
    }

    @Test func whetherSignedCallsWorkAgainIsAskedBeforeTheNextWindow() throws {
        var script = try script(.sample(["Mon..Thu 02:00..05:00"])) { $0.retry = [.hours(4)] }
        script.now = .at("2026-12-21T01:00:00Z")
        #expect(script.send(.woke) == .readSecrets)
        script.look(.published(1, .primary), keys(1, 2))
        script.send(.probed(.denied(.denied)))
        #expect(script.machine.health(script.now) == .degraded(.probeUnusable))
        let view = SecretsView.published(1, .primary)
        script.now = .at("2026-12-21T05:30:00Z")
        for outcome in [ProbeOutcome.denied(.denied), .succeeded] {
            if script.send(.woke) == nil { script.wake() }
            #expect(script.look(view, keys(1, 2)) == .probe(.primary, fingerprint(1)))
            #expect(script.send(.probed(outcome)) == nil)
            script.now = script.now + .hours(5)
        }
        #expect(script.machine.health(script.now) == .ok)
        #expect(script.regenerates.isEmpty)
    }

    @Test func aClockThatIsRightAgainIsNoTroubleUntilTheNextWindow() throws {
        var script = try script(.sample(["Mon..Thu 02:00..05:00"])) { $0.retry = [.hours(4)] }
        script.now = .at("2026-12-21T01:00:00Z")
        #expect(script.send(.woke) == .readSecrets)
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.keysListed(keys(1, 2), serverDate: script.now - .hours(3)))
        #expect(script.machine.health(script.now) == .degraded(.clockSkew))
        #expect(run(&script, until: "2026-12-22T00:59:59Z") == nil)
        #expect(script.machine.health(script.now) == .ok)
    }

    @Test func operatorsNeedNoWindow() throws {
        var script = try script(.sample(["Mon..Thu 02:00..05:00"], without: ["2026-12-01..2027-01-04"]))
        script.now = .at("2026-12-06T15:00:00Z")
        #expect(script.beginRotation() != nil)
    }

    @Test func downtimeOverADueTimeGivesOneRotationInTheNextOpening() throws {
        var script = try script(.sample(["Mon..Thu 02:00..05:00"]))
        script.now = .at("2026-12-25T08:00:00Z")
        var action = script.restart()
        if action == .readSecrets { action = script.look(.published(1, .primary), keys(1, 2)) }
        #expect(action == nil)
        #expect(run(&script, until: "2026-12-31T00:00:00Z")?.at == .at("2026-12-28T01:00:00Z"))
    }

    @Test func manyThatAreLateBeginOneAfterTheOther() throws {
        var script = try script(Openings(), spread: .hours(2))
        let due = try #require(script.record.due)
        script.now = due.at + .days(3)
        let action = script.restart()
        #expect(action == .readSecrets)
        #expect(script.look(.published(1, .primary), keys(1, 2)) == nil)
        let late = try #require(script.record.due)
        #expect(late.cause == .overdue && late.at > script.now && late.at < script.now + .hours(2))
        // Another restart is no reason to begin anew.
        script.now = script.now + .seconds(60)
        script.restart()
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.record.due == late)
        #expect(run(&script, until: "2027-12-31T00:00:00Z")?.at == late.at)
    }

    @Test func aWrongClockPutsNothingOff() throws {
        var script = try script(Openings(), spread: .hours(2))
        let due = try #require(script.record.due)
        script.now = due.at + .days(400)
        script.restart()
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.keysListed(keys(1, 2), serverDate: due.at + .seconds(1)))
        #expect(script.record.due == due, "Azure says that it is a year earlier")
    }

    @Test func whatWasPutOffIsNotWhenTheClockIsSetBack() throws {
        var script = try script(Openings(), spread: .hours(2))
        let due = try #require(script.record.due)
        script.now = due.at + .days(3)
        script.restart()
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.record.due?.cause == .overdue)
        // It was set back since.
        script.now = due.at + .seconds(60)
        script.send(.woke)
        #expect(script.record.due?.at ?? .distantFuture <= due.at)
    }

    @Test func theSupersededKeyIsRetiredInAWindowToo() throws {
        var script = try script(.sample(["Mon..Thu 02:00..05:00"])) { ($0.retire, $0.verification) = (true, nil) }
        #expect(run(&script, until: "2026-12-21T02:00:00Z") != nil)
        script.send(all: [
            .regenerateAnswered(.regenerated(.secondary, fingerprint(3))),
            .keysListed(keys(1, 3), serverDate: script.now),
            .keysListed(keys(1, 3), serverDate: script.now), .published,
        ])
        script.deliver()
        #expect(script.record.current?.keyType == .secondary)
        for _ in 0..<2000 where script.regenerates.count < 2 {
            if script.machine.awaited == nil { script.wake() }
            if script.machine.awaited == .readSecrets {
                script.look(.published(3, .secondary, version: 2), keys(1, 3))
            }
        }
        let retirement = try #require(script.regenerates.last)
        #expect(retirement.purpose == .retirement && retirement.keyType == .primary)
        // The overlap ends on Tuesday at 01:00, when the window opens, and a little.
        #expect(retirement.at > .at("2026-12-22T01:00:00Z") && retirement.at < .at("2026-12-22T01:10:00Z"))
    }

    @Test func anotherZoneMovesTheDueTimeWithoutRotating() throws {
        var script = try script(.sample(["Mon..Thu 02:00..05:00"]))
        var settings = script.machine.settings
        settings.policy.timing = Timing(openings: try .sample(["Mon..Thu 02:00..05:00"], in: .lordHowe))
        script.now = .at("2026-12-01T00:00:00Z")
        script.send(.reconfigured(settings))
        #expect(script.count(.rescheduled) == 1)
        #expect(script.record.due?.at == .at("2026-12-20T15:00:00Z"))
    }

    @Test func withoutAMaximumAgeAFreezeMakesNoKeyTooOld() throws {
        var script = try script(.sample(without: ["2026-12-01..2027-02-15"]))
        #expect(run(&script, until: "2027-02-14T00:00:00Z") == nil)
        #expect(script.count(.keyTooOld) == 0)
        #expect(script.machine.health(script.now) == .ok)
    }

    @Test func aKeyThatGetsTooOldInAFreezeIsShoutedAbout() throws {
        var script = try script(.sample(without: ["2026-12-01..2027-02-15"])) { $0.maxAge = .days(45) }
        #expect(run(&script, until: "2027-02-14T00:00:00Z") == nil)
        #expect(script.count(.keyTooOld) == 1)
        #expect(script.machine.health(script.now) == .degraded(.keyTooOld))
    }

    @Test func theDeadlineRotatesInAFreeze() throws {
        var script = try script(.sample(without: ["2026-12-01..2027-02-15"])) {
            ($0.maxAge, $0.onDeadline) = (.days(45), .rotate)
        }
        let intent = run(&script, until: "2027-02-14T00:00:00Z")
        #expect(intent?.at == .at("2027-01-04T11:58:40Z"))
    }

    @Test func theDeadlineRotatesInAFreezeAlsoWhileTheSupersededKeyWaitsToBeRetired() throws {
        var script = try script(.sample(without: ["2026-12-01..2027-02-15"])) {
            ($0.maxAge, $0.onDeadline, $0.retire, $0.driftCheck) = (.days(45), .rotate, true, .days(7))
        }
        var record = script.record
        record.retirementPending = true
        record.previousGoodUntil = .at("2026-12-02T00:00:00Z")
        script = Script(script.machine.settings, record: record)
        script.now = .at("2026-12-01T00:00:00Z")
        script.send(.started)
        script.look(.published(1, .primary), keys(1, 2))
        let intent = run(&script, until: "2027-02-14T00:00:00Z")
        #expect(intent?.purpose == .rotation && intent?.at == .at("2027-01-04T11:58:40Z"))
    }

    /// What comes late after a freeze is no older than what comes in time.
    @Test func aRotationThatIsPutOffAfterAFreezeIsNotTooOldForIt() throws {
        var script = try script(.sample(without: ["2026-12-01..2027-02-15"]), spread: .hours(6))
        script.now = try #require(script.record.due).at + .minutes(20)
        script.restart()
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.record.due?.cause == .overdue)
        script.send(.woke)
        #expect(script.count(.keyTooOld) == 0)
        #expect(script.machine.health(script.now) == .ok)
    }

    /// Its only window is an hour older than its rotations.
    @Test func aRetirementLeavesTheOnlyWindowToTheRotation() throws {
        var script = try script(.sample(["Sun 02:00..05:00"])) {
            ($0.every, $0.retire, $0.verification) = (.days(7), true, nil)
        }
        var record = script.record
        record.retirementPending = true
        record.previousGoodUntil = .at("2026-11-23T02:00:00Z")
        script = Script(script.machine.settings, record: record)
        script.now = .at("2026-11-23T03:00:00Z")
        script.send(.started)
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.record.due?.at == .at("2026-11-29T01:00:00Z"))
        let intent = run(&script, until: "2026-12-31T00:00:00Z")
        #expect(intent?.purpose == .rotation && intent?.at == .at("2026-11-29T01:00:00Z"))
    }

    @Test func aFreezeWithoutAnEndIsWaitedForInPeace() throws {
        var script = try script(.sample(without: ["2026-12-01..9999-12-31"])) { $0.driftCheck = .days(7) }
        script.now = .at("2026-12-20T12:00:00Z")
        var record = script.record
        record.due?.at = .at("2026-11-30T12:00:00Z")
        script = Script(script.machine.settings, record: record)
        script.now = .at("2026-12-20T12:00:00Z")
        script.send(.started)
        #expect(script.look(.published(1, .primary), keys(1, 2)) == nil)
        #expect(script.machine.nextWake ?? .distantPast > script.now + .hours(1))
        #expect(script.machine.nextRotation == nil)
    }

    /// The wake-up is in time, and the answers to the look and the probe take seconds.
    @Test func theLastPlaceInAWindowLeavesTimeForTheCalls() throws {
        let script = try script(.sample(["02:00..02:05"])) { $0.jitter = .hours(1) }
        let settings = script.machine.settings
        let due = try #require(script.record.due)
        let last = Due(
            at: .at("2026-12-21T01:05:00Z") - settings.policy.rotationTime, schedule: due.schedule, base: due.base,
            cause: due.cause)
        let late = last.at + .seconds(5)
        #expect(settings.begin(last, notBefore: .distantPast, publishedAt: .distantPast, late) == last.at)
    }
}
