import Rotation
import Testing

/// The overlap is counted by Azure's clock, whatever this machine's says.
@Suite struct OverlapTests {
    private static func published() -> Script {
        var script = Script.settled(.sample { $0.verification = nil })
        script.beginRotation()
        script.send(all: [
            .regenerateAnswered(.regenerated(.secondary, fingerprint(3))),
            .keysListed(keys(1, 3), serverDate: script.now), .keysListed(keys(1, 3), serverDate: script.now),
        ])
        return script
    }

    private static let view = SecretsView.published(3, .secondary, version: 2)

    @Test func aClockThatIsSetBackWhileItIsPublishedDoesNotShortenIt() {
        var script = Self.published()
        let azure = script.now
        script.now = azure - .days(1)
        script.send(.published)
        script.deliver()
        #expect(script.machine.awaited == .readSecrets, "when it was published is asked of Azure at once")
        script.send(.secretsRead(Self.view))
        script.send(.keysListed(keys(1, 3), serverDate: azure))
        #expect(script.record.previousGoodUntil == azure + .hours(24) + .seconds(1))
        #expect(script.record.unconfirmedOverlap == nil)
    }

    @Test func aListingWithoutADateDoesNotConfirmIt() {
        var script = Self.published()
        script.send(.published)
        script.deliver()
        #expect(script.send(.secretsRead(Self.view)) == .listKeys)
        script.send(.keysListed(keys(1, 3), serverDate: nil))
        #expect(script.record.unconfirmedOverlap == .hours(24))
        #expect(script.machine.nextWake == script.now + .minutes(1), "it is asked again soon")
        script.wake()
        script.look(Self.view, keys(1, 3))
        #expect(script.record.unconfirmedOverlap == nil)
        #expect(script.record.previousGoodUntil == script.now + .hours(24) + .seconds(1))
    }

    @Test func aRestartInBetweenKeepsWhatIsToBeAsked() {
        var script = Self.published()
        script.send(.published)
        script.restart()
        #expect(script.record.unconfirmedOverlap == .hours(24))
        script.now = script.now + .hours(2)
        script.look(Self.view, keys(1, 3))
        #expect(script.record.previousGoodUntil == script.now + .hours(24) + .seconds(1))
    }

    @Test func aClockThatIsAheadByLessThanFiveMinutesWaitsForAzures() {
        var script = Self.published()
        script.send(.published)
        script.deliver()
        script.look(Self.view, keys(1, 3))
        let end = script.now + .hours(24) + .seconds(1)
        script.now = end
        script.send(.rotationRequested(actor: "ada"))
        script.send(.secretsRead(Self.view))
        #expect(script.send(.keysListed(keys(1, 3), serverDate: end - .minutes(4))) == nil)
        #expect(script.machine.health(script.now) == .ok, "a wait, not a trouble")
        #expect(script.machine.nextWake == script.now + .minutes(1))
        for minutes in 1...4 {
            script.wake()
            script.send(.secretsRead(Self.view))
            script.send(.keysListed(keys(1, 3), serverDate: end - .minutes(4 - minutes)))
        }
        #expect(script.regenerates.count == 2)
    }

    @Test func whatAnotherHandPutThereIsSupersededByItsRepair() {
        var script = Script.settled()
        script.send(.woke)
        // The other key's string, as from a backup: consumers may have read it.
        script.look(.published(2, .secondary), keys(1, 2))
        #expect(script.record.phase.name == "publishing")
        script.send(.keysListed(keys(1, 2), serverDate: script.now))
        script.now = script.now + .hours(3)
        script.send(.published)
        #expect(script.record.previousGoodUntil == script.now + .hours(24))
        #expect(script.record.unconfirmedOverlap == .hours(24))
    }

    /// The files are gone after the crash; who read them before still holds the other key's string.
    @Test func whatAnotherHandPutThereIsSupersededByARepairAfterACrashToo() {
        var script = Script.settled()
        script.send(.woke)
        script.look(.published(2, .secondary), keys(1, 2))
        script.send(.keysListed(keys(1, 2), serverDate: script.now))
        script.now = script.now + .hours(3)
        script.restart()
        script.look(nil, keys(1, 2))
        script.now = script.now + .hours(1)
        script.send(.published)
        #expect(script.record.previousGoodUntil == script.now + .hours(24))
        #expect(script.record.unconfirmedOverlap == .hours(24))
    }
}
