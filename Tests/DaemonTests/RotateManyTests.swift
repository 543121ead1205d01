import AcsEmulator
import Daemon
import Glibc
import Testing

/// `keyturn rotate --all`, and what is asked on a terminal.
@Suite(.serialized, .timeLimit(.minutes(15))) struct RotateManyTests {
    private static let names = ["contoso-a", "contoso-b", "contoso-c"]

    @Test func `all are rotated, and those that are not are told`() async throws {
        try await Lab.with(Self.names) { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                for name in lab.names { try await daemon.settled(version: 1, of: name) }
                let refused = try await lab.keyturn("rotate", "--all")
                #expect(refused.status == 64)
                #expect(refused.errors == "keyturn: --all asks first on a terminal; without one it takes --yes\n")
                let unknown = try await lab.keyturn("rotate", "--all", "--policy", "weekly", "--yes")
                #expect(unknown.status == 64)
                #expect(unknown.errors == "keyturn: no resource has the policy 'weekly'; those in use are: only\n")
                #expect(try await lab.keyturn("rotate", "--policy", "only").status == 64)
                #expect(try await lab.keyturn("rotate", "contoso-a", "--yes").status == 64)
                let whatIf = try await lab.keyturn("rotate", "--all", "--what-if")
                #expect(whatIf.status == 0)
                #expect(whatIf.output.split(separator: "\n").count == 3)
                #expect(try await lab.keyturn("pause", "contoso-b", "--reason", "a test").status == 0)
                try lab.emulator.setFaults([try EmulatorFault("forbidden,resource=contoso-c")])

                let rotated = try await lab.keyturn("rotate", "--all", "--policy", "only", "--yes")
                #expect(rotated.status == 75)
                let lines = rotated.output.split(separator: "\n")
                #expect(lines.contains { $0.hasPrefix("contoso-a: Secondary published as version 2 and delivered (") })
                #expect(lines.contains { $0.hasPrefix("contoso-b: refused: rotations are paused") })
                let failed = try #require(lines.first { $0.hasPrefix("contoso-c: ") })
                #expect(failed.hasPrefix("contoso-c: forbidden: ") && failed.hasSuffix("; the daemon goes on trying"))
                #expect(!failed.contains("AuthorizationFailed"), "what Azure said is in 'status NAME'")
                #expect(lines.last == "1 of 3 rotated, 1 failed, 1 refused")
                #expect(try lab.regenerates(of: "contoso-a").count == 1)
            }
        }
    }

    @Test func `after failures in a row no more are begun`() async throws {
        try await Lab.with(Self.names) { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                for name in lab.names { try await daemon.settled(version: 1, of: name) }
                try lab.emulator.setFaults([try EmulatorFault("wrongKeyType")])
                let result = try await lab.keyturn("rotate", "--all", "--yes", "--stop-after", "1")
                #expect(result.status == 75)
                #expect(result.output.contains(": held: "))
                #expect(try await lab.keyturn("rotate", "--all", "--yes", "--stop-after", "-1").status == 64)
            }
        }
    }

    @Test func `a terminal is asked, and shows a bar`() async throws {
        try await Lab.with(Self.names) { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                for name in lab.names { try await daemon.settled(version: 1, of: name) }
                try await lab.onTerminal("rotate", "--all") { terminal, child in
                    try await eventually("asked") { terminal.output.contains("Rotate 3 resources now? [y/N] ").asFound }
                    terminal.type("\n")
                    #expect(try await child.waited() == .exited(64))
                    #expect(terminal.output.contains("not confirmed, nothing was begun"))
                }
                for name in lab.names { #expect(try lab.regenerates(of: name).isEmpty) }
                try await lab.onTerminal("rotate", "--all", "--policy", "only") { terminal, child in
                    try await eventually("asked") { terminal.output.contains("of the policy only now? [y/N]").asFound }
                    terminal.type("y\n")
                    #expect(try await child.waited() == .exited(0))
                    #expect(terminal.output.contains("██████████ 3/3"))
                    #expect(terminal.output.contains("3 of 3 rotated"))
                }
            }
        }
    }

    @Test func `both keys go only after the name was typed`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                #expect(try await lab.keyturn("rotate", "contoso-sms", "--compromised", "--yes").status == 64)
                #expect(
                    try await lab.keyturn("rotate", "contoso-sms", "--compromised", "--yes", "--reason", " ").status
                        == 64)
                let silent = try await lab.keyturn("rotate", "contoso-sms", "--compromised", "--reason", "INC-1")
                #expect(silent.status == 64)
                #expect(silent.errors.contains("without one it takes --yes"))
                for (typed, status) in [("contoso-smS", 64), ("contoso-sms", 0)] {
                    try await lab.onTerminal(
                        "rotate", "contoso-sms", "--compromised", "--reason", "INC-1", "--wait"
                    ) { terminal, child in
                        try await eventually("asked") { terminal.output.contains("Type its name to go on: ").asFound }
                        terminal.type("\(typed)\n")
                        #expect(try await child.waited() == .exited(Int32(status)))
                        guard status == 0 else { return }
                        #expect(terminal.output.contains("published as version 2"))
                        #expect(terminal.output.contains("Primary published as version 3 and delivered"))
                    }
                    #expect(try lab.regenerates().count == (status == 0 ? 2 : 0))
                }
                let history = try await lab.keyturn("history", "--kind", "rotation-requested", "--format", "jsonl")
                let entry = try JSON(history.output)
                #expect(entry["detail"]?.text?.hasSuffix("compromised: INC-1") == true)
                #expect(entry["actor"]?.text?.hasSuffix("(uid \(getuid()))") == true)
            }
        }
    }
}
