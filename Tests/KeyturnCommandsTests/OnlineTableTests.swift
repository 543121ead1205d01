import Daemon
import Rotation
import Testing

@testable import KeyturnCommands

@Suite struct OnlineTableTests {
    private static func resource(_ name: String, _ problems: [OnlineProblem] = []) -> OnlineReport.Resource {
        var resource = OnlineReport.Resource(name: name, id: "/subscriptions/s/\(name)", credential: nil)
        resource.problems = problems
        return resource
    }

    private static func good(_ name: String) -> OnlineReport.Resource {
        var resource = resource(name)
        resource.token = .ok
        resource.read = .ok
        resource.listKeys = .ok
        resource.regenerateKey = .ok
        resource.unlocked = .ok
        resource.keyAuthentication = .ok
        resource.published = .secondary
        resource.probe = .ok
        return resource
    }

    @Test func `all is well`() {
        let report = OnlineReport([Self.good("contoso-sms")])
        #expect(report.well)
        #expect(report.exitStatus == nil)
        #expect(
            OnlineTable(report: report).text == """
                NAME         TOKEN  READ  LISTKEYS  REGEN  LOCK  KEYS  PUBLISHED  PROBE
                contoso-sms  ok     ok    ok        ok     no    on    Secondary  ok
                """)
    }

    @Test func `80 columns hold the longest name and the longest text`() {
        let name = String(repeating: "contoso-", count: 8).prefix(63)
        let problem = OnlineProblem(
            .forbidden, String(repeating: "a sentence of some words ", count: 12), advice: "Ask somebody who may.")
        var resource = Self.good(String(name))
        resource.problems = [problem]
        let text = OnlineTable(report: OnlineReport([resource])).text
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(text.contains("error: forbidden:\n\(name)\n"))
        #expect(text.contains("\n  What to do: Ask somebody who may."))
    }

    @Test func `what a credential lacks is told once, and errors before warnings`() {
        let token = OnlineProblem(.unauthenticated, "No token.", advice: "Log in.", common: "credential")
        let hint = OnlineProblem(.forbidden, "Not readable.", severity: .warning, advice: "Allow it.")
        let names = (1...10).map { "acs-\($0)" }
        let report = OnlineReport([Self.resource("first", [hint])] + names.map { Self.resource($0, [token]) })
        let text = OnlineTable(report: report).text
        #expect(text.ranges(of: "No token.").count == 1)
        #expect(
            text.contains(
                "error: unauthenticated: acs-1, acs-2, acs-3, acs-4, acs-5, acs-6, acs-7, acs-8\nand 2 more\n"))
        let (error, warning) = (text.firstRange(of: "error:"), text.firstRange(of: "warning:"))
        #expect(error.flatMap { error in warning.map { error.lowerBound < $0.lowerBound } } == true)
        #expect(report.exitStatus == 77)
    }

    @Test(
        arguments: [
            ([Reason.forbidden, .unreachable], 77), ([.unreachable, .throttled], 69), ([.throttled], 75),
            ([.notFound], 77),
            ([.probeUnreachable], 69),
        ] as [([Reason], Int32)])
    func `the worst of all gives the exit status`(reasons: [Reason], status: Int32) {
        let problems = reasons.map { OnlineProblem($0, "", advice: "") }
        #expect(OnlineReport([Self.resource("a", problems)]).exitStatus == status)
    }

    @Test func `warnings alone are well`() throws {
        let hint = OnlineProblem(.forbidden, "Not readable.", severity: .warning, advice: "Allow it.")
        let report = OnlineReport([Self.resource("a", [hint])])
        #expect(report.well)
        #expect(report.exitStatus == nil)
        let json = try JSONText.encode(report)
        #expect(json.contains(#""well":true"#))
        #expect(json.contains(#""credential":null"#))
        #expect(json.contains(#""severity":"warning""#))
    }
}

@Suite struct RotatorRoleTests {
    private static let one = "00000000-0000-4000-8000-000000000001"
    private static let two = "00000000-0000-4000-8000-000000000002"

    @Test func `each group once, whatever its case`() {
        #expect(
            RotatorRole.scopes(of: [(Self.two, "b"), (Self.one, "Prod"), (Self.one, "prod"), (Self.one, "test")]) == [
                "/subscriptions/\(Self.one)/resourceGroups/Prod", "/subscriptions/\(Self.one)/resourceGroups/test",
                "/subscriptions/\(Self.two)/resourceGroups/b",
            ])
    }

    @Test func `a whole subscription takes the place of its groups`() {
        #expect(
            RotatorRole.scopes(of: [(Self.one, "prod"), (Self.one, nil), (Self.two, "prod")]) == [
                "/subscriptions/\(Self.one)", "/subscriptions/\(Self.two)/resourceGroups/prod",
            ])
    }
}
