import Rotation
import Testing

/// What a settled resource does about what it sees.
@Suite struct LookTests {
    @Test func looksAgainAfterTheInterval() {
        var script = Script.settled()
        #expect(script.wake() == .readSecrets)
        #expect(script.look(.published(1, .primary), keys(1, 2)) == nil)
        let policy = script.machine.settings.policy
        #expect(script.machine.nextWake == script.now + policy.lookInterval(name: "contoso-sms"))
        #expect(script.record.phase == .settled)
    }

    @Test func aDeadCurrentKeyIsReplacedAtOnce() {
        var script = Script.settled()
        script.wake()
        #expect(script.look(.published(1, .primary), keys(3, 2)) == .probe(.primary, fingerprint(3)))
        #expect(script.lastNotes.map(\.reason) == [.currentKeyChanged])
        #expect(script.send(.probed(.succeeded)) == .listKeys)
        guard case .publish(let order) = script.send(.keysListed(keys(3, 2), serverDate: script.now)) else {
            Issue.record("nothing is published")
            return
        }
        #expect((order.keyType, order.fingerprint, order.version) == (.primary, fingerprint(3), 2))
        #expect(order.previous == fingerprint(2))
        #expect(order.previousGoodUntil == script.now + .hours(24))
        #expect(script.send(.published) == .deliver(version: 2, consumers: ["contoso-sms.service"]))
        script.deliver()
        #expect(script.record.phase == .settled)
        #expect(script.record.due?.at == script.now + .days(30), "it is a new key")
        #expect(script.regenerates.isEmpty)
    }

    /// As when the ledger could not be written for a while.
    @Test func aStartForgetsListingsOfBefore() {
        var script = Script.settled()
        for _ in 1...2 {
            script.wake()
            script.send(.secretsRead(.published(1, .primary)))
            script.send(.listKeysFailed(Failure(.badConnectionString, "the string holds another key")))
        }
        #expect(script.send(.started) == .readSecrets)
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.listKeysFailed(Failure(.badConnectionString, "the string holds another key")))
        #expect(script.record.hold == nil)
    }

    @Test func aHoldDoesNotKeepConsumersOnADeadKey() {
        var script = Script.settled()
        script.wake()
        script.listStrangely(.published(1, .primary))
        #expect(script.record.hold?.reason == .badConnectionString)
        script.wake()
        #expect(script.look(.published(1, .primary), keys(3, 2)) == .probe(.primary, fingerprint(3)))
        script.send(all: [.probed(.succeeded), .keysListed(keys(3, 2), serverDate: nil), .published])
        script.deliver()
        #expect(script.record.current?.fingerprint == fingerprint(3))
        #expect(script.machine.health(script.now) == .held(.badConnectionString))
        #expect(script.machine.workInstant == nil)
    }

    @Test func theOverlapOfAChangedOtherKeyCountsByAzuresClockWhereThisOneIsBehind() {
        var script = Script.settled()
        script.wake()
        let date = script.now + .minutes(4)
        script.send(.secretsRead(.published(1, .primary)))
        #expect(script.send(.keysListed(keys(1, 5), serverDate: date)) == .listKeys)
        #expect(script.record.previousGoodUntil == date + .hours(24) + .seconds(1))
    }

    @Test func aChangedOtherKeyBeginsTheOverlapAnewAndIsPublishedAsPrevious() {
        var script = Script.settled()
        script.wake()
        #expect(script.look(.published(1, .primary), keys(1, 5)) == .listKeys)
        #expect(script.lastNotes.map(\.reason) == [.otherKeyChanged])
        guard case .publish(let order) = script.send(.keysListed(keys(1, 5), serverDate: nil)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(order.previous == fingerprint(5))
        #expect(order.publishedAt == script.record.current?.publishedAt)
        #expect(script.record.previousGoodUntil == script.now + .hours(24) + .seconds(1))
        #expect(script.machine.rotationRefusal(script.now) == .underWay("publishing"))
        script.send(.published)
        script.deliver()
        #expect(script.machine.rotationRefusal(script.now) == .overlap(until: script.now + .hours(24) + .seconds(1)))
    }

    @Test func bothKeysChangedByAnotherHand() {
        var script = Script.settled()
        script.wake()
        #expect(script.look(.published(1, .primary), keys(3, 4)) == .probe(.primary, fingerprint(3)))
        #expect(script.lastNotes.map(\.reason) == [.otherKeyChanged, .currentKeyChanged])
        #expect(script.record.hold == nil, "nothing of ours was under way")
    }

    @Test(arguments: [true, false]) func tamperedOrMissingFilesAreWrittenAnew(missing: Bool) {
        var script = Script.settled()
        script.wake()
        var view = SecretsView.published(1, .primary)
        view.intact = false
        #expect(script.look(missing ? nil : view, keys(1, 2)) == .listKeys)
        #expect(script.lastNotes.map(\.reason) == [.secretsTampered])
        guard case .publish(let order) = script.send(.keysListed(keys(1, 2), serverDate: nil)) else {
            Issue.record("nothing is published")
            return
        }
        #expect((order.keyType, order.fingerprint, order.version) == (.primary, fingerprint(1), 2))
        #expect(script.send(.published) == .deliver(version: 2, consumers: ["contoso-sms.service"]))
        script.deliver()
        #expect(script.record.current?.publishedAt == order.publishedAt, "the key is as old as before")
    }

    @Test func filesWithTheOtherKeyGetItAWholeOverlap() {
        var script = Script.settled()
        script.wake()
        #expect(script.look(.published(2, .secondary), keys(1, 2)) == .listKeys)
        #expect(script.record.previousGoodUntil == script.now + .seconds(1) + .hours(24))
        // Consumers read it until the files are written, however long that takes.
        script.send(.keysListed(keys(1, 2), serverDate: script.now))
        script.send(.publishFailed(Failure(.publishFailed, "the disk is full")))
        script.wake()
        script.send(.secretsRead(.published(2, .secondary)))
        guard case .publish(let order) = script.send(.keysListed(keys(1, 2), serverDate: script.now)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(order.previousGoodUntil == script.now + .hours(24))
    }

    @Test func theKeyDiesWhileItsFilesAreRepaired() {
        var script = Script.settled()
        script.wake()
        script.look(nil, keys(1, 2))
        #expect(script.send(.keysListed(keys(3, 2), serverDate: nil)) == .probe(.primary, fingerprint(3)))
        #expect(script.lastNotes.map(\.kind) == [.currentKeyChanged])
    }

    @Test func theOtherKeyChangesWhileFilesAreRepaired() {
        var script = Script.settled()
        script.wake()
        script.look(nil, keys(1, 2))
        guard case .publish(let order) = script.send(.keysListed(keys(1, 5), serverDate: nil)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(script.lastNotes.map(\.kind) == [.otherKeyChanged])
        #expect(order.previous == fingerprint(5))
        #expect(script.record.previousGoodUntil == script.now + .hours(24))
    }

    @Test(arguments: Reason.allCases) func aFailingLookIsRetriedAndSaidOnce(reason: Reason) {
        var script = Script.settled()
        script.wake()
        for _ in 0..<3 {
            script.send(all: [.secretsRead(.published(1, .primary)), .listKeysFailed(Failure(reason, "it fails"))])
            #expect(script.machine.health(script.now).reason == reason)
            #expect(script.machine.explanation(script.now)?.detail == "it fails")
            script.wake()
        }
        #expect(script.notes.count { $0.reason == reason && $0.kind == .failed } == 1)
        #expect(script.look(.published(1, .primary), keys(1, 2)) == nil)
        #expect(script.record.trouble == nil)
        #expect(script.count(.recovered) == 1)
        if reason != .badConnectionString { #expect(script.machine.health(script.now) == .ok) }
    }

    @Test func retryAfterIsObeyed() {
        var script = Script.settled()
        script.wake()
        let failure = Failure(.throttled, "too many", retryAfter: .minutes(40))
        script.send(all: [.secretsRead(.published(1, .primary)), .listKeysFailed(failure)])
        #expect(script.machine.nextWake == script.now + .minutes(40))
    }

    @Test func answersNobodyWaitsForAreIgnored() {
        var script = Script.settled()
        let record = script.record
        for event: Event in [
            .published, .probed(.succeeded), .regenerateAnswered(.regenerated(.secondary, fingerprint(9))),
            .keysListed(keys(8, 9), serverDate: nil), .delivered([:]), .secretsRead(nil),
            .publishFailed(.lost), .listKeysFailed(.lost), .secretsReadFailed(.lost),
        ] {
            #expect(script.send(event) == nil)
            #expect(script.record == record)
            #expect(script.lastNotes.isEmpty)
        }
    }

    @Test func wakingWhileAnActionIsUnderWayDoesNothing() {
        var script = Script.settled()
        script.wake()
        #expect(script.machine.awaited == .readSecrets)
        #expect(script.send(.woke) == nil)
        #expect(script.machine.awaited == .readSecrets)
    }

    @Test func whatMayBeOursIsNotPutDownToOthers() {
        var script = Script.settled()
        script.wake()
        script.look(.published(1, .primary), keys(1, 3))
        #expect(script.lastNote(.otherKeyChanged)?.detail?.hasPrefix("not by a request of Keyturn's") == true)
        script = Script.settled()
        script.beginRotation()
        script.send(all: [.regenerateAnswered(.ambiguous(.lost)), .keysListed(keys(1, 2), serverDate: nil)])
        for _ in 0..<100 where script.record.phase.name == "uncertain" {
            if script.wake() == .listKeys { script.send(.keysListed(keys(1, 2), serverDate: script.now)) }
        }
        for _ in 0..<5 where script.machine.awaited != .readSecrets { script.wake() }
        script.look(.published(1, .primary), keys(1, 3))
        #expect(script.lastNote(.otherKeyChanged)?.detail?.hasPrefix("by a late duplicate of our own") == true)
    }

    /// Consumers may have a dead key meanwhile.
    @Test func looksAreNotPutOffForADay() {
        var script = Script.settled()
        script.wake()
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.listKeysFailed(Failure(.azureUnavailable, "503", retryAfter: .days(1))))
        #expect(script.machine.nextWake == script.now + .hours(1))
    }
}
