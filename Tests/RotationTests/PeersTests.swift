import Rotation
import Testing

/// A canary that goes first, and a policy that stops.
@Suite struct PeersTests {
    private func settled(_ name: String, _ adjust: (inout Policy) -> Void) -> Script {
        var settings = RotationSettings.sample(consumers: [], adjust)
        settings.name = name
        return Script.settled(settings)
    }

    private let withCanary: (inout Policy) -> Void = { $0.canary = "canary" }

    @Test func othersWaitUntilTheCanaryHasRotatedSince() throws {
        let canary = settled("canary", withCanary)
        let other = settled("contoso-sms", withCanary)
        #expect(other.machine.blocker(canary: canary.machine) == .wait, "it has not rotated since")
        var record = canary.record
        record.current?.publishedAt = canary.now + .days(30)
        let rotated = RotationMachine(settings: canary.machine.settings, record: record)
        #expect(other.machine.blocker(canary: rotated) == nil)
    }

    @Test func aCanaryThatIsNotWellStopsTheOthers() throws {
        var canary = settled("canary", withCanary)
        let other = settled("contoso-sms", withCanary)
        canary.wake()
        canary.listStrangely(.published(1, .primary))
        guard case .stopped(let failure) = other.machine.blocker(canary: canary.machine) else {
            Issue.record("it is not stopped")
            return
        }
        #expect(failure.reason == .canaryUnhealthy && failure.detail.contains("canary is held (bad-connection-string)"))
        var record = other.record
        record.pausedBy = "ada"
        let held = RotationMachine(settings: canary.machine.settings, record: record)
        #expect(other.machine.blocker(canary: held) != nil)
    }

    @Test func howLongAzureAskedToBeLeftAloneIsNotForgottenOverPeers() {
        var script = settled("contoso-sms") { $0.stopAfter = 1 }
        let began = script.beginRotation()
        #expect(began != nil)
        script.send(.regenerateAnswered(.notExecuted(Failure(.throttled, "429", retryAfter: .hours(2)))))
        let retry = script.now + .hours(2)
        var machine = script.machine
        machine.peers = .stopped(Failure(.policyStopped, "contoso-mail failed"))
        _ = machine.handle(.woke, now: script.now + .hours(1))
        #expect(machine.record.trouble(with: .regenerate)?.failure.reason == .throttled)
        machine.peers = nil
        _ = machine.handle(.woke, now: script.now + .hours(1))
        #expect(machine.record.trouble(with: .regenerate)?.retryAt == retry)
    }

    @Test func aCanaryThatIsStoppedByTheOthersDoesNotStopThem() {
        let canary = settled("canary", withCanary)
        var record = canary.record
        record.current?.publishedAt = canary.now + .days(10)
        record.troubles = [
            Trouble(
                step: .regenerate, failure: Failure(.policyStopped, "contoso-sms failed"), since: canary.now, count: 1,
                retryAt: canary.now + .hours(1))
        ]
        let other = settled("contoso-sms", withCanary).machine
        func blocker() -> PeerBlocker? {
            other.blocker(canary: RotationMachine(settings: canary.machine.settings, record: record))
        }
        #expect(blocker() == nil)
        record.troubles.append(
            Trouble(
                step: .deliver, failure: Failure(.deliveryFailed, "contoso.service: failed"),
                since: canary.now + .hours(1),
                count: 1, retryAt: canary.now + .hours(1)))
        guard case .stopped(let failure) = blocker() else { return #expect(Bool(false), "it is not well by itself") }
        #expect(failure.detail.contains("is degraded (delivery-failed)"))
    }

    @Test func whatPeersForbidIsSaidOnceAndEndsWithThem() throws {
        var script = settled("contoso-sms", withCanary)
        script.now = try #require(script.record.due).at
        var machine = script.machine
        #expect(machine.asksPeers(script.now))
        machine.peers = .stopped(Failure(.canaryUnhealthy, "the canary is held"))
        let stopped = machine.handle(.woke, now: script.now)
        #expect(stopped.notes.map(\.kind) == [.failed] && stopped.notes.first?.reason == .canaryUnhealthy)
        #expect(machine.health(script.now) == .degraded(.canaryUnhealthy))
        #expect(machine.workInstant == nil, "only its peers can change that")
        let later = script.now + .hours(5)
        let again = machine.handle(.woke, now: later)
        #expect(again.notes.isEmpty)
        machine.peers = nil
        if machine.awaited == .readSecrets { _ = machine.handle(.secretsRead(.published(1, .primary)), now: later) }
        let answer = machine.handle(.keysListed(keys(1, 2), serverDate: later), now: later)
        #expect(answer.action == .probe(.primary, fingerprint(1)))
        #expect(answer.notes.contains { $0.kind == .recovered && $0.reason == .canaryUnhealthy })
        #expect(machine.health(later) == .ok)
    }

    @Test func aPauseThatEndsByItselfDoesNotPassByThePeers() throws {
        var script = settled("contoso-sms", withCanary)
        script.now = try #require(script.record.due).at
        let end = script.now + .minutes(1)
        var machine = script.machine
        func paused(until: Instant?) -> Event { .pauseRequested(actor: "ada", until: until, reason: nil) }
        _ = machine.handle(paused(until: nil), now: script.now)
        #expect(!machine.asksPeers(script.now))
        _ = machine.handle(paused(until: end), now: script.now)
        #expect(machine.asksPeers(script.now))
        machine.peers = .stopped(Failure(.canaryUnhealthy, "the canary is held"))
        if machine.awaited == nil { #expect(machine.handle(.woke, now: end).action == .readSecrets) }
        _ = machine.handle(.secretsRead(.published(1, .primary)), now: end)
        #expect(machine.health(end) == .paused, "nobody is stopped by others who is stopped anyway")
        let output = machine.handle(.keysListed(keys(1, 2), serverDate: end), now: end)
        #expect(output.action == nil)
        #expect(output.notes.map(\.kind) == [.resumed, .failed])
        #expect(machine.health(end) == .degraded(.canaryUnhealthy))
    }

    @Test func waitingForTheCanaryIsNoFailure() throws {
        var script = settled("contoso-sms", withCanary)
        script.now = try #require(script.record.due).at
        var machine = script.machine
        machine.peers = .wait
        let output = machine.handle(.woke, now: script.now)
        #expect(output.notes.isEmpty && machine.health(script.now) == .ok)
        #expect(machine.nextWake ?? .distantPast > script.now || output.action == .readSecrets)
    }

    @Test func operatorsDoNotWaitForPeers() throws {
        var script = settled("contoso-sms", withCanary)
        script.now = try #require(script.record.due).at
        var machine = script.machine
        machine.peers = .wait
        #expect(machine.rotationRefusal(script.now) == nil)
        #expect(machine.handle(.rotationRequested(actor: "ada"), now: script.now).action == .readSecrets)
        #expect(!machine.asksPeers(script.now))
    }

    private func attempts(_ states: [RotationMachine.AttemptState])
        -> [(name: String, at: Instant, state: RotationMachine.AttemptState)]
    {
        states.enumerated().map { ("contoso-\($0)", Instant(unixSeconds: Int64($0)), $1) }
    }

    @Test(arguments: [
        ([RotationMachine.AttemptState](), 2, "goes on"), ([.failing], 2, "goes on"),
        ([.failing, .failing], 2, "stopped"),
        ([.failing, .failing, .succeeded], 2, "goes on"), ([.failing, .succeeded, .failing], 2, "goes on"),
        ([.succeeded, .failing, .failing], 2, "stopped"), ([.failing, .underWay], 2, "waits"),
        ([.underWay, .underWay], 2, "waits"), ([.succeeded, .underWay], 2, "goes on"), ([.underWay], 1, "waits"),
        ([.failing, .underWay, .failing], 2, "stopped"),
    ])
    func soManyFailuresInARowStop(states: [RotationMachine.AttemptState], limit: Int, expected: String) {
        switch RotationMachine.blocker(stopAfter: limit, attempts: attempts(states)) {
        case nil: #expect(expected == "goes on")
        case .wait: #expect(expected == "waits")
        case .stopped(let failure):
            #expect(expected == "stopped")
            #expect(failure.reason == .policyStopped && failure.detail.contains("contoso-"))
        }
    }

    @Test func anAttemptIsRememberedUntilItSucceeds() throws {
        var script = settled("contoso-sms") { ($0.stopAfter, $0.verification) = (1, nil) }
        script.now = try #require(script.record.due).at
        #expect(script.machine.attemptState == nil)
        #expect(script.wake() == .readSecrets)
        guard case .regenerate = script.look(.published(1, .primary), keys(1, 2)) else {
            Issue.record("nothing is regenerated")
            return
        }
        #expect(script.machine.attemptState?.state == .underWay)
        script.send(.regenerateAnswered(.notExecuted(.refused)))
        #expect(script.machine.attemptState?.state == .failing)
        script.restart()
        #expect(script.machine.attemptState?.state == .failing, "a restart forgets nothing")
        script.look(.published(1, .primary), keys(1, 2))
        script.wake()
        script.look(.published(1, .primary), keys(1, 2))
        script.send(all: [
            .regenerateAnswered(.regenerated(.secondary, fingerprint(3))),
            .keysListed(keys(1, 3), serverDate: script.now),
            .keysListed(keys(1, 3), serverDate: script.now), .published,
        ])
        #expect(script.machine.attemptState?.state == .succeeded)
    }

    /// Its regenerate is on its way, by its schedule.
    private func attempting() throws -> Script {
        var script = settled("contoso-sms") { ($0.stopAfter, $0.verification) = (1, nil) }
        script.now = try #require(script.record.due).at
        #expect(script.wake() == .readSecrets)
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.record.phase.name == "regenerating")
        return script
    }

    @Test func whatIsPublishedBecauseTheWrongKeyChangedIsNoSuccess() throws {
        var script = try attempting()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        script.send(.keysListed(keys(4, 2), serverDate: script.now))
        script.send(all: [.keysListed(keys(4, 2), serverDate: script.now), .published])
        #expect(script.record.current?.fingerprint == fingerprint(4))
        #expect(script.record.hold?.reason == .wrongKeyTypeChanged)
        #expect(script.machine.attemptState?.state == .failing)
        script.send(.resumeRequested(actor: "ada"))
        #expect(script.record.attempt == nil, "what fails from now on is no failure of it")
    }

    @Test func aClockSetBackMeanwhileHidesNoSuccess() throws {
        var script = try attempting()
        script.now = script.now - .seconds(30)
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        script.send(all: [
            .keysListed(keys(1, 3), serverDate: nil), .keysListed(keys(1, 3), serverDate: nil), .published,
        ])
        #expect(script.machine.attemptState?.state == .succeeded)
    }

    @Test func whatIsPausedStopsNobody() throws {
        var script = settled("contoso-sms") { $0.stopAfter = 1 }
        script.now = try #require(script.record.due).at
        #expect(script.wake() == .readSecrets)
        script.look(.published(1, .primary), keys(1, 2))
        script.send(all: [
            .probed(.succeeded), .regenerateAnswered(.regenerated(.secondary, fingerprint(3))),
            .keysListed(keys(1, 3), serverDate: script.now),
            .probed(.inconclusive(Failure(.probeUnreachable, "no route"))),
        ])
        #expect(script.machine.attemptState?.state == .failing)
        let before = script.machine
        var settings = script.machine.settings
        settings.policy.mode = .paused
        script.send(.reconfigured(settings))
        #expect(script.machine.attemptState == nil)
        #expect(script.machine.newsForPeers(since: before) != nil)
    }

    @Test func whatPeersForbadeUnderTheFormerPolicyIsForgotten() throws {
        var script = settled("contoso-sms") { $0.stopAfter = 1 }
        script.now = try #require(script.record.due).at
        var machine = script.machine
        machine.peers = .stopped(Failure(.policyStopped, "contoso-mail failed"))
        for event in [
            .woke, .secretsRead(.published(1, .primary)), Event.keysListed(keys(1, 2), serverDate: script.now),
        ] {
            _ = machine.handle(event, now: script.now)
        }
        #expect(machine.awaited == nil && machine.nextWake ?? .distantPast > script.now)
        var settings = machine.settings
        settings.policy.stopAfter = nil
        #expect(machine.handle(.reconfigured(settings), now: script.now).action == .readSecrets)
    }

    @Test func whatIsResumedWhileItsRotationGoesOnIsStillOneThatMayFail() throws {
        var script = settled("contoso-sms") { $0.stopAfter = 1 }
        script.now = try #require(script.record.due).at
        #expect(script.wake() == .readSecrets)
        script.look(.published(1, .primary), keys(1, 2))
        script.send(all: [
            .probed(.succeeded), .regenerateAnswered(.regenerated(.secondary, fingerprint(3))),
            .keysListed(keys(1, 3), serverDate: script.now),
            .probed(.inconclusive(Failure(.probeUnreachable, "no route"))),
        ])
        script.wake()
        script.listStrangely(.published(1, .primary))
        #expect(script.record.hold?.reason == .badConnectionString && script.record.phase.name == "verifying")
        script.send(.resumeRequested(actor: "ada"))
        #expect(script.record.attempt != nil)
    }

    /// The canary goes first, in the only window that there is.
    @Test func aRetirementWaitsWithItsRotationForPeers() throws {
        var script = settled("contoso-sms") { ($0.canary, $0.retire, $0.verification) = ("canary", true, nil) }
        var record = script.record
        record.retirementPending = true
        record.due?.at = script.now + .minutes(1)
        script = Script(script.machine.settings, record: record)
        script.send(.started)
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.regenerates.isEmpty, "the rotation does away with the same key")
        var machine = script.machine
        machine.peers = .wait
        let due = script.now + .minutes(1)
        for event in [.woke, .secretsRead(.published(1, .primary)), Event.keysListed(keys(1, 2), serverDate: due)] {
            if case .regenerate = machine.handle(event, now: due).action { Issue.record("it is retired") }
        }
        #expect(machine.awaited == nil && machine.nextWake ?? .distantPast > due, "it waits in peace")
    }

    @Test func aReloadTellsNobodyThatPeersAreWellAgain() throws {
        var script = settled("contoso-sms") { $0.stopAfter = 1 }
        script.now = try #require(script.record.due).at
        var machine = script.machine
        machine.peers = .stopped(Failure(.policyStopped, "contoso-mail failed"))
        for event in [
            .woke, .secretsRead(.published(1, .primary)), Event.keysListed(keys(1, 2), serverDate: script.now),
        ] {
            _ = machine.handle(event, now: script.now)
        }
        var settings = machine.settings
        settings.spread = .seconds(64)
        #expect(machine.handle(.reconfigured(settings), now: script.now).notes.allSatisfy { $0.kind != .recovered })
    }
}
