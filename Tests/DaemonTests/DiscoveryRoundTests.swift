import KeyturnConfig
import Rotation
import Testing

@testable import Daemon

/// The rules of discovery, without Azure.
@Suite struct DiscoveryRoundTests {
    private static let subscription = "00000000-0000-0000-0000-000000000001"
    private static let other = "00000000-0000-0000-0000-000000000002"
    private static let start = Instant(unixSeconds: 1_800_000_000)
    private static let now = start + .seconds(60)

    private static func id(_ name: String, group: String = "prod", in subscription: String = subscription) throws
        -> ResourceID
    {
        try ResourceID(subscription: subscription, resourceGroup: group, name: name)
    }

    private static func rules(_ rules: String...) throws -> [Configuration.DiscoveryRule] {
        let text =
            "policies: {monthly: {every: 30d}}\ndiscover:\n"
            + rules.map { "  - {policy: monthly, \($0)}\n" }.joined()
        let surroundings = ConfigurationSurroundings(now: start, zone: { _ in .known(.utc) }, zoneNames: { [] })
        let result = Configuration.parse([.init(path: "k.yaml", bytes: Array(text.utf8))], in: surroundings)
        return try #require(result.configuration, "\(result.diagnostics)").discover
    }

    private static func known(
        _ id: ResourceID, tags: [String: String] = [:], pruning: String? = nil
    ) -> DiscoveredResource {
        DiscoveredResource(id: id, tags: tags, since: start, pruning: pruning)
    }

    private static func names(_ known: [DiscoveredResource]) -> [ResourceID: String] {
        Dictionary(known.map { ($0.id, "name-of-\($0.id.name)") }, uniquingKeysWith: { first, _ in first })
    }

    private func outcome(
        _ rules: [Configuration.DiscoveryRule], known: [DiscoveredResource] = [],
        configured: Set<ResourceID> = [], _ listings: [DiscoveryRound.Listing], gone: Set<ResourceID> = []
    ) -> (suspects: [ResourceID], DiscoveryRound.Outcome) {
        let round = DiscoveryRound(rules: rules, configured: configured, known: known, listings: listings)
        return (
            round.suspects.map(\.id), round.outcome(gone: gone, names: Self.names(known), now: Self.now)
        )
    }

    @Test func `what is listed and covered appears, in the order of ids`() throws {
        let rules = try Self.rules("subscription: \(Self.subscription), tags: {rotate: \"yes\"}")
        let (a, b) = (try Self.id("a"), try Self.id("b"))
        let (suspects, outcome) = outcome(
            rules,
            [
                .init(
                    rule: rules[0],
                    services: [
                        .init(id: b, tags: ["Rotate": "yes"]), .init(id: a, tags: ["rotate": "yes"]),
                        .init(id: try Self.id("c"), tags: ["rotate": "no"]), .init(id: try Self.id("d")),
                    ])
            ])
        #expect(suspects.isEmpty)
        #expect(outcome.appeared == [a, b])
        #expect(outcome.known.map(\.id) == [a, b])
        #expect(outcome.known.allSatisfy { $0.since == Self.now })
    }

    @Test func `what is being made is taken up when it is ready`() throws {
        let rules = try Self.rules("subscription: \(Self.subscription)")
        let a = try Self.id("a")
        let making = outcome(rules, [.init(rule: rules[0], services: [.init(id: a, isSettled: false)])]).1
        #expect(making.known.isEmpty)
        // Being deleted it stays until it is gone.
        let known = [Self.known(a)]
        let deleting = outcome(
            rules, known: known, [.init(rule: rules[0], services: [.init(id: a, isSettled: false)])])
        #expect(deleting.suspects.isEmpty)
        #expect(deleting.1.known == known)
    }

    @Test func `without a list nothing changes`() throws {
        let rules = try Self.rules("subscription: \(Self.subscription)")
        let known = [Self.known(try Self.id("a")), Self.known(try Self.id("b"))]
        let (suspects, outcome) = outcome(rules, known: known, [])
        #expect(suspects.isEmpty)
        #expect(outcome == DiscoveryRound.Outcome(known: known))
    }

    @Test func `what an empty list lacks is suspected, and stays unless Azure says that it is gone`() throws {
        let rules = try Self.rules("subscription: \(Self.subscription)")
        let known = [Self.known(try Self.id("a")), Self.known(try Self.id("b"))]
        let listings = [DiscoveryRound.Listing(rule: rules[0], services: [])]
        let unsaid = outcome(rules, known: known, listings)
        #expect(unsaid.suspects == known.map(\.id))
        #expect(unsaid.1 == DiscoveryRound.Outcome(known: known))
        let said = outcome(rules, known: known, listings, gone: [known[0].id]).1
        #expect(said.vanished == [known[0].id])
        #expect(said.known == [known[1]])
    }

    @Test func `a list suspects only what is in its scope`() throws {
        let rules = try Self.rules(
            "subscription: \(Self.subscription), resourceGroup: prod", "subscription: \(Self.other)")
        let known = [
            Self.known(try Self.id("a")), Self.known(try Self.id("b", group: "test")),
            Self.known(try Self.id("c", in: Self.other)),
        ]
        let (suspects, outcome) = outcome(
            rules, known: known, [.init(rule: rules[0], services: [])], gone: Set(known.map(\.id)))
        #expect(suspects == [known[0].id])
        #expect(outcome.known.map(\.id).contains(known[0].id) == false)
    }

    @Test func `of two lists one that has it is enough`() throws {
        let rules = try Self.rules(
            "subscription: \(Self.subscription), resourceGroup: prod", "subscription: \(Self.subscription)")
        let known = [Self.known(try Self.id("a"))]
        let (suspects, outcome) = outcome(
            rules, known: known,
            [
                .init(rule: rules[0], services: []),
                .init(rule: rules[1], services: [.init(id: try Self.id("A", group: "PROD"))]),
            ])
        #expect(suspects.isEmpty)
        #expect(outcome.known == known)
    }

    @Test func `with other tags it is released, and its files are not to go`() throws {
        let rules = try Self.rules("subscription: \(Self.subscription), tags: {rotate: \"yes\"}, prune: true")
        let a = try Self.id("a")
        let outcome = outcome(
            rules, known: [Self.known(a, tags: ["rotate": "yes"])],
            [.init(rule: rules[0], services: [.init(id: a, tags: ["rotate": "no"])])]
        ).1
        #expect(outcome.released == [a])
        #expect(outcome.vanished.isEmpty)
        #expect(outcome.known.isEmpty)
    }

    @Test func `other tags that a rule covers are kept on record`() throws {
        let rules = try Self.rules(
            "subscription: \(Self.subscription), tags: {tier: a}", "subscription: \(Self.subscription), tags: {tier: b}"
        )
        let a = try Self.id("a")
        let outcome = outcome(
            rules, known: [Self.known(a, tags: ["tier": "a"])],
            [.init(rule: rules[0], services: [.init(id: a, tags: ["tier": "b"])])]
        ).1
        #expect(outcome.known == [Self.known(a, tags: ["tier": "b"])])
        #expect(outcome.appeared.isEmpty && outcome.released.isEmpty)
    }

    @Test func `files of what vanished are to go only where the rule prunes`() throws {
        let rules = try Self.rules(
            "subscription: \(Self.subscription), tags: {tier: a}, prune: true", "subscription: \(Self.subscription)")
        let known = [Self.known(try Self.id("a"), tags: ["tier": "a"]), Self.known(try Self.id("b"))]
        let outcome = outcome(
            rules, known: known, [.init(rule: rules[1], services: [])], gone: Set(known.map(\.id))
        ).1
        #expect(outcome.vanished == known.map(\.id))
        #expect(outcome.known == [Self.known(known[0].id, tags: ["tier": "a"], pruning: "name-of-a")])
    }

    @Test func `what is made again before its files went is managed again`() throws {
        let rules = try Self.rules("subscription: \(Self.subscription), prune: true")
        let a = try Self.id("a")
        let pruned = [Self.known(a, pruning: "a")]
        let still = outcome(rules, known: pruned, [.init(rule: rules[0], services: [])], gone: [a])
        #expect(still.suspects.isEmpty)
        #expect(still.1 == DiscoveryRound.Outcome(known: pruned))
        let again = outcome(rules, known: pruned, [.init(rule: rules[0], services: [.init(id: a)])]).1
        #expect(again.appeared == [a])
        #expect(again.known == [Self.known(a)])
    }

    @Test func `what no rule looks for any more is forgotten, but not what is still to be removed`() throws {
        let rules = try Self.rules("subscription: \(Self.subscription)")
        let elsewhere = Self.known(try Self.id("a", in: Self.other))
        let pruned = Self.known(try Self.id("b", in: Self.other), pruning: "b")
        let outcome = outcome(rules, known: [elsewhere, pruned], [.init(rule: rules[0], services: [])]).1
        #expect(outcome == DiscoveryRound.Outcome(known: [pruned]))
    }

    @Test func `what the files name is not discovered`() throws {
        let rules = try Self.rules("subscription: \(Self.subscription)")
        let a = try Self.id("a")
        let listed = outcome(
            rules, known: [Self.known(a)], configured: [a], [.init(rule: rules[0], services: [.init(id: a)])])
        #expect(listed.1 == DiscoveryRound.Outcome(known: []))
        let lacking = outcome(
            rules, known: [Self.known(a)], configured: [a], [.init(rule: rules[0], services: [])], gone: [a])
        #expect(lacking.suspects.isEmpty)
        #expect(lacking.1 == DiscoveryRound.Outcome(known: []))
    }
}
