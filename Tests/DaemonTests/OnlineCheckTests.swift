import AcsEmulator
import Daemon
import FoundationEssentials
import Testing

/// `keyturn check --online` against an emulated Azure.
@Suite(.serialized, .timeLimit(.minutes(15))) struct OnlineCheckTests {
    private func check(_ lab: Lab, status: Int32) async throws -> [JSON] {
        let result = try await lab.keyturn("check", "--online", "--format", "json")
        #expect(result.status == status, "\(result.errors) \(result.output)")
        let report = try JSON(result.output)
        #expect(report["well"]?.truth == (status == 0))
        // Whatever is wrong: nothing was changed.
        #expect(lab.emulator.log().allSatisfy { $0.operation != .regenerateKey })
        return report["resources"]?.elements ?? []
    }

    private func cells(_ resource: JSON) -> [String?] {
        ["token", "read", "listKeys", "regenerateKey", "unlocked", "keyAuthentication", "published", "probe"]
            .map { resource[$0]?.text }
    }

    @Test func `all is well before and after the first publication`() async throws {
        try await Lab.with(["contoso-sms", "contoso-mail"]) { lab in
            try lab.configure(Lab.manual)
            let before = try await check(lab, status: 0)
            #expect(before.map { $0["name"]?.text } == ["contoso-sms", "contoso-mail"])
            for resource in before {
                #expect(cells(resource) == ["ok", "ok", "ok", "ok", "ok", "ok", "none", "ok"])
            }
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await daemon.settled(version: 1, of: "contoso-mail")
                try await daemon.rotate()
                try await daemon.settled(version: 2)
            }
            try lab.emulator.setFaults([])
            let result = try await lab.keyturn("check", "--online")
            #expect(result.status == 0)
            #expect(
                result.output == """
                    \(lab.configurationPath): good, 2 resources

                    NAME          TOKEN  READ  LISTKEYS  REGEN  LOCK  KEYS  PUBLISHED  PROBE
                    contoso-sms   ok     ok    ok        ok     no    on    Secondary  ok
                    contoso-mail  ok     ok    ok        ok     no    on    Primary    ok

                    """)
        }
    }

    @Test func `what is wrong with one is told beside the others that are well`() async throws {
        let names = ["acs-action", "acs-lock", "acs-off", "acs-gone", "acs-dead", "acs-read", "acs-well"]
        try await Lab.with(names) { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                for name in names { try await daemon.settled(version: 1, of: name) }
            }
            try lab.emulator.setFaults([
                EmulatorFault(.forbidden, resource: "acs-action", operation: .regenerateKey),
                EmulatorFault(.scopeLocked, resource: "acs-lock"),
                EmulatorFault(.localAuthDisabled, resource: "acs-off"),
                EmulatorFault(.forbidden, resource: "acs-read", operation: .get),
            ])
            lab.emulator.remove(try Lab.id("acs-gone"))
            lab.emulator.regenerateFromOutside(.primary, of: try Lab.id("acs-dead"))
            let found = try await check(lab, status: 77)
            #expect(cells(found[0]) == ["ok", "ok", "ok", "no", "ok", "ok", "Primary", "ok"])
            #expect(cells(found[1]) == ["ok", "ok", "ok", "ok", "no", "ok", "unknown", "skipped"])
            #expect(cells(found[2]) == ["ok", "ok", "ok", "ok", "ok", "no", "Primary", "no"])
            #expect(
                cells(found[3]) == ["ok", "no", "skipped", "skipped", "skipped", "skipped", "unknown", "skipped"])
            #expect(cells(found[4]) == ["ok", "ok", "ok", "ok", "ok", "ok", "stale", "skipped"])
            #expect(cells(found[5]) == ["ok", "no", "ok", "ok", "ok", "unknown", "Primary", "ok"])
            #expect(cells(found[6]) == ["ok", "ok", "ok", "ok", "ok", "ok", "Primary", "ok"])
            let reasons = found.map { ($0["problems"]?.elements ?? []).map { $0["reason"]?.text } }
            #expect(
                reasons == [
                    ["forbidden"], ["locked"], ["probe-unusable"], ["not-found"], ["current-key-changed"],
                    ["forbidden"],
                    [],
                ])
            #expect(found[1]["locks"]?.elements.first?["level"]?.text == "ReadOnly")
            #expect(found[5]["problems"]?.elements.first?["severity"]?.text == "warning")

            let table = try await lab.keyturn("check", "--online").output
            #expect(table.contains("Microsoft.Communication/communicationServices/regenerateKey/action"))
            #expect(table.contains("error: forbidden: acs-action\n"))
            #expect(table.contains("'emulated-read-only'"))
        }
    }

    @Test func `a credential that is refused is told once for all of its resources`() async throws {
        try await Lab.with(["contoso-sms", "contoso-mail"]) { lab in
            try lab.configure(Lab.manual)
            try lab.emulator.setFaults([EmulatorFault(.tokenFailure, 400)])
            let result = try await lab.keyturn("check", "--online")
            #expect(result.status == 77)
            #expect(result.output.contains("error: unauthenticated: contoso-sms, contoso-mail\n"), "\(result.output)")
            #expect(result.output.ranges(of: "What to do:").count == 1)
            #expect(lab.emulator.log().allSatisfy { $0.operation == .token })
        }
    }

    @Test func `what cannot be listed is not taken for forbidden`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try lab.emulator.setFaults([EmulatorFault(.forbidden, operation: .authorization)])
            let found = try await check(lab, status: 0)
            #expect(cells(found[0]) == ["ok", "ok", "ok", "unknown", "ok", "ok", "none", "ok"])
        }
    }

    @Test func `what is discovered is looked at, and a rule that cannot be followed is told beside the others`()
        async throws
    {
        try await Lab.with(["contoso-sms", "contoso-mail"]) { lab in
            try lab.configure(Lab.manual, resources: ["contoso-mail"])
            let text = try #require(lab.text(of: lab.configurationPath))
            let unknown = "00000000-0000-4000-8000-0000000000ff"
            lab.emulator.put(try EmulatedResourceID("\(Lab.subscription)/other/contoso-mail"))
            try lab.write(
                text + "discover:\n  - {subscription: \(unknown), policy: only}\n"
                    + "  - {subscription: \(Lab.subscription), policy: only}\n", to: lab.configurationPath)
            let result = try await lab.keyturn("check", "--online", "--format", "json")
            #expect(result.status == 77)
            let report = try JSON(result.output)
            let names = (report["resources"]?.elements ?? []).map { $0["name"]?.text }
            #expect(names == ["contoso-mail", "contoso-sms"])
            let problems = report["problems"]?.elements ?? []
            #expect(problems.map { $0["reason"] } == [.text("not-found"), .null])
            #expect(problems.last?["severity"]?.text == "warning")
            #expect(
                problems.last?["advice"]?.text?.contains("put {resourceGroup} or {subscription} into 'name'") == true)
            let role = try await lab.keyturn("check", "--role")
            let scopes = try JSON(role.output)["AssignableScopes"]?.elements.compactMap(\.text)
            #expect(scopes == ["/subscriptions/\(Lab.subscription)", "/subscriptions/\(unknown)"])
        }
    }

    @Test func `an Azure that is down is no refusal`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try lab.emulator.setFaults([EmulatorFault(.serverError, 503, operation: .get)])
            let found = try await check(lab, status: 69)
            #expect(found[0]["problems"]?.elements.first?["reason"]?.text == "azure-unavailable")
        }
    }

    @Test func `the role is for the groups of the configuration`() async throws {
        try await Lab.with(["contoso-sms", "contoso-mail"]) { lab in
            try lab.configure(Lab.manual)
            let result = try await lab.keyturn("check", "--role")
            #expect(result.status == 0)
            let role = try JSON(result.output)
            #expect(
                role["Actions"]?.elements.compactMap(\.text) == [
                    "Microsoft.Communication/communicationServices/read",
                    "Microsoft.Communication/communicationServices/listKeys/action",
                    "Microsoft.Communication/communicationServices/regenerateKey/action",
                ])
            #expect(
                role["AssignableScopes"]?.elements.compactMap(\.text)
                    == ["/subscriptions/\(Lab.subscription)/resourceGroups/lab"])
            #expect(role["IsCustom"]?.truth == true)
            #expect(lab.emulator.log().isEmpty)
            #expect(try await lab.keyturn("check", "--role", "--online").status == 64)
            #expect(try await lab.keyturn("check", "--role", "--format", "json").status == 64)
        }
    }

    @Test func `what is wrong is shown where it stands, or as JSON`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            let good = try await lab.keyturn("check", "--format", "json")
            #expect(good.status == 0)
            #expect(try JSON(good.output)["good"]?.truth == true)
            #expect(try JSON(good.output)["resources"]?.number == 1)
            let text = try String(contentsOfFile: lab.configurationPath, encoding: .utf8)
            try Data((text + "controll: {socket: run}\n").utf8).write(to: URL(filePath: lab.configurationPath))
            let line = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count
            let bad = try await lab.keyturn("check")
            #expect(bad.status == 78)
            #expect(
                bad.errors.contains("\(lab.configurationPath):\(line):1: error: unknown key 'controll' in this file"))
            #expect(bad.errors.contains(" \(line) | controll: {socket: run}\n"), "\(bad.errors)")
            #expect(bad.errors.contains("\n      | ^\n"), "\(bad.errors)")
            let json = try await lab.keyturn("check", "--format", "json")
            #expect(json.status == 78 && json.errors.isEmpty)
            let report = try JSON(json.output)
            #expect(report["good"]?.truth == false)
            let problem = try #require(report["problems"]?.elements.first)
            #expect(problem["line"]?.number == Double(line))
            #expect(problem["severity"]?.text == "error")
            #expect(problem["hint"]?.text?.contains("did you mean 'control'?") == true)
        }
    }
}
