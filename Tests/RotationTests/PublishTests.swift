import Rotation
import Testing

@Suite struct PublishTests {
    /// A machine about to look for the last time before it publishes the Secondary key 3.
    private static func publishing(_ settings: RotationSettings = .sample()) -> Script {
        var script = Script.settled(settings)
        script.beginRotation()
        script.send(.regenerateAnswered(.regenerated(.secondary, fingerprint(3))))
        script.send(.keysListed(keys(1, 3), serverDate: nil))
        if settings.policy.verification != nil { script.verify() }
        #expect(script.record.phase.name == "publishing")
        return script
    }

    @Test func theOrderIsOnRecordAndComplete() {
        var script = Self.publishing()
        let action = script.send(.keysListed(keys(1, 3), serverDate: script.now))
        let order = PublicationOrder(
            keyType: .secondary, fingerprint: fingerprint(3), version: 2, publishedAt: script.now,
            previous: fingerprint(1), previousGoodUntil: script.now + .hours(24), nextRotation: script.now + .days(30))
        #expect(action == .publish(order))
        guard case .publishing(let candidate, let recorded) = script.record.phase else {
            Issue.record("\(script.record.phase)")
            return
        }
        #expect(recorded == order)
        #expect(candidate.purpose == .rotation)
    }

    @Test func otherBecomesCurrentAndTheOverlapCountsFromTheSwitch() {
        var script = Self.publishing()
        script.send(.keysListed(keys(1, 3), serverDate: script.now))
        script.now = script.now + .minutes(3)
        #expect(script.send(.published) == .deliver(version: 2, consumers: ["contoso-sms.service"]))
        #expect(script.record.phase == .delivering)
        #expect(script.record.current?.keyType == .secondary)
        #expect(script.record.previousGoodUntil == script.now + .hours(24))
        #expect(script.record.request == nil)
        #expect(script.machine.nextKeyType == .primary)
        #expect(script.record.watch == [1, 2, 5, 15].map { script.now + .minutes($0) })
        script.deliver()
        #expect(script.machine.rotationRefusal(script.now) == .overlap(until: script.now + .hours(24)))
        #expect(script.machine.rotationRefusal(script.now + .hours(24)) == nil)
    }

    @Test func aFailedPublicationIsRetriedAsWhatItIsThen() {
        var script = Self.publishing()
        guard case .publish(var expected) = script.send(.keysListed(keys(1, 3), serverDate: script.now)) else {
            Issue.record("nothing is published")
            return
        }
        let first = script.now
        #expect(script.send(.publishFailed(Failure(.publishFailed, "no space left on device"))) == nil)
        #expect(script.machine.health(script.now) == .degraded(.publishFailed))
        #expect(script.wake() == .readSecrets)
        // Consumers have not seen it yet, so its time is counted from now.
        expected.publishedAt = script.now
        expected.previousGoodUntil = expected.previousGoodUntil.map { $0 + (script.now - first) }
        expected.nextRotation = expected.nextRotation.map { $0 + (script.now - first) }
        #expect(script.look(.published(1, .primary), keys(1, 3)) == .publish(expected))
        script.send(.published)
        #expect(script.record.trouble == nil)
        #expect(script.count(.recovered) == 1)
    }

    @Test func aRestartAfterTheSwitchRepeatsTheSameOrder() {
        var script = Self.publishing()
        let first = script.send(.keysListed(keys(1, 3), serverDate: nil))
        script.restart()
        #expect(script.look(.published(3, .secondary, version: 2), keys(1, 3)) == first)
        script.send(.published)
        #expect(script.regenerates.count == 1)
    }

    @Test func aVersionIsNeverGivenToOtherKeys() {
        var script = Self.publishing()
        script.send(.keysListed(keys(1, 3), serverDate: nil))
        // The switch was made, its answer was a failure, and then the key moved.
        script.send(.publishFailed(Failure(.publishFailed, "the directory could not be synced")))
        script.wake()
        script.look(.published(3, .secondary, version: 2), keys(1, 4))
        script.verify()
        guard case .publish(let order) = script.send(.keysListed(keys(1, 4), serverDate: nil)) else {
            Issue.record("nothing is published")
            return
        }
        #expect((order.version, order.fingerprint) == (3, fingerprint(4)))
    }

    @Test func theCurrentKeyDiesBeforeTheSwitch() {
        var script = Self.publishing()
        #expect(script.send(.keysListed(keys(4, 3), serverDate: nil)) == .probe(.primary, fingerprint(4)))
        script.send(all: [.probed(.succeeded), .keysListed(keys(4, 3), serverDate: nil), .published])
        script.deliver()
        #expect(script.record.current?.keyType == .primary)
        #expect(script.record.request != nil, "the rotation is still to come")
        #expect(script.machine.workInstant == script.record.previousGoodUntil)
    }

    @Test func aShorterOverlapDoesNotTakeBackAPromise() {
        var script = Self.publishing()
        script.send(all: [.keysListed(keys(1, 3), serverDate: script.now), .published])
        script.deliver()
        let promised = script.now + .hours(24) + .seconds(1)
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        script.send(.reconfigured(.sample { $0.overlap = .hours(1) }))
        script.wake()
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        #expect(script.record.previousGoodUntil == promised)
        #expect(script.machine.rotationRefusal(script.now) == .overlap(until: promised))
    }

    @Test func aClockFarBehindDoesNotEndTheOverlapWhenItIsPutRight() {
        var script = Self.publishing()
        let azure = script.now
        script.now = Instant(unixSeconds: 5000)
        guard case .publish(let order) = script.send(.keysListed(keys(1, 3), serverDate: azure)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(order.publishedAt == azure)
        script.send(.published)
        #expect(script.record.previousGoodUntil == azure + .hours(24))
        #expect(script.record.due?.at == azure + .days(30), "putting the clock right is no reason to rotate")
    }

    /// Nothing told Azure's time when it was published, and this machine's clock was wrong.
    @Test func aPublicationByAClockThatWasBehindIsPutRightByTheNextDate() {
        var script = Self.publishing()
        let right = script.now
        script.now = right - .days(20)
        script.send(all: [.keysListed(keys(1, 3), serverDate: nil), .published])
        #expect(script.record.current?.publishedAt == right - .days(20))
        script.deliver()
        script.now = right + .minutes(1)
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        #expect(script.record.current?.publishedAt == script.now)
        #expect(script.record.due?.at == script.now + .days(30))
        #expect(script.lastNotes.map(\.kind) == [.rescheduled])
    }

    @Test func aPublicationInTheFutureIsPutRightWithTheClock() {
        var script = Self.publishing()
        let right = script.now
        script.now = right + .days(400)
        #expect(script.send(.keysListed(keys(1, 3), serverDate: nil)) == .readSecrets, "it may have slept as well")
        script.send(.secretsRead(.published(1, .primary)))
        script.send(all: [.keysListed(keys(1, 3), serverDate: nil), .published])
        script.deliver()
        script.now = right + .minutes(1)
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        #expect(script.record.current?.publishedAt == script.now)
        #expect(script.record.due?.at == script.now + .days(30))
        #expect(script.record.previousGoodUntil == script.now + .hours(24) + .minutes(5))
        #expect(script.lastNotes.map(\.kind) == [.rescheduled])
    }
}
