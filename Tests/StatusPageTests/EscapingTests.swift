import RotationEngine
import Testing

@testable import Rotation
@testable import StatusPage

/// Whatever others say stays text.
@Suite struct EscapingTests {
    private static let hostile =
        #"<img src=x onerror=alert(1)>"'</script><script>alert(2)</script>&amp;"# + "\u{202E}\u{1B}"

    private func facts() throws -> ResourceFacts {
        let hostile = Self.hostile
        let failure = Failure(.deliveryFailed, hostile, requestID: hostile)
        let policy = try Sample.policy(freeze: ("12-01", "12-05", hostile))
        var facts = try Sample.facts(
            health: .degraded(.deliveryFailed), policy: policy, policyName: hostile, consumers: [hostile],
            detail: hostile
        ) { record in
            record.pausedBy = hostile
            record.pauseReason = hostile
            record.request = Request(
                actor: hostile, at: Sample.now, compromise: Compromise(reason: hostile, rotationsLeft: 2))
            record.troubles = [
                Trouble(step: .deliver, failure: failure, since: Sample.now, count: 3, retryAt: Sample.now)
            ]
        }
        facts.obstacle = hostile
        return facts
    }

    private func expectHarmless(_ text: String, _ times: Int) {
        #expect(!text.contains("<img"))
        #expect(text.count(of: "<script>") == 1 && text.count(of: "</script>") == 1)
        #expect(text.count(of: "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&lt;/script&gt;&lt;script&gt;") >= times)
        #expect(!text.unicodeScalars.contains("\u{202E}") && !text.unicodeScalars.contains("\u{1B}"))
    }

    @Test func `in the overview`() throws {
        let daemon = Sample.daemon {
            $0.host = Self.hostile
            $0.configurationPath = Self.hostile
            $0.reloadErrors = [Self.hostile]
            $0.withoutFiles = [Self.hostile]
            let failure = Failure(.forbidden, Self.hostile, requestID: Self.hostile)
            $0.discovery = [DiscoveryFacts(scope: Self.hostile, listedAt: nil, failure: (failure, Sample.now))]
        }
        let text = try Sample.overview([try facts()], try Sample.query(Self.hostile), daemon: daemon)
        expectHarmless(text, 11)
        let shown = try Sample.overview([try facts()], daemon: daemon)
        expectHarmless(shown, 19)
    }

    @Test func `in a resource's page`() throws {
        let event = StoryEvent(
            id: 7, at: Sample.now, kind: Self.hostile, actor: Self.hostile, reason: Self.hostile, keyType: Self.hostile,
            version: 3, fingerprint: Self.hostile, detail: Self.hostile, requestID: Self.hostile)
        let text = Sample.page(try facts(), story: .success([event]), hasMore: true)
        expectHarmless(text, 17)
        expectHarmless(Sample.page(try facts(), story: .failure(Failure(.ledgerUnavailable, Self.hostile))), 8)
    }

    @Test func `in a message`() {
        let page = MessagePage(Self.hostile, Self.hostile, depth: 1, now: Sample.now)
        let text = String(decoding: page.html(), as: UTF8.self)
        #expect(!text.contains("<img") && text.count(of: "<script>") == 0)
        #expect(text.contains("href=\"../\""))
    }
}
