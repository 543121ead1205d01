import Rotation
import Testing

/// Keys that are known to others: both are rotated, one after the other, with a shortened overlap.
@Suite struct CompromiseTests {
    private static let settings = RotationSettings.sample { $0.verification = nil }
    private static let request = Event.rotationRequested(actor: "ada", kind: .compromised(reason: "a stolen laptop"))

    /// Answers a regenerate that is on its way up to the delivery of its key.
    private static func rotate(_ script: inout Script, _ keyType: KeyType, _ listed: KeyFingerprints) {
        script.send(all: [
            .regenerateAnswered(.regenerated(keyType, listed[keyType])), .keysListed(listed, serverDate: script.now),
            .keysListed(listed, serverDate: script.now), .published,
        ])
        script.deliver()
        script.look(.published(0, keyType).with(listed[keyType], script.record.current?.version), listed)
    }

    @Test func bothKeysTurnAndTheOverlapBetweenThemIsShort() {
        var script = Script.settled(Self.settings)
        script.send(Self.request)
        script.look(.published(1, .primary), keys(1, 2))
        #expect(script.regenerates.map(\.keyType) == [.secondary])
        #expect(script.regenerates.first?.actor == "ada")
        Self.rotate(&script, .secondary, keys(1, 3))
        let between = Policy.compromisedOverlap + .seconds(1)
        #expect(script.record.previousGoodUntil == script.now + between)
        #expect(script.machine.rotationRefusal(script.now) == .overlap(until: script.now + between))
        #expect(script.machine.workInstant == script.now + between)
        #expect(script.machine.nextRotation == script.now + between, "the status tells of it")
        script.now = script.now + between
        script.send(.woke)
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        #expect(script.regenerates.map(\.keyType) == [.secondary, .primary])
        Self.rotate(&script, .primary, keys(4, 3))
        #expect(script.record.request == nil)
        #expect(script.record.previousGoodUntil == script.now + .hours(24) + .seconds(1), "the policy's again")
        #expect(script.record.current?.keyType == .primary)
    }

    @Test func whatIsShortenedBeforeAListingConfirmsItStaysShort() {
        var script = Script.settled(Self.settings)
        script.beginRotation()
        script.send(all: [
            .regenerateAnswered(.regenerated(.secondary, fingerprint(3))),
            .keysListed(keys(1, 3), serverDate: script.now), .keysListed(keys(1, 3), serverDate: script.now),
            .published,
        ])
        script.deliver()
        #expect(script.record.unconfirmedOverlap == .hours(24))
        #expect(script.machine.awaited == .readSecrets)
        script.send(Self.request)
        script.send(.secretsRead(.published(3, .secondary, version: 2)))
        script.send(.keysListed(keys(1, 3), serverDate: script.now))
        #expect(script.record.previousGoodUntil == script.now + Policy.compromisedOverlap + .seconds(1))
    }

    @Test func theSameSaidAgainMeansTheKeyThatIsPublishedByThen() {
        var script = Script.settled(Self.settings)
        script.send(Self.request)
        script.send(Self.request)
        script.look(.published(1, .primary), keys(1, 2))
        Self.rotate(&script, .secondary, keys(1, 3))
        #expect(script.record.request?.compromise?.rotationsLeft == 1, "said twice at once, it is one wish")
        script.send(Self.request)
        #expect(script.record.request?.compromise?.rotationsLeft == 2)
    }

    @Test func theOverlapStaysShortWhenAKeyIsMendedBetweenTheTwo() {
        var script = Script.settled(Self.settings)
        script.send(Self.request)
        script.look(.published(1, .primary), keys(1, 2))
        Self.rotate(&script, .secondary, keys(1, 3))
        script.now = script.now + Policy.compromisedOverlap + .seconds(1)
        script.send(.woke)
        script.look(.published(3, .secondary, version: 2), keys(1, 5))
        script.send(all: [.keysListed(keys(1, 5), serverDate: script.now), .published])
        #expect(script.record.current?.fingerprint == fingerprint(5))
        let longest = script.now + Policy.compromisedOverlap + .seconds(1)
        #expect(script.record.previousGoodUntil ?? .distantFuture <= longest)
    }

    @Test func aRunningOverlapIsShortenedAndConsumersAreToldSo() {
        var script = Script.settled(Self.settings)
        script.beginRotation()
        Self.rotate(&script, .secondary, keys(1, 3))
        #expect(script.machine.rotationRefusal(script.now) != nil)
        #expect(script.machine.rotationRefusal(script.now, .compromised(reason: "")) == nil)
        script.send(Self.request)
        // Azure's time has no fractions of a second.
        let end = script.now + Policy.compromisedOverlap + .seconds(1)
        #expect(script.record.previousGoodUntil == end)
        guard case .publish(let order) = script.send(.keysListed(keys(1, 3), serverDate: script.now)) else {
            Issue.record("the files do not tell of it")
            return
        }
        #expect(order.previousGoodUntil == end)
        #expect(order.fingerprint == fingerprint(3))
        script.send(.published)
        #expect(script.deliver() != .readSecrets)
        #expect(script.record.previousGoodUntil == end)
        script.now = end
        script.send(.woke)
        script.look(.published(3, .secondary, version: 3), keys(1, 3))
        #expect(script.regenerates.map(\.keyType) == [.secondary, .primary])
    }

    @Test func aClockThatIsBehindShortensItNoFurther() {
        var script = Script.settled(Self.settings)
        script.beginRotation()
        script.send(all: [
            .regenerateAnswered(.regenerated(.secondary, fingerprint(3))),
            .keysListed(keys(1, 3), serverDate: script.now), .keysListed(keys(1, 3), serverDate: script.now),
            .published,
        ])
        script.deliver()
        let right = script.now + .seconds(17)
        script.send(.secretsRead(.published(3, .secondary, version: 2)))
        script.send(.keysListed(keys(1, 3), serverDate: right))
        script.send(Self.request)
        #expect(script.record.previousGoodUntil == right + Policy.compromisedOverlap + .seconds(1))
    }

    @Test func consumersAreToldSoAlsoWhenALookIsUnderWay() {
        var script = Script.settled(Self.settings)
        script.beginRotation()
        Self.rotate(&script, .secondary, keys(1, 3))
        let promised = script.record.previousGoodUntil
        script.now = script.now + .hours(1)
        script.wake()
        #expect(script.send(Self.request) == nil, "it looks")
        // Azure's time has no fractions of a second.
        let end = script.now + Policy.compromisedOverlap + .seconds(1)
        #expect(script.record.previousGoodUntil == end)
        var view = SecretsView.published(3, .secondary, version: 2)
        view.previousGoodUntil = promised
        #expect(script.look(view, keys(1, 3)) == .listKeys)
        guard case .publish(let order) = script.send(.keysListed(keys(1, 3), serverDate: script.now)) else {
            Issue.record("the files do not tell of it")
            return
        }
        #expect(order.previousGoodUntil == end)
    }

    @Test func itSurvivesARestartBetweenTheTwo() {
        var script = Script.settled(Self.settings)
        script.send(Self.request)
        script.look(.published(1, .primary), keys(1, 2))
        Self.rotate(&script, .secondary, keys(1, 3))
        script.restart()
        script.look(.published(3, .secondary, version: 2), keys(1, 3))
        #expect(script.record.request?.compromise?.rotationsLeft == 1)
        #expect(script.machine.workInstant == script.record.previousGoodUntil)
    }

    @Test func aShortOverlapIsNotMadeLonger() {
        var script = Script.settled(.sample { ($0.verification, $0.overlap) = (nil, .minutes(3)) })
        script.send(Self.request)
        script.look(.published(1, .primary), keys(1, 2))
        Self.rotate(&script, .secondary, keys(1, 3))
        #expect(script.record.previousGoodUntil == script.now + .minutes(3) + .seconds(1))
    }

    @Test func aPauseBetweenTheTwoLeavesWhatThePolicyRetires() {
        var script = Script.settled(.sample { ($0.verification, $0.retire) = (nil, true) })
        script.send(Self.request)
        script.look(.published(1, .primary), keys(1, 2))
        Self.rotate(&script, .secondary, keys(1, 3))
        script.send(.pauseRequested(actor: "bob"))
        #expect(script.record.request == nil)
        #expect(script.record.retirementPending)
    }

    @Test func aPauseEndsIt() {
        var script = Script.settled(Self.settings)
        script.send(Self.request)
        script.send(.pauseRequested(actor: "bob"))
        #expect(script.record.request == nil)
    }
}

extension SecretsView {
    fileprivate func with(_ fingerprint: Fingerprint, _ version: Int?) -> SecretsView {
        var view = self
        view.fingerprint = fingerprint
        view.version = version
        return view
    }
}
