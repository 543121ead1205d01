import Rotation
import Testing

@testable import KeyturnConfig

@Suite struct DiscoveryTests {
    private static let one = "00000000-0000-0000-0000-000000000001"
    private static let two = "00000000-0000-0000-0000-000000000002"

    private static func id(_ name: String, group: String = "prod", subscription: String = one) throws -> ResourceID {
        try ResourceID(subscription: subscription, resourceGroup: group, name: name)
    }

    private func configuration(
        resources: [(name: String, id: ResourceID)] = [], _ rules: String...
    ) throws -> Configuration {
        var lines = ["policies: {monthly: {every: 30d}, weekly: {every: 7d}}", "resources:"]
        lines += resources.map { "  - {name: \($0.name), id: \($0.id), policy: monthly}" }
        lines += ["discover:"] + rules.map { "  - \($0)" }
        let source = ConfigurationSource(path: "k.yaml", bytes: Array(lines.joined(separator: "\n").utf8))
        let result = Configuration.parse([source], in: .sample)
        return try #require(result.configuration, "\(result.diagnostics)")
    }

    private func names(_ enrolment: Configuration.Enrolment) -> [String] {
        enrolment.configuration.resources.map(\.name)
    }

    @Test func `what is said stands in the rule, and what is not has a default`() throws {
        let source = try #require(Corpus.good.first { $0.name == "discover" }).sources
        let rules = try #require(Configuration.parse(source, in: .sample).configuration).discover
        #expect(rules.map(\.scope) == ["/subscriptions/\(Self.one)/resourceGroups/prod", "/subscriptions/\(Self.two)"])
        #expect(rules[0].tags == ["rotate": "yes", "owner": ""])
        #expect(rules[0].interval == .seconds(900))
        #expect(rules[0].prune)
        #expect(rules[0].credential == "other")
        #expect(rules[0].reload.map(\.unit) == ["gateway.service"])
        #expect(rules[0].run.count == 1)
        #expect(rules[0].files.map(\.name) == ["app.ini"])
        #expect(rules[1].interval == .seconds(3600))
        #expect(!rules[1].prune)
        #expect(rules[1].tags.isEmpty)
        #expect(rules[1].policyName == "weekly")
        #expect(rules[1].name == .standard)
    }

    @Test func `a rule covers its scope and all of its tags`() throws {
        let rule = try configuration(
            "{subscription: \(Self.one), resourceGroup: Prod, tags: {Rotate: \"yes\", team: a}, policy: monthly}"
        ).discover[0]
        let both = ["rotate": "yes", "TEAM": "a", "other": "x"]
        #expect(rule.covers(try Self.id("a", group: "PROD"), tags: both))
        #expect(!rule.covers(try Self.id("a", group: "test"), tags: both))
        #expect(!rule.covers(try Self.id("a", subscription: Self.two), tags: both))
        #expect(!rule.covers(try Self.id("a"), tags: ["rotate": "Yes", "team": "a"]))
        #expect(!rule.covers(try Self.id("a"), tags: ["rotate": "yes"]))
        #expect(rule.spans(try Self.id("a")))
    }

    @Test func `the first rule that covers a resource counts`() throws {
        let whole = try configuration(
            "{subscription: \(Self.one), resourceGroup: prod, policy: weekly, name: \"p-{name}\"}",
            "{subscription: \(Self.one), policy: monthly}")
        let enrolment = whole.enrolling([(try Self.id("a"), [:]), (try Self.id("b", group: "test"), [:])])
        #expect(names(enrolment) == ["p-a", "b"])
        #expect(enrolment.configuration.resources.map(\.policyName) == ["weekly", "monthly"])
        #expect(enrolment.refusals.isEmpty)
    }

    @Test func `what the file names is the file's`() throws {
        let whole = try configuration(
            resources: [("sms", try Self.id("contoso-sms"))], "{subscription: \(Self.one), policy: weekly}")
        let enrolment = whole.enrolling([(try Self.id("CONTOSO-SMS", group: "PROD"), [:])])
        #expect(names(enrolment) == ["sms"])
        #expect(enrolment.configuration == whole)
        #expect(enrolment.refusals.isEmpty)
    }

    @Test func `a name of the file is not given to another resource`() throws {
        let whole = try configuration(
            resources: [("contoso-sms", try Self.id("other"))], "{subscription: \(Self.one), policy: weekly}")
        let enrolment = whole.enrolling([(try Self.id("contoso-sms"), [:]), (try Self.id("contoso-mail"), [:])])
        #expect(names(enrolment) == ["contoso-sms", "contoso-mail"])
        #expect(enrolment.refusals.map(\.id) == [try Self.id("contoso-sms")])
        #expect(enrolment.refusals[0].detail.contains("/other, which is in the configuration, has the name"))
    }

    @Test func `a name stays with who had it first`() throws {
        let whole = try configuration("{subscription: \(Self.one), policy: weekly}")
        let (first, second) = (try Self.id("sms", group: "z"), try Self.id("sms", group: "a"))
        let enrolment = whole.enrolling([(first, [:]), (second, [:])])
        #expect(enrolment.configuration.resources.map(\.id) == [first])
        #expect(enrolment.refusals.map(\.id) == [second])
        #expect(enrolment.refusals[0].detail.contains("was discovered before"))
    }

    @Test func `a resource is taken up once, and none without a rule`() throws {
        let whole = try configuration("{subscription: \(Self.one), tags: {rotate: a}, policy: weekly}")
        let enrolment = whole.enrolling([
            (try Self.id("a"), ["rotate": "a"]), (try Self.id("A"), ["rotate": "a"]), (try Self.id("b"), [:]),
            (try Self.id("c", subscription: Self.two), ["rotate": "a"]),
        ])
        #expect(names(enrolment) == ["a"])
    }

    @Test func `a name that would be too long is refused`() throws {
        let whole = try configuration(
            "{subscription: \(Self.one), policy: weekly, name: \"{subscription}-{resourceGroup}-{name}\"}")
        let enrolment = whole.enrolling([(try Self.id(String(repeating: "a", count: 40)), [:])])
        #expect(names(enrolment) == [])
        #expect(enrolment.refusals.first?.detail.contains("1 to 63") == true)
    }

    @Test(arguments: [
        ("{name}", "contoso-sms"), ("{resourceGroup}-{name}", "prod--eu--contoso-sms"),
        ("acs.{name}_x", "acs.contoso-sms_x"),
        ("{subscription}.{name}", "\(one).contoso-sms"),
    ])
    func `names are made of ids`(template: String, name: String) throws {
        #expect(try NameTemplate(template).name(of: try Self.id("contoso-sms", group: "prod-(eu)")) == name)
    }

    @Test func `a name never begins with what a name cannot begin with`() throws {
        #expect(try NameTemplate("{name}").name(of: try Self.id("-sms")) == "_-sms")
        #expect(NameTemplate.usable("größe") == "gr--e")
    }
}
