import AcsEmulator
import Daemon
import FoundationEssentials
import Rotation
import Testing

/// Discovered resources that come back, also from elsewhere, while what was published for them is to be removed.
@Suite(.serialized, .timeLimit(.minutes(15))) struct DiscoveryComebackTests {
    private func configure(_ lab: Lab) throws {
        try lab.configure(Lab.manual, resources: [])
        let text = try #require(lab.text(of: lab.configurationPath))
        let rule = "{subscription: \(Lab.subscription), prune: true, policy: only}"
        try lab.write(text + "discover:\n  - \(rule)\n", to: lab.configurationPath)
    }

    private func reload(_ daemon: DaemonProcess) async throws {
        #expect(try await daemon.client.reload().accepted)
    }

    @Test(arguments: [true, false])
    func `made anew after it went in the middle of a rotation, its new key is published`(
        isPruned: Bool
    ) async throws {
        try await Lab.with { lab in
            try configure(lab)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                // The new key does not work before the resource is gone.
                try lab.emulator.setFaults([EmulatorFault(.propagationDelay, 600_000)])
                try await daemon.rotate()
                try await daemon.wait(for: "a key to be verified") { $0.phase == "verifying" }
                lab.emulator.remove(try Lab.id("contoso-sms"))
                try await reload(daemon)
                try await eventually("it gone; \(daemon.log)") {
                    (try await daemon.client.resource("contoso-sms") == nil).asFound
                }
                if isPruned {
                    try await eventually("the directory gone; \(daemon.log)") {
                        (!FileManager.default.fileExists(atPath: "\(lab.secretsDirectory)/contoso-sms")).asFound
                    }
                }
                try lab.emulator.setFaults([])
                lab.emulator.put(try Lab.id("contoso-sms"))
                try await reload(daemon)
                try await eventually("a key of the new one published; \(daemon.log)") {
                    let keys = try [EmulatedKeyType.primary, .secondary].map { try lab.connectionString($0) }
                    return (lab.secret().map(keys.contains) == true).asFound
                }
                try await daemon.wait(for: "it well") { $0.health == "ok" && $0.phase == "settled" }
            }
            #expect(try lab.regenerates().count <= 1)
        }
    }

    @Test func `moved to another group it goes on under its name, and its files are never gone`() async throws {
        try await Lab.with { lab in
            try configure(lab)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let moved = try EmulatedResourceID("\(Lab.subscription)/other/contoso-sms")
                lab.emulator.put(moved)
                lab.emulator.remove(try Lab.id("contoso-sms"))
                try await reload(daemon)
                try await daemon.wait(for: "the other one published") {
                    $0.id.contains("/other/") && $0.phase == "settled" && $0.version != nil
                }
                #expect(lab.secret() != nil)
                #expect(!daemon.log.contains("the published files of a vanished resource were removed"))
                #expect(try await daemon.client.discovered().count == 1)
            }
        }
    }
}
