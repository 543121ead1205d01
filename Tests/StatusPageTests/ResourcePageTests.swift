import RotationEngine
import Testing

@testable import Rotation
@testable import StatusPage

@Suite struct ResourcePageTests {
    private func event(
        _ id: Int64, _ kind: Note.Kind, _ secondsAgo: Int64, _ change: (inout StoryEvent) -> Void = { _ in }
    )
        -> StoryEvent
    {
        var event = StoryEvent(id: id, at: Sample.now - .seconds(secondsAgo), kind: kind.rawValue, actor: "keyturn")
        change(&event)
        return event
    }

    @Test func `the story, newest first, day by day`() throws {
        let story = [
            event(9, .failed, 60) {
                $0.reason = "delivery-failed"
                $0.detail = "contoso.service: the job failed"
            },
            event(8, .published, 120) {
                $0.keyType = "Secondary"
                $0.version = 4
                $0.fingerprint = "00000000000000b2"
            },
            event(7, .regenerateAnswered, 180) { $0.requestID = "req-1" },
            event(6, .rotationRequested, 86_400) { $0.actor = "alice (uid 1000)" },
        ]
        let text = Sample.page(try Sample.facts(), story: .success(story), hasMore: true)
        #expect(
            text.components("<li class=\"event ").dropFirst().map { String($0.prefix { $0 != "\"" }) } == [
                "degraded", "ok", "plain", "plain",
            ])
        #expect(text.count(of: "<h3 class=\"day\">") == 2)
        let plain = text.withoutMarkup
        #expect(plain.contains("11:59:00Z 1min agofailing delivery-failedcontoso.service: the job failed"))
        #expect(plain.contains("connection string published Secondary v4 00000000000000b2"))
        #expect(plain.contains("Azure's request req-1") && plain.contains("rotation requested by alice (uid 1000)"))
        #expect(text.contains("href=\"./contoso-sms?before=6\">Older</a>"))
        #expect(text.contains("datetime=\"2026-11-24T12:00:00Z\""))
    }

    @Test func `fingerprints, consumers and what comes next`() throws {
        let facts = try Sample.facts(consumers: ["reload:a.service", "run:/bin/false"], told: ["reload:a.service"])
        let plain = Sample.page(facts).withoutMarkup
        #expect(plain.contains("Primary00000000000000a1 published as version 3 since 2026-11-13T12:00:00Z (12d ago)"))
        #expect(plain.contains("Secondary00000000000000b2 not published; the next to be regenerated"))
        #expect(plain.contains("✓reload:a.service told of version 3") && plain.contains("✗run:/bin/false not told yet"))
        #expect(plain.contains("Secondary 2026-12-13T12:00:00Z (in 18d), as its period has passed"))
        #expect(plain.contains("monthly, every 30d, overlap 1d, mode auto"))
    }

    @Test func `a superseded key that still works says until when`() throws {
        let facts = try Sample.facts { $0.previousGoodUntil = Sample.now + .seconds(3600) }
        #expect(Sample.page(facts).withoutMarkup.contains("superseded, works until 2026-11-25T13:00:00Z (in 1h)"))
    }

    @Test func `what is under way is told`() throws {
        let intent = Intent(
            operationID: "contoso-sms/3", keyType: .secondary, purpose: .rotation,
            before: KeyFingerprints(primary: Sample.fingerprint(0xA1), secondary: Sample.fingerprint(0xB2)),
            at: Sample.now - .seconds(5), actor: "schedule")
        let uncertainty = Uncertainty(since: Sample.now, failure: Failure(.timeout, "no answer"))
        for phase in [Phase.regenerating(intent), .uncertain(intent, uncertainty)] {
            let facts = try Sample.facts { $0.phase = phase }
            let plain = Sample.page(facts).withoutMarkup
            #expect(
                plain.contains(
                    "\(phase.name): Secondary, for a rotation, begun 2026-11-25T11:59:55Z (5s ago) by schedule"))
            #expect(plain.contains("Next: \(phase.name)Secondary"))
        }
    }

    @Test func `troubles are told with their counts and request ids`() throws {
        let facts = try Sample.facts(health: .degraded(.forbidden), detail: "refused") { record in
            record.troubles = [
                Trouble(
                    step: .look, failure: Failure(.forbidden, "refused", requestID: "abc"),
                    since: Sample.now - .seconds(90),
                    count: 4, retryAt: Sample.now + .seconds(30))
            ]
        }
        #expect(
            Sample.page(facts).withoutMarkup.contains(
                "look: forbidden, 4 failures since 2026-11-25T11:58:30Z (1min 30s ago), tried again in 30s Azure's request abc"
            ))
    }

    @Test func `who stopped it, and who asked`() throws {
        let facts = try Sample.facts(health: .paused) { record in
            record.pausedBy = "alice (uid 1000)"
            record.request = Request(
                actor: "bob", at: Sample.now, compromise: Compromise(reason: "laptop stolen", rotationsLeft: 2))
        }
        let plain = Sample.page(facts).withoutMarkup
        #expect(
            plain.contains("Rotations were stopped by alice (uid 1000).They go on with keyturn resume contoso-sms."))
        #expect(plain.contains("by bob; its keys are known to others: laptop stolen."))
    }

    @Test func `a pause says who, since when, until when and why`() throws {
        func paused(_ health: Health) throws -> ResourceFacts {
            try Sample.facts(health: health) { record in
                record.pausedBy = "alice (uid 1000)"
                record.pausedSince = Sample.now - .seconds(7200)
                record.pausedUntil = Sample.now + .seconds(3600)
                record.pauseReason = "month's end"
            }
        }
        let facts = try paused(.paused)
        for text in [Sample.page(facts), try Sample.overview([facts])] {
            let plain = text.withoutMarkup
            #expect(plain.contains("by alice (uid 1000) 2h ago, ends in 1h: month's end"))
            #expect(
                plain.contains(
                    "Rotations were stopped by alice (uid 1000) 2026-11-25T10:00:00Z (2h ago): month's end."
                        + "They go on by themselves 2026-11-25T13:00:00Z (in 1h), or before that with "
                        + "keyturn resume contoso-sms."))
            #expect(plain.contains("none plannedpaused until Wed 25 Nov 13:00 UTC"))
        }
        // What is wrong comes first.
        let plain = Sample.page(try paused(.degraded(.forbidden))).withoutMarkup
        #expect(plain.contains("forbidden for 10min; paused by alice (uid 1000) 2h ago, ends in 1h: month's end"))
    }

    @Test func `a history that cannot be read does not keep the rest from being shown`() throws {
        let text = Sample.page(try Sample.facts(), story: .failure(Failure(.ledgerUnavailable, "disk I/O error")))
        #expect(text.contains("The history cannot be read.") && text.contains("disk I/O error"))
        #expect(text.contains("What comes next"))
    }
}
