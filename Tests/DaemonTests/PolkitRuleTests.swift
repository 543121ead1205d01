import Daemon
import Glibc
import Testing

@Suite(.timeLimit(.minutes(15))) struct PolkitRuleTests {
    @Test func `the rule grants what the configuration says, and nothing else`() async throws {
        try await Lab.with(["contoso-a", "contoso-b"]) { lab in
            try lab.configure(
                Lab.manual,
                extra: [
                    "contoso-a": "reload: [a.service, {unit: b.service, verb: try-restart}], encrypt: {credential: x}",
                    "contoso-b":
                        "reload: [a.service, {unit: b.service, verb: restart}, {unit: c.service, verb: reload}]",
                ])
            let printed = try await lab.keyturn("polkit-rule", "--user", "acs-daemon")
            #expect(printed.status == 0)
            let grants = printed.output.split(separator: "\n").filter { $0.hasPrefix("        [") }
            #expect(
                grants == [
                    #"        ["a.service", "reload-or-try-restart"],"#, #"        ["b.service", "restart"],"#,
                    #"        ["b.service", "try-restart"],"#, #"        ["c.service", "reload"],"#,
                    #"        ["keyturn-encrypt@contoso-a.service", "restart"]"#,
                ])
            #expect(printed.output.contains(#"subject.user !== "acs-daemon""#))

            let directory = lab.directory + "/rules.d"
            let missing = try await lab.keyturn("polkit-rule", "--install", "--directory", directory)
            #expect(missing.status == 0)
            #expect(missing.errors.contains("polkit (0.106 or later) is not installed"))
            try #require(mkdir(directory, 0o755) == 0)
            let installed = try await lab.keyturn("polkit-rule", "--install", "--directory", directory)
            #expect(installed.output == "\(directory)/60-keyturn.rules: written, 5 grants\n")
            let again = try await lab.keyturn("polkit-rule", "--install", "--directory", directory)
            #expect(again.output == "\(directory)/60-keyturn.rules: as it should be\n")

            // A configuration that is refused, or not only its owner's, leaves it as it is.
            let before = lab.text(of: directory + "/60-keyturn.rules")
            try lab.configure(Lab.manual, extra: ["contoso-a": "reload: [d.service]"])
            try #require(chmod(lab.configurationPath, 0o666) == 0)
            let foreign = try await lab.keyturn("polkit-rule", "--install", "--directory", directory)
            #expect(foreign.status == 77)
            #expect(foreign.errors.contains("can be written by others than its owner"))
            try #require(chmod(lab.configurationPath, 0o600) == 0)
            try lab.configure("{every: never}")
            #expect(try await lab.keyturn("polkit-rule", "--install", "--directory", directory).status == 78)
            #expect(lab.text(of: directory + "/60-keyturn.rules") == before)

            try lab.configure(Lab.manual)
            let removed = try await lab.keyturn("polkit-rule", "--install", "--directory", directory)
            #expect(removed.output == "\(directory)/60-keyturn.rules: removed, for no unit is named\n")
        }
    }
}
