import AcsEmulator
import Daemon
import FoundationEssentials
import Glibc
import Testing

/// What systemd makes of a start that fails: a restart that cannot help is not made.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ExitStatusTests {
    /// A setting of the `[Service]` section of the unit that is installed.
    private func unit(_ setting: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = String(
            decoding: try Data(contentsOf: root.appending(path: "deploy/usr/lib/systemd/system/keyturn.service")),
            as: UTF8.self)
        let line = try #require(text.split(separator: "\n").last { $0.hasPrefix(setting + "=") }, "\(setting)")
        return String(line.dropFirst(setting.count + 1))
    }

    @Test func `systemd retries what may pass and nothing else`() async throws {
        let prevented = Set(try unit("RestartPreventExitStatus").split(separator: " ").compactMap { Int32($0) })
        #expect(try unit("Restart") == "on-failure")
        #expect(prevented.contains(StartFailure.configuration))
        #expect(!prevented.contains(StartFailure.temporary))
        // A bug (EX_SOFTWARE) may not come again.
        #expect(!prevented.contains(70))
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            let usage = try await lab.keyturn("run", "--no-such-option")
            #expect(prevented.contains(usage.status))
        }
    }

    @Test func `a start that fails says in its status what to do`() async throws {
        try await Lab.with { lab in
            try lab.configure("{every: 30x, overlop: 1s}")
            let listener = try NotifyListener(lab)
            let result = try await lab.keyturn("run", environment: ["NOTIFY_SOCKET": listener.path])
            #expect(result.status == StartFailure.configuration)
            let status = try #require(listener.value(of: "STATUS"))
            #expect(status.hasPrefix("not started: \(lab.configurationPath):8:28: error: "), "\(status)")
            #expect(status.contains(" more, see the journal)") && status.contains("'keyturn check'"), "\(status)")
            #expect(!listener.fields.contains("READY=1"))
        }
    }

    @Test func `a start that waits for another command asks for time and says so once`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try lab.emulator.setFaults([EmulatorFault(.latency, 5000, operation: .regenerateKey)])
            #expect(mkdir(lab.stateDirectory, 0o751) == 0)
            let listener = try NotifyListener(lab)
            let command = try ChildProcess(
                Lab.program,
                [
                    "regenerate", "--id", try Lab.id("contoso-sms").description, "--key-type", "Secondary", "--yes",
                    "--config", lab.configurationPath,
                ],
                environment: lab.environment(), input: "/dev/null",
                output: "\(lab.directory)/regenerated\(Lab.secretSuffix)", errors: "\(lab.directory)/errors")
            try await eventually("the command's regenerate") {
                lab.emulator.log().contains { $0.operation == .listKeys }.asFound
            }
            try await lab.withDaemon(environment: ["NOTIFY_SOCKET": listener.path]) { daemon in
                try await eventually("the wait in the status") {
                    listener.fields.contains { $0.hasPrefix("STATUS=waiting for 'keyturn regenerate'") }.asFound
                }
                #expect(listener.fields.contains("EXTEND_TIMEOUT_USEC=30000000"))
                #expect(try await command.waited() == .exited(0))
                try await daemon.settled(version: 1)
                let lines = daemon.log.split(separator: "\n").filter { $0.contains("waiting for another") }
                #expect(lines.count == 1, "\(lines)")
            }
        }
    }
}
