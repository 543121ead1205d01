import Rotation
import Testing

/// A regenerate that may have run.
@Suite struct UncertainTests {
    @Test func changedAndStableRan() {
        var script = Script.settled()
        script.beginRotation()
        #expect(script.send(.regenerateAnswered(.ambiguous(.lost))) == .listKeys)
        #expect(script.machine.health(script.now) == .degraded(.timeout))
        #expect(script.send(.keysListed(keys(1, 3), serverDate: nil)) == nil)
        let start = script.now
        #expect(script.poll(keys(1, 3), for: .minutes(2)) == .probe(.secondary, fingerprint(3)))
        #expect(script.now - start == .minutes(2))
        #expect(script.record.trouble == nil)
        #expect(script.regenerates.count == 1)
    }

    @Test func unchangedForSettleDidNotRunAndIsTriedAgain() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.ambiguous(.lost)))
        script.send(.keysListed(keys(1, 2), serverDate: nil))
        #expect(script.poll(keys(1, 2), for: .minutes(2)) == .readSecrets)
        #expect(script.count(.regenerateDidNotRun) == 1)
        script.look(.published(1, .primary), keys(1, 2))
        script.send(.probed(.succeeded))
        #expect(script.regenerates.map(\.keyType) == [.secondary, .secondary])
        script.send(.regenerateAnswered(.ambiguous(.lost)))
        #expect(script.record.trouble(with: .regenerate)?.count == 2, "bounded by the retry table")
    }

    @Test func aLateLandingStartsTheClockAnew() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.ambiguous(.lost)))
        script.send(.keysListed(keys(1, 2), serverDate: nil))
        script.poll(keys(1, 2), for: .seconds(90))
        script.poll(keys(1, 3), for: .seconds(90))
        #expect(script.record.phase.name == "uncertain", "not stable for long enough")
        #expect(script.poll(keys(1, 4), for: .seconds(90)) == nil, "moved again")
        #expect(script.record.phase.name == "uncertain")
        #expect(script.poll(keys(1, 4), for: .seconds(60)) == .probe(.secondary, fingerprint(4)))
    }

    @Test func aListingThatGoesBackIsNotStable() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.ambiguous(.lost)))
        script.send(.keysListed(keys(1, 3), serverDate: nil))
        script.poll(keys(1, 2), for: .seconds(100))
        #expect(script.record.phase.name == "uncertain")
        script.poll(keys(1, 3), for: .seconds(100))
        #expect(script.record.phase.name == "uncertain")
    }

    @Test(arguments: [keys(9, 2), keys(9, 3)]) func theCurrentKeyChangedMeanwhile(shown: KeyFingerprints) {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.ambiguous(.lost)))
        #expect(script.send(.keysListed(shown, serverDate: nil)) == .probe(.primary, fingerprint(9)))
        let both = shown.secondary == fingerprint(3)
        #expect(script.record.hold?.reason == (both ? .bothKeysChanged : .wrongKeyTypeChanged))
    }

    @Test func aContradictionOutweighsAStringThatCannotBeRead() {
        var script = Script.settled()
        script.beginRotation()
        script.send(.regenerateAnswered(.ambiguous(.lost)))
        script.listStrangely(nil)
        #expect(script.record.hold?.reason == .badConnectionString)
        script.wake()
        script.send(.keysListed(keys(9, 2), serverDate: nil))
        #expect(script.record.hold?.reason == .wrongKeyTypeChanged)
    }

    @Test func pollsGoOnWhileListingFails() {
        var script = Script.settled()
        script.beginRotation()
        script.send(all: [.regenerateAnswered(.ambiguous(.lost)), .listKeysFailed(.unreachable)])
        #expect(script.record.phase.name == "uncertain")
        #expect(script.wake() == .listKeys)
        #expect(script.send(.keysListed(keys(1, 3), serverDate: nil)) == nil)
        #expect(script.record.trouble(with: .regenerate) != nil, "it is still undecided")
    }

    @Test func aRestartWhileItIsOnItsWayIsUncertain() {
        var script = Script.settled()
        script.beginRotation()
        #expect(script.restart() == .readSecrets)
        #expect(script.record.phase.name == "uncertain")
        #expect(script.machine.health(script.now) == .degraded(.undecided))
        #expect(script.machine.explanation(script.now)?.detail.contains("stopped") == true)
        #expect(script.look(.published(1, .primary), keys(1, 3)) == nil)
        #expect(script.poll(keys(1, 3), for: .minutes(2)) == .probe(.secondary, fingerprint(3)))
        #expect(script.regenerates.count == 1)
    }

    @Test func aClockThatIsSetForwardDoesNotShortenTheWait() {
        var script = Script.settled()
        script.beginRotation()
        let azure = script.now
        script.send(.regenerateAnswered(.ambiguous(.lost)))
        script.send(.keysListed(keys(1, 3), serverDate: azure))
        script.now = script.now + .minutes(4)
        #expect(script.send(.woke) == .listKeys)
        #expect(script.send(.keysListed(keys(1, 3), serverDate: azure + .seconds(15))) == nil)
        #expect(script.record.phase.name == "uncertain")
        #expect(script.wake() == .listKeys)
        let action = script.send(.keysListed(keys(1, 3), serverDate: azure + .minutes(2)))
        #expect(action == .probe(.secondary, fingerprint(3)))
    }

    @Test func aClockThatIsSetForwardDoesNotMakeASuccessAContradiction() {
        var script = Script.settled()
        script.beginRotation()
        let azure = script.now
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        #expect(script.send(.keysListed(keys(1, 2), serverDate: azure)) == nil)
        script.now = script.now + .hours(9)
        #expect(script.send(.woke) == .listKeys)
        #expect(script.send(.keysListed(keys(1, 2), serverDate: azure + .seconds(15))) == nil)
        #expect(script.record.hold == nil && script.record.phase.name == "confirming")
        #expect(script.wake() == .listKeys)
        let action = script.send(.keysListed(keys(1, 3), serverDate: azure + .seconds(30)))
        #expect(action == .probe(.secondary, fingerprint(3)))
    }

    @Test func lateDuplicatesAreWatchedForAfterThePublication() {
        var script = Script.settled()
        script.beginRotation()
        script.send(all: [.regenerateAnswered(.ambiguous(.lost)), .keysListed(keys(1, 3), serverDate: nil)])
        script.poll(keys(1, 3), for: .minutes(2))
        script.verify()
        script.send(all: [.keysListed(keys(1, 3), serverDate: nil), .published])
        script.deliver()
        let published = script.now
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        for minutes in [1, 2, 5] {
            #expect(script.wake() == .readSecrets)
            #expect(script.now == published + .minutes(minutes))
            #expect(script.look(.published(3, .secondary, version: 2), keys(1, 3)) == nil)
        }
        #expect(script.wake() == .readSecrets)
        #expect(script.now == published + .minutes(15))
        #expect(script.look(.published(3, .secondary, version: 2), keys(1, 4)) == .probe(.secondary, fingerprint(4)))
        #expect(script.record.watch.isEmpty)
    }

    @Test func aClockSetBackDoesNotPutTheWatchOff() {
        var script = Script.settled(.sample { $0.verification = nil })
        script.beginRotation()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        script.send(all: [
            .keysListed(keys(1, 3), serverDate: nil), .keysListed(keys(1, 3), serverDate: nil), .published,
        ])
        script.deliver()
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        script.now = script.now - .hours(3)
        script.send(.woke)
        #expect(script.record.watch == [1, 2, 5, 15].map { script.now + .minutes($0) })
    }

    @Test func aRepairInBetweenDoesNotEndTheWatch() {
        var script = Script.settled()
        script.beginRotation()
        script.send(all: [.regenerateAnswered(.ambiguous(.lost)), .keysListed(keys(1, 2), serverDate: nil)])
        script.poll(keys(1, 2), for: .minutes(2))
        script.look(nil, keys(1, 2))
        script.send(all: [.keysListed(keys(1, 2), serverDate: nil), .published])
        #expect(script.record.watch.count == 4)
        #expect(script.record.duplicateMayLand, "the rotation is still to come")
    }

    /// That this machine's clock is set ahead makes no wait shorter, also where the next listings have no date.
    /// Also when it was set between listings that told the time, and the one that ends the wait does not.
    @Test func aClockSetAheadBetweenDatesShortensNoWait() {
        var script = Script.settled()
        script.beginRotation()
        let ahead = Duration.days(7)
        script.send(.regenerateAnswered(.ambiguous(.lost)))
        script.send(.keysListed(keys(1, 3), serverDate: script.now))
        let since = script.now
        script.wake()
        script.now = script.now + ahead
        // The answer is as old as the clock is wrong, and asked for again.
        script.send(.keysListed(keys(1, 3), serverDate: script.now - ahead))
        script.look(.published(1, .primary), keys(1, 3), at: script.now - ahead)
        script.wake()
        script.send(.keysListed(keys(1, 3), serverDate: nil))
        #expect(script.record.phase.name == "uncertain", "for \(script.now - ahead - since)")
    }

    @Test(arguments: [true, false]) func aClockSetAheadShortensNoWait(hasDate: Bool) {
        var script = Script.settled()
        script.beginRotation()
        let ahead = Duration.days(7)
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        script.send(.keysListed(keys(1, 2), serverDate: script.now))
        script.now = script.now + ahead
        let set = script.now
        while script.record.hold == nil, script.now < set + .hours(1), script.wake() == .listKeys {
            script.send(.keysListed(keys(1, 2), serverDate: hasDate ? script.now - ahead : nil))
        }
        #expect(script.now - set >= script.machine.settings.policy.settle, "\(script.now - set)")
        #expect(script.now - set < script.machine.settings.policy.settle + .minutes(1))
        #expect(script.record.hold?.reason == .regenerateWithoutChange)
    }
}

extension Script {
    /// Answers the polls for `duration` with the same keys, and ends at the first other action.
    @discardableResult
    mutating func poll(_ keys: KeyFingerprints, for duration: Duration) -> Action? {
        let end = now + duration
        for _ in 0..<100 {
            guard now < end, let wake = machine.nextWake, wake <= end else { break }
            guard self.wake() == .listKeys else { break }
            if let action = send(.keysListed(keys, serverDate: nil)) { return action }
        }
        return nil
    }
}
