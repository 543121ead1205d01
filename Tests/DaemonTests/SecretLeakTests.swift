import AcsEmulator
import Daemon
import FoundationEssentials
import Glibc
import Rotation
import Testing

/// Every lab is searched for secrets at its end (`Lab.expectNoLeak`); this one gives them more chances to get out.
@Suite(.serialized, .timeLimit(.minutes(15))) struct SecretLeakTests {
    @Test func `no secret is anywhere but in the secrets directory`() async throws {
        try await Lab.with { lab in
            try configure(lab)
            try lab.emulator.setFaults([
                EmulatorFault(.lostReply, operation: .regenerateKey, count: 1),
                EmulatorFault(.serverErrorAfter, operation: .listKeys, count: 1),
                EmulatorFault(.propagationDelay, 300, count: 1),
                EmulatorFault(.clockSkew, 1000, operation: .dataPlane, count: 1),
            ])
            let listener = try NotifyListener(lab)
            try await lab.withDaemon(
                ["--log-level", "debug"], environment: ["NOTIFY_SOCKET": listener.path]
            ) { daemon in
                try await daemon.wait(for: "a failing hook") { $0.version == 2 && $0.reason == .deliveryFailed }
                for command in [
                    ["status"], ["history"], ["status", "--format", "json"], ["history", "--format", "json"],
                ] {
                    #expect(try await lab.keyturn(command).status == 0)
                }
                #expect(try await lab.keyturn("history").output.contains("delivery-failed"))
                for file in ["environ", "cmdline"] {
                    let bytes = try Data(contentsOf: URL(filePath: "/proc/\(daemon.child.pid)/\(file)"))
                    try bytes.write(to: URL(filePath: "\(lab.directory)/\(file)"))
                }
                #expect(listener.fields.contains { $0.hasPrefix("STATUS=") })
                #expect(daemon.log.contains(" debug "))
                #expect(daemon.log.contains("consumer output"))
                // Killed, so that what SQLite keeps in its log stays there.
                try await daemon.killed()
            }
            #expect(FileManager.default.fileExists(atPath: lab.ledgerPath + "-wal"))
            #expect(lab.emulator.secretsEverMade.count >= 5)
            try lab.expectNoLeak()
            let published = try #require(lab.secret())
            #expect(lab.emulator.secretsEverMade.contains { published.contains($0) })
        }
    }

    /// A client secret in a file, and a hook that prints what it should not, and fails from the second version on.
    private func configure(_ lab: Lab) throws {
        let hook = lab.directory + "/hook"
        try lab.write(
            """
            #!/bin/sh
            echo "connecting with $(cat "$KEYTURN_SECRETS_DIRECTORY/connection-string")"
            cat "$KEYTURN_SECRETS_DIRECTORY/access-key"
            echo
            echo "key:'$(cat "$KEYTURN_SECRETS_DIRECTORY/access-key")'" >&2
            test "$KEYTURN_VERSION" = 1
            """, to: hook)
        try #require(chmod(hook, 0o700) == 0)
        try lab.configure(Lab.fast, extra: ["contoso-sms": "run: [[\"\(hook)\"]]"])
        let secret = lab.directory + "/client" + Lab.secretSuffix
        try lab.write(lab.emulator.clientSecret + "\n", to: secret)
        try #require(chmod(secret, 0o600) == 0)
        let text = try #require(lab.text(of: lab.configurationPath))
        let credential =
            "{kind: client-secret, tenantId: \(lab.emulator.tenantID), clientId: \(lab.emulator.clientID), "
            + "clientSecretFile: \(secret)}"
        try lab.write(text.replacing("{kind: managed-identity}", with: credential), to: lab.configurationPath)
    }

    @Test func `the search for secrets finds one`() async throws {
        try await Lab.with { lab in
            let key = try #require(lab.emulator.key(.primary, of: try Lab.id("contoso-sms")))
            let path = lab.directory + "/a-log"
            try Data([0, 0] + Array("cut short: \(key.prefix(30))".utf8)).write(to: URL(filePath: path))
            withKnownIssue { try lab.expectNoLeak() }
            try #require(unlink(path) == 0)
        }
    }
}
