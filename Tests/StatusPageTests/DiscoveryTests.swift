import EventCatalog
import RotationEngine
import Testing

@testable import Rotation
@testable import StatusPage

@Suite struct DiscoveryTests {
    private static let scope = "/subscriptions/\(Sample.subscription)/resourceGroups/lab"

    private func overview(_ rules: [DiscoveryFacts], _ rows: [ResourceFacts]? = nil) throws -> String {
        try Sample.overview(try rows ?? [Sample.facts()], daemon: Sample.daemon { $0.discovery = rules })
    }

    private func failing(_ reason: Reason, for seconds: Int64, listed: Instant? = nil) -> DiscoveryFacts {
        let failure = Failure(reason, "Azure said <b>no</b>", requestID: "req-7")
        return DiscoveryFacts(
            scope: Self.scope, listedAt: listed, failure: (failure, Sample.now - .seconds(seconds)))
    }

    @Test func `a rule that cannot list needs somebody, with its words and what to do`() throws {
        let text = try overview([failing(.forbidden, for: 90, listed: Sample.now - .seconds(7200))])
        #expect(text.contains("<title>1 needs you"))
        // Before the resources.
        let top = try #require(text.between(#"id="verdict""#, "</section>"))
        #expect(top.contains("Azure said &lt;b&gt;no&lt;/b&gt;"))
        let plain = top.withoutMarkup
        #expect(plain.contains("Discovery fails in \(Self.scope): forbidden for 1min 30s"))
        #expect(
            plain.contains(
                "The last list is of 2026-11-25T10:00:00Z (2h ago); the resources that are known stay, and new ones are"
                    + " not found. Azure's request req-7"))
        #expect(plain.contains(Reason.forbidden.meaning) && plain.contains(Reason.forbidden.advice.unquoted))
        #expect(!plain.contains("of discovery:"))
    }

    @Test func `one that usually passes needs nobody until it lasts`() throws {
        let text = try overview([failing(.unreachable, for: 3599)])
        #expect(text.contains("<title>1 is being retried"))
        #expect(text.withoutMarkup.contains("There was no list since the start; the resources"))
        #expect(try overview([failing(.unreachable, for: 3600)]).contains("<title>1 needs you"))
    }

    @Test func `rules that fare well are a line`() throws {
        let listed = [60, 300].map { DiscoveryFacts(scope: Self.scope, listedAt: Sample.now - .seconds($0)) }
        let waiting = DiscoveryFacts(scope: Self.scope, listedAt: nil)
        #expect(try overview(Array(listed.prefix(1))).withoutMarkup.contains("1 rule of discovery: listed 1min ago"))
        let both = try overview(listed)
        #expect(both.contains("<title>All well"))
        #expect(both.withoutMarkup.contains("2 rules of discovery: the oldest list is of 5min ago"))
        #expect(
            try overview(listed + [waiting]).withoutMarkup.contains(
                "3 rules of discovery: the oldest list is of 5min ago, 1 not listed yet"))
        #expect(try overview([waiting]).withoutMarkup.contains("1 rule of discovery: 1 not listed yet"))
        #expect(!(try overview([])).contains("id=\"discovered\""))
    }

    @Test func `many that fail are not a long list`() throws {
        let plain = try overview(Array(repeating: failing(.forbidden, for: 9), count: 12)).withoutMarkup
        #expect(plain.count(of: "Discovery fails in ") == 10)
        #expect(plain.contains("Discovery fails for 2 more rules.") && plain.contains("12 need you"))
    }

    @Test func `no resources yet, where discovery is to find them`() throws {
        let text = try overview([DiscoveryFacts(scope: Self.scope, listedAt: Sample.now)], [])
        #expect(text.contains("The configuration names no resources, and none were discovered yet."))
    }
}
