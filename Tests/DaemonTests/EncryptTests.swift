import Daemon
import Glibc
import Rotation
import Testing

@Suite(.timeLimit(.minutes(15))) struct EncryptTests {
    /// What it does before it comes to systemd-creds, which would make a key for this machine.
    @Test func `nothing is encrypted that should not be`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            #expect(try await lab.keyturn("encrypt", "contoso-sms").status == 64, "there is no 'encrypt'")
            try lab.configure(Lab.manual, extra: ["contoso-sms": "encrypt: {credential: acs, key: host}"])
            #expect(try await lab.keyturn("encrypt", "contoso-mail").status == 64)
            let early = try await lab.keyturn("encrypt", "contoso-sms")
            #expect(early.status == 75)
            #expect(early.errors.hasSuffix("keyturn: contoso-sms: nothing is published yet\n"), "\(early.errors)")
            try #require(chmod(lab.configurationPath, 0o666) == 0)
            let foreign = try await lab.keyturn("encrypt", "contoso-sms")
            #expect(foreign.status == 70)
            #expect(foreign.errors.contains("can be written by others than its owner; nothing was encrypted"))
        }
    }

    @Test func `nobody is told before the credential is made`() async throws {
        try await Lab.with { lab in
            let told = lab.directory + "/told"
            try lab.configure(
                Lab.manual,
                extra: ["contoso-sms": "encrypt: {credential: acs}, run: [[/usr/bin/touch, \(told)]]"])
            // There is no such bus.
            let bus = ["DBUS_SYSTEM_BUS_ADDRESS": "unix:path=\(lab.directory)/no-bus"]
            try await lab.withDaemon(environment: bus) { daemon in
                let failing = try await daemon.wait(for: "delivery fails") { $0.reason == .deliveryFailed }
                let detail = failing.detail ?? ""
                #expect(detail.hasPrefix("keyturn-encrypt@contoso-sms.service: restart could not be asked for: "))
                #expect(detail.hasSuffix("; run:/usr/bin/touch \(told) waits for encrypt:auto:acs"))
                #expect(lab.text(of: told) == nil)
                #expect(lab.secret() != nil, "the files are there")
                try lab.configure(Lab.manual, extra: ["contoso-sms": "run: [[/usr/bin/touch, \(told)]]"])
                #expect(try await daemon.client.reload().accepted)
                try await daemon.settled(version: 1)
                #expect(lab.text(of: told) == "")
            }
        }
    }
}
