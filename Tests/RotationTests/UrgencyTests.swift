import Rotation
import Testing

/// For which listings somebody waits.
@Suite struct UrgencyTests {
    private func urgency(_ script: Script) -> Urgency { script.machine.urgency(script.now) }

    @Test func aSettledResourceIsOnlyLookedAt() {
        var script = Script.settled()
        #expect(script.wake() == .readSecrets)
        #expect(script.send(.secretsRead(.published(1, .primary))) == .listKeys)
        #expect(urgency(script) == .driftCheck)
    }

    @Test func theFirstLookIsWork() {
        var script = Script.settled()
        script.restart()
        #expect(script.send(.secretsRead(.published(1, .primary))) == .listKeys)
        #expect(urgency(script) == .work)
    }

    @Test func aRotationThatIsDueIsWork() {
        var script = Script.settled()
        script.now = script.now + .days(40)
        #expect(script.wake() == .readSecrets)
        #expect(script.send(.secretsRead(.published(1, .primary))) == .listKeys)
        #expect(urgency(script) == .work)
    }

    @Test func everythingBetweenARegenerateAndTheNextSettlingIsWork() throws {
        var script = Script.settled()
        let intent = script.beginRotation()
        let answer = RegenerateOutcome.regenerated(try #require(intent).keyType, fingerprint(3))
        #expect(script.send(.regenerateAnswered(answer)) == .listKeys)
        #expect(urgency(script) == .work)
    }

    @Test func aRotationThatIsAskedForIsWork() {
        var script = Script.settled()
        #expect(script.send(.rotationRequested(actor: "ada", kind: .ordinary)) == .readSecrets)
        #expect(script.send(.secretsRead(.published(1, .primary))) == .listKeys)
        #expect(urgency(script) == .work)
    }

    @Test func filesThatWereTamperedWithAreWork() {
        var script = Script.settled()
        script.wake()
        #expect(script.send(.secretsRead(nil)) == .listKeys)
        #expect(urgency(script) == .work)
    }

    @Test func aFailureBeforeIsWork() {
        var script = Script.settled()
        script.wake()
        script.send(.secretsRead(.published(1, .primary)))
        script.send(.listKeysFailed(Failure(.timeout, "no answer")))
        script.wake()
        #expect(script.send(.secretsRead(.published(1, .primary))) == .listKeys)
        #expect(urgency(script) == .work)
    }

    @Test func aHeldResourceIsOnlyLookedAt() {
        var script = Script.settled()
        script.wake()
        script.listStrangely(.published(1, .primary))
        script.wake()
        script.look(.published(1, .primary), keys(1, 2))
        script.wake()
        #expect(script.send(.secretsRead(.published(1, .primary))) == .listKeys)
        #expect(urgency(script) == .driftCheck)
    }
}
