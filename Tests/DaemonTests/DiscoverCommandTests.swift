import AcsEmulator
import Daemon
import FoundationEssentials
import Testing

/// `keyturn discover` against an emulated Azure.
@Suite(.serialized, .timeLimit(.minutes(15))) struct DiscoverCommandTests {
    private static let elsewhere = "00000000-0000-4000-8000-000000000002"

    private func with(_ body: (Lab) async throws -> Void) async throws {
        try await Lab.with(["contoso-sms", "contoso-mail"], { $0.pageSize = 1 }) { lab in
            lab.emulator.put(try EmulatedResourceID("\(Self.elsewhere)/prod/contoso-sms"), tags: ["Rotate": "yes"])
            lab.emulator.put(try EmulatedResourceID("\(Lab.subscription)/test/contoso-voice"), tags: ["rotate": "no"])
            try lab.configure(Lab.manual, resources: ["contoso-mail"])
            try await body(lab)
        }
    }

    private func expect(_ names: [String], _ lab: Lab, _ arguments: String...) async throws {
        let result = try await lab.keyturn(["discover", "--format", "json"] + arguments)
        #expect(result.status == 0, "\(result.errors)")
        let found = try JSON(result.output).elements.compactMap { $0["name"]?.text }
        #expect(found == names, "\(arguments)")
    }

    @Test func `what it prints is a good configuration, with unique names`() async throws {
        try await with { lab in
            let result = try await lab.keyturn("discover")
            #expect(result.status == 0, "\(result.errors)")
            try lab.write(result.output, to: lab.directory + "/found.yaml")
            let text = try #require(lab.text(of: lab.configurationPath))
            try lab.write(result.output, to: lab.configurationPath)
            let checked = try await lab.keyturn("check")
            #expect(checked.status == 0, "\(checked.errors)\n\(result.output)")
            #expect(checked.output.contains("good, 4 resources"))
            #expect(checked.errors.isEmpty, "\(checked.errors)")
            try lab.write(text, to: lab.configurationPath)
            try await expect(["contoso-mail", "lab-contoso-sms", "contoso-voice", "prod-contoso-sms"], lab)
        }
    }

    @Test func `by subscription, group and tag`() async throws {
        try await with { lab in
            try await expect(["contoso-sms"], lab, "--subscription", Self.elsewhere)
            try await expect(
                ["contoso-mail", "contoso-sms"], lab, "--subscription", Lab.subscription, "--resource-group", "LAB")
            try await expect(["contoso-sms"], lab, "--tag", "rotate=yes")
            try await expect(["contoso-voice"], lab, "--tag", "ROTATE=no")
            try await expect([], lab, "--tag", "rotate=Yes")
            try await expect(
                ["contoso-mail", "lab-contoso-sms", "contoso-voice", "prod-contoso-sms"], lab, "--subscription",
                Self.elsewhere, "--subscription", Lab.subscription)
        }
    }

    @Test func `only what is new, as a file beside the configuration`() async throws {
        try await with { lab in
            let result = try await lab.keyturn("discover", "--new", "--policy", "only")
            #expect(result.status == 0)
            #expect(!result.output.contains("policies:"))
            #expect(!result.output.contains("name: contoso-mail"))
            try FileManager.default.createDirectory(
                atPath: lab.directory + "/conf.d", withIntermediateDirectories: false)
            try lab.write(result.output, to: lab.directory + "/conf.d/found.yaml")
            let checked = try await lab.keyturn("check")
            #expect(checked.output.contains("good, 4 resources"), "\(checked.errors)")
        }
    }

    @Test func `a subscription that is refused does not stop the others`() async throws {
        try await with { lab in
            let unknown = "00000000-0000-4000-8000-0000000000ff"
            let result = try await lab.keyturn(
                "discover", "--subscription", unknown, "--subscription", Self.elsewhere)
            #expect(result.status == 77)
            #expect(result.errors.contains("not-found"))
            #expect(result.output.contains("name: contoso-sms"))
            try lab.emulator.setFaults([EmulatorFault(.localAuthDisabled, resource: "contoso-voice")])
            let off = try await lab.keyturn("discover", "--subscription", Lab.subscription)
            #expect(off.output.contains("  # takes no access keys (disableLocalAuth):\n  # - name: contoso-voice"))
        }
    }

    @Test(arguments: [
        ["--resource-group", "lab"], ["--tag", "rotate"], ["--tag", "=x"], ["--subscription", "contoso"],
        ["--policy", "a b"], ["--format", "table"],
    ])
    func `wrong options are refused`(arguments: [String]) async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            #expect(try await lab.keyturn(["discover"] + arguments).status == 64)
            #expect(lab.emulator.log().isEmpty)
        }
    }
}
