import Systemd
import Testing

@Suite struct PolkitRulesTests {
    private let rules = PolkitRules(
        user: "keyturn",
        grants: [
            .init(unit: "b.service", verb: "restart"), .init(unit: "a\\x2db.service", verb: "reload"),
            .init(unit: "b.service", verb: "restart"), .init(unit: "b.service", verb: "reload"),
        ])

    @Test func thereIsALineForEachGrant() {
        let lines = rules.text.split(separator: "\n").filter { $0.hasPrefix("        [") }
        #expect(
            lines == [
                #"        ["a\\x2db.service", "reload"],"#, #"        ["b.service", "reload"],"#,
                #"        ["b.service", "restart"]"#,
            ])
        #expect(rules.text.hasPrefix(PolkitRules.heading + "\n"))
        #expect(rules.text.contains(#"subject.user !== "keyturn""#))
    }

    @Test func nothingBreaksOutOfItsLiteral() {
        let odd = PolkitRules(
            user: "a\"; return polkit.Result.YES; //\u{2028}\n",
            grants: [.init(unit: "ü\u{1F600}\0\".service", verb: "")])
        #expect(odd.text.contains(#"subject.user !== "a\"; return polkit.Result.YES; //\u2028\u000a") {"#))
        #expect(odd.text.contains(#"["\u00fc\ud83d\ude00\u0000\".service", ""]"#))
    }

    @Test func whatIsMissingIsFound() {
        #expect(rules.missing(in: rules.text).isEmpty)
        #expect(rules.missing(in: "") == rules.grants)
        let fewer = PolkitRules(user: "keyturn", grants: [.init(unit: "b.service", verb: "reload")])
        #expect(rules.missing(in: fewer.text).map(\.verb) == ["reload", "restart"])
        #expect(fewer.missing(in: rules.text).isEmpty)
        let foreign = PolkitRules(user: "other", grants: rules.grants)
        #expect(rules.missing(in: foreign.text) == rules.grants)
        let prefix = PolkitRules(user: "keyturn", grants: [.init(unit: "b.service", verb: "rest")])
        #expect(prefix.missing(in: rules.text) == prefix.grants)
    }
}
