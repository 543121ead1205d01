import AcsEmulator
import Daemon
import FoundationEssentials
import Glibc
import Rotation
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct HookTests {
    /// A command for `run:` that appends its environment to `told-VERSION`, and fails for all versions but the first while
    /// there is a file `broken`.
    private func configure(_ lab: Lab, _ policy: String) throws {
        let path = lab.directory + "/hook"
        try lab.write(
            """
            #!/bin/sh
            { echo "arguments $*"; env | sort; echo; } >>"\(lab.directory)/told-$KEYTURN_VERSION"
            test "$KEYTURN_VERSION" != 1 && test -e "\(lab.directory)/broken" || exit 0
            echo "the application does not answer"
            exit 3
            """, to: path)
        try #require(chmod(path, 0o700) == 0)
        try lab.configure(policy, extra: ["contoso-sms": "run: [[\"\(path)\", \"--acs\"]]"])
    }

    /// What each run of the hook for a version found in its environment.
    private func told(_ version: Int, _ lab: Lab) -> [[String]] {
        (lab.text(of: "\(lab.directory)/told-\(version)") ?? "").split(separator: "\n\n").map {
            $0.split(separator: "\n").map(String.init)
        }
    }

    @Test func `a command is told of each version once, with no secret`() async throws {
        try await Lab.with { lab in
            try configure(lab, Lab.fast)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 3)
                #expect(try await daemon.terminated() == .exited(0))
            }
            for (version, keyType) in [(1, "Primary"), (2, "Secondary"), (3, "Primary")] {
                let runs = told(version, lab)
                #expect(runs.count == 1, "version \(version)")
                let run = try #require(runs.first)
                #expect(run.first == "arguments --acs")
                let names = Set(run.dropFirst().compactMap { $0.split(separator: "=").first.map(String.init) })
                // sh(1) adds PWD and others by itself.
                let expected: Set = [
                    "KEYTURN_RESOURCE", "KEYTURN_KEY_TYPE", "KEYTURN_VERSION", "KEYTURN_SECRETS_DIRECTORY", "PATH",
                    "LANG",
                ]
                #expect(names.isSuperset(of: expected))
                #expect(names.subtracting(expected).isSubset(of: ["PWD", "OLDPWD", "SHLVL", "_"]), "\(names)")
                #expect(run.contains("KEYTURN_RESOURCE=contoso-sms"))
                #expect(run.contains("KEYTURN_KEY_TYPE=\(keyType)"))
                #expect(run.contains("KEYTURN_SECRETS_DIRECTORY=\(lab.secretsDirectory)/contoso-sms"))
            }
        }
    }

    @Test func `a command that fails is retried, blocks the next regenerate and undoes nothing`() async throws {
        try await Lab.with { lab in
            try configure(lab, Lab.fast)
            let broken = lab.directory + "/broken"
            try lab.write("", to: broken)
            try await lab.withDaemon { daemon in
                let failing = try await daemon.wait(for: "delivery of version 2 fails") {
                    $0.version == 2 && $0.reason == .deliveryFailed
                }
                #expect(failing.health == "degraded")
                #expect(failing.phase == "delivering")
                #expect(failing.detail?.contains("the application does not answer") == true, "\(failing)")
                #expect(lab.secret() == (try lab.connectionString(.secondary)))
                // As many retries as take longer than the policy's `every`.
                try await eventually("many retries") { (told(2, lab).count >= 10).asFound }
                #expect(try await daemon.resource().version == 2)
                #expect(try await daemon.rotate().reason == "under-way")
                try await daemon.killed()
            }
            let before = told(2, lab).count
            try await lab.withDaemon { daemon in
                try await eventually("a retry after the restart") { (told(2, lab).count > before).asFound }
                try await daemon.wait(for: "degraded after the restart") { $0.reason == .deliveryFailed }
                #expect(try lab.regenerates().count == 1)
                #expect(lab.secret() == (try lab.connectionString(.secondary)))
                try #require(unlink(broken) == 0)
                try await daemon.settled(version: 3)
                #expect(try await daemon.resource().health == "ok")
            }
        }
    }

    @Test func `a command that hangs holds up no other, and the history says how each ended`() async throws {
        try await Lab.with { lab in
            try configure(lab, Lab.manual)
            let hook = lab.directory + "/hook"
            try lab.configure(
                Lab.manual,
                extra: [
                    "contoso-sms": "run: [[\"\(hook)\", \"--acs\"], {command: [/bin/sleep, \"600\"], timeout: 2s}]"
                ])
            try await lab.withDaemon { daemon in
                try await eventually("the hook is run") { (!told(1, lab).isEmpty).asFound }
                #expect(try await daemon.resource().phase == "delivering", "the other one is still waited for")
                let failing = try await daemon.wait(for: "the other one fails") { $0.reason == .deliveryFailed }
                #expect(failing.detail == "/bin/sleep did not end within 2s and was stopped")
                let entries = try await daemon.client.history("contoso-sms", limit: 100)
                #expect(entries.last { $0.event == "delivered" }?.detail == "run:\(hook) --acs")
                #expect(
                    entries.last { $0.event == "failed" }?.detail == "/bin/sleep did not end within 2s and was stopped")
                try await daemon.killed()
            }
            // Who was told is on record: the kill changes nothing for it.
            try await lab.withDaemon { daemon in
                try await daemon.wait(for: "a retry fails") { $0.reason == .deliveryFailed }
                #expect(try await daemon.rotate().reason == "under-way")
                #expect(told(1, lab).count == 1)
                #expect(try lab.regenerates().isEmpty)
                try lab.configure(Lab.manual, extra: ["contoso-sms": "run: [[\"\(hook)\", \"--acs\"]]"])
                #expect(try await daemon.client.reload().accepted)
                try await daemon.settled(version: 1)
                #expect(told(1, lab).count == 1)
            }
        }
    }

    @Test func `a consumer that a reload added is told of the published version, once`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try configure(lab, Lab.manual)
                #expect(try await daemon.client.reload().accepted)
                try await eventually("told of version 1") { (!told(1, lab).isEmpty).asFound }
                // It may hold any older string, so a whole overlap is to pass first.
                try await eventually("a rotation that is allowed") {
                    (try await daemon.rotate().outcome == "accepted").asFound
                }
                try await daemon.settled(version: 2)
                #expect(told(1, lab).count == 1)
                #expect(told(2, lab).count == 1)
            }
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 2)
                #expect(told(2, lab).count == 1)
            }
        }
    }
}
