import Rotation
import Testing

/// A connection string is a key *and* an endpoint: neither is published unproven.
@Suite struct EndpointTests {
    private static let here = "https://contoso.unitedstates.communication.azure.com"
    private static let there = "https://contoso.germany.communication.azure.com"

    /// Settled on the Primary key 1 at `here`.
    private static func settled(_ settings: RotationSettings = .sample()) -> Script {
        var script = Script(settings)
        script.send(.started)
        script.send(.secretsRead(.published(1, .primary, at: script.now, endpoint: here)))
        script.send(.keysListed(keys(1, 2, at: here), serverDate: script.now))
        script.deliver()
        #expect(script.record.phase == .settled)
        script.now = script.now + settings.policy.overlap + .seconds(1)
        return script
    }

    private static let seen = SecretsView.published(1, .primary, endpoint: here)

    /// A new Secondary key 3 is verified and is listed for the last time.
    private static func publishing() -> Script {
        var script = settled()
        script.send(.rotationRequested(actor: "ada"))
        script.look(seen, keys(1, 2, at: here))
        script.send(all: [
            .probed(.succeeded), .regenerateAnswered(.regenerated(.secondary, fingerprint(3))),
            .keysListed(keys(1, 3, at: here), serverDate: nil),
        ])
        #expect(script.verify() == .listKeys)
        return script
    }

    @Test func aKeyIsVerifiedAgainWhenTheLastListingNamesAnotherEndpoint() {
        var script = Self.publishing()
        #expect(
            script.send(.keysListed(keys(1, 3, at: Self.there), serverDate: nil)) == .probe(.secondary, fingerprint(3)))
        #expect(script.lastNotes.map(\.kind) == [.endpointChanged])
        #expect(script.verify() == .listKeys)
        guard case .publish(let order) = script.send(.keysListed(keys(1, 3, at: Self.there), serverDate: nil)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(order.endpoint == Self.there)
        script.send(.published)
        #expect(script.record.current?.endpoint == Self.there)
    }

    @Test func aKeyThatIsRefusedAtTheOtherEndpointIsNotPublished() {
        var script = Self.publishing()
        script.send(.keysListed(keys(1, 3, at: Self.there), serverDate: nil))
        for _ in 0..<3 {
            script.send(.probed(.denied(.denied)))
            script.wake()
            script.look(Self.seen, keys(1, 3, at: Self.there))
        }
        #expect(script.count(.published) == 0)
        #expect(script.record.current?.fingerprint == fingerprint(1))
    }

    @Test func aLookThatNamesAnotherEndpointPublishesItAfterSignedCallsThere() {
        var script = Self.settled()
        let publishedAt = script.record.current?.publishedAt
        let due = script.record.due
        script.wake()
        #expect(script.look(Self.seen, keys(1, 2, at: Self.there)) == .probe(.primary, fingerprint(1)))
        #expect(script.lastNotes.first?.detail?.contains("\(Self.there), published is \(Self.here)") == true)
        #expect(script.send(.probed(.succeeded)) == .listKeys)
        script.send(all: [.keysListed(keys(1, 2, at: Self.there), serverDate: nil), .published])
        script.deliver()
        #expect(script.record.current?.endpoint == Self.there)
        #expect(script.record.current?.publishedAt == publishedAt, "the key is as old as it was")
        #expect(script.record.due == due)
        #expect(script.regenerates.isEmpty)
    }

    @Test func anEndpointThatIsWhatItWasAgainChangesNothing() {
        var script = Self.settled()
        script.wake()
        script.look(Self.seen, keys(1, 2, at: Self.there))
        script.send(.probed(.inconclusive(.unreachable)))
        #expect(script.machine.health(script.now) == .degraded(.unreachable))
        script.wake()
        #expect(script.look(Self.seen, keys(1, 2, at: Self.here)) == .readSecrets, "and looks once more")
        script.look(Self.seen, keys(1, 2, at: Self.here))
        #expect(script.record.phase == .settled)
        #expect(script.machine.health(script.now) == .ok)
        #expect(script.count(.published) == 0)
    }

    @Test func withoutProbesTheListingIsBelieved() {
        var script = Self.settled(.sample { $0.verification = nil })
        script.wake()
        #expect(script.look(Self.seen, keys(1, 2, at: Self.there)) == .listKeys)
        guard case .publish(let order) = script.send(.keysListed(keys(1, 2, at: Self.there), serverDate: nil)) else {
            Issue.record("nothing is published")
            return
        }
        #expect(order.endpoint == Self.there)
    }

    @Test func aPublishedStringWithAnotherEndpointIsTamperedWith() {
        var script = Self.settled()
        script.wake()
        let forged = SecretsView.published(1, .primary, endpoint: Self.there)
        #expect(script.look(forged, keys(1, 2, at: Self.here)) == .listKeys)
        #expect(script.lastNotes.map(\.kind) == [.secretsTampered])
        guard case .publish(let order) = script.send(.keysListed(keys(1, 2, at: Self.here), serverDate: nil)) else {
            Issue.record("nothing is repaired")
            return
        }
        #expect(order.endpoint == Self.here)
    }

    @Test func adoptionTakesNoEndpointUnproven() {
        var script = Script()
        script.send(.started)
        let action = script.look(Self.seen, keys(1, 2, at: Self.there))
        #expect(action == .probe(.primary, fingerprint(1)))
        #expect(script.send(.probed(.succeeded)) == .listKeys)
    }

    @Test func anEndpointThatWasNotOnRecordIsTakenFromTheListing() {
        var script = Script.settled()
        #expect(script.record.current?.endpoint == nil)
        script.wake()
        script.look(Self.seen, keys(1, 2, at: Self.here))
        #expect(script.record.current?.endpoint == Self.here)
        #expect(script.count(.secretsTampered) == 0)
    }

    /// A regenerate that never runs is tried again after the waiting times of the policy, not after each `settle`.
    @Test func whatDidNotRunIsTriedAgainMoreAndMoreRarely() throws {
        var script = Self.settled(.sample { $0.verification = nil })
        script.send(.rotationRequested(actor: "ada"))
        script.look(Self.seen, keys(1, 2, at: Self.here))
        for _ in 0..<600 where script.regenerates.count < 8 {
            switch script.machine.awaited {
            case .regenerate: script.send(.regenerateAnswered(.ambiguous(.lost)))
            case .readSecrets: script.send(.secretsRead(Self.seen))
            case .listKeys: script.send(.keysListed(keys(1, 2, at: Self.here), serverDate: script.now))
            default: script.wake()
            }
        }
        let sent = script.regenerates.map(\.at)
        let waits = zip(sent.dropFirst(), sent).map { $0 - $1 }
        let table = Policy.defaultRetry
        for (index, wait) in waits.enumerated() { #expect(wait >= table[min(index, table.count - 1)], "\(waits)") }
    }

    private static let silence = Event.probed(.inconclusive(Failure(.probeUnreachable, "no route")))

    /// Answers looks and probes for so long, the latter with nothing.
    private static func hearNothing(
        _ script: inout Script, _ view: SecretsView?, _ keys: KeyFingerprints, for length: Duration
    ) {
        let since = script.now
        for _ in 0..<200 where script.now - since < length && script.record.phase.name == "verifying" {
            if script.machine.awaited == nil { script.wake() }
            if script.machine.awaited == .readSecrets { script.look(view, keys) }
            if case .probe = script.machine.awaited { script.send(silence) }
        }
    }

    @Test func filesThatAreGoneAreWrittenAlthoughTheOtherEndpointIsSilent() {
        var script = Self.settled()
        script.wake()
        script.look(Self.seen, keys(1, 2, at: Self.there))
        #expect(script.machine.health(script.now) == .degraded(.endpointChanged))
        #expect(script.machine.explanation(script.now)?.detail.contains("another endpoint") == true)
        Self.hearNothing(&script, Self.seen, keys(1, 2, at: Self.there), for: .hours(2))
        #expect(script.record.phase.name == "verifying", "what is published may work yet")
        Self.hearNothing(&script, nil, keys(1, 2, at: Self.there), for: .hours(2))
        #expect(script.lastNote(.keyUnverified)?.detail?.contains("nothing is published") == true)
        #expect(script.record.phase.name == "publishing")
    }

    /// The files under that name are those of another Azure resource, which may be well.
    @Test func anotherResourcesStringIsNotReplacedUnproven() {
        var script = Script()
        let view = SecretsView.published(9, .primary, at: script.now - .days(3), endpoint: Self.there)
        script.send(.started)
        script.look(view, keys(1, 2, at: Self.here))
        Self.hearNothing(&script, view, keys(1, 2, at: Self.here), for: .hours(12))
        #expect(script.record.phase.name == "verifying")
        #expect(script.count(.keyUnverified) == 0)
    }
}
