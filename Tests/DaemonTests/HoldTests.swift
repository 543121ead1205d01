import AcsEmulator
import Daemon
import FoundationEssentials
import Rotation
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct HoldTests {
    private func file(_ lab: Lab) -> String { "\(lab.secretsDirectory)/contoso-sms/connection-string" }

    @Test func `one resource that is forbidden does not hold up the others`() async throws {
        let names = ["contoso-a", "contoso-b", "contoso-c"]
        try await Lab.with(names) { lab in
            try lab.configure(Lab.fast)
            try lab.emulator.setFaults([
                EmulatorFault(.forbidden, resource: "contoso-b", operation: .regenerateKey)
            ])
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 3, of: "contoso-a")
                try await daemon.settled(version: 3, of: "contoso-c")
                let refused = try await daemon.wait(for: "degraded", of: "contoso-b") { $0.health == "degraded" }
                #expect(refused.reason == .forbidden)
                let detail = try #require(refused.detail)
                #expect(
                    detail.lowercased().contains("microsoft.communication/communicationservices/regeneratekey/action"))
                #expect(detail.contains(try Lab.id("contoso-b").description), "\(detail)")
                #expect(refused.version == 1)
                #expect(lab.secret(of: "contoso-b") == (try lab.connectionString(.primary, of: "contoso-b")))
                #expect(try lab.regenerates(of: "contoso-b").isEmpty)
                try lab.emulator.setFaults([])
                let recovered = try await daemon.settled(version: 2, of: "contoso-b")
                #expect(recovered.health == "ok")
            }
        }
    }

    @Test func `a connection string that is none is held and not published`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try lab.emulator.setFaults([EmulatorFault(.malformedConnectionString)])
            try await lab.withDaemon { daemon in
                let held = try await daemon.wait(for: "held") { $0.health == "held" }
                #expect(held.reason == .badConnectionString)
                #expect(held.phase == "held")
                #expect(held.version == nil)
                try await daemon.isReady()
                #expect(lab.secret() == nil)
                #expect(try await lab.keyturn("status").output.contains("bad-connection-string"))
                #expect(try await daemon.rotate().reason == "unpublished")
                try lab.emulator.setFaults([])
                let resume = try await lab.keyturn("resume", "contoso-sms")
                #expect(resume.status == 0)
                #expect(resume.output == "contoso-sms: resumed\n")
                try await daemon.settled(version: 1)
                #expect(lab.secret() == (try lab.connectionString(.primary)))
            }
        }
    }

    @Test func `the wrong key changed: held, but the published string works`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try lab.emulator.setFaults([EmulatorFault(.wrongKeyType, count: 1)])
                try await daemon.rotate()
                let held = try await daemon.wait(for: "held and mended") { $0.health == "held" && $0.phase == "held" }
                #expect(held.reason == .wrongKeyTypeChanged)
                #expect(held.keyType == .primary)
                #expect(held.version == 2)
                #expect(lab.secret() == (try lab.connectionString(.primary)))
                #expect(try await ReadingConsumer.status(ofCallWith: file(lab)) == 200)
                #expect(try await daemon.rotate().reason == "held")
            }
            // A hold outlives the daemon.
            try await lab.withDaemon { daemon in
                let held = try await daemon.wait(for: "still held") { $0.health == "held" }
                #expect(held.reason == .wrongKeyTypeChanged)
                #expect(try await lab.keyturn("resume", "contoso-sms").status == 0)
                // The rotation that was asked for never was one; it goes on.
                let rotated = try await daemon.settled(version: 3)
                #expect(rotated.health == "ok")
                #expect(rotated.keyType == .secondary)
            }
            #expect(try lab.regenerates().map(\.changedKeyType) == [.primary, .secondary])
        }
    }

    @Test func `success without change is held`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try lab.emulator.setFaults([EmulatorFault(.noChange)])
                try await daemon.rotate()
                let held = try await daemon.wait(for: "held") { $0.health == "held" }
                #expect(held.reason == .regenerateWithoutChange)
                #expect(held.version == 1)
                #expect(lab.secret() == (try lab.connectionString(.primary)))
                #expect(lab.emulator.log().filter { $0.operation == .regenerateKey }.count == 1)
            }
        }
    }

    @Test func `a key that the data plane goes on refusing is held`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual.replacing("timeout: 10s", with: "timeout: 1s"))
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try lab.emulator.setFaults([EmulatorFault(.propagationDelay, 3_600_000, count: 1)])
                try await daemon.rotate()
                let held = try await daemon.wait(for: "held") { $0.health == "held" }
                #expect(held.reason == .keyDenied)
                #expect(held.keyType == .primary)
                #expect(lab.secret() == (try lab.connectionString(.primary)))
                #expect(try await ReadingConsumer.status(ofCallWith: file(lab)) == 200)
            }
            #expect(try lab.regenerates().count == 1)
        }
    }

    @Test func `a key is published only when the data plane knows it`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual.replacing("timeout: 10s", with: "timeout: 2min"))
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                // Long enough to be seen on a slow machine.
                try lab.emulator.setFaults([EmulatorFault(.propagationDelay, 5000, count: 1)])
                try await daemon.rotate()
                try await daemon.wait(for: "verifying") { $0.phase == "verifying" }
                #expect(lab.secret() == (try lab.connectionString(.primary)))
                try await daemon.settled(version: 2)
                #expect(try await ReadingConsumer.status(ofCallWith: file(lab)) == 200)
                #expect(lab.secret("previous-connection-string") == (try lab.connectionString(.primary)))
            }
        }
    }
}
