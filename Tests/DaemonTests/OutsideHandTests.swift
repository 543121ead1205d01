import AcsEmulator
import Daemon
import FoundationEssentials
import Glibc
import Rotation
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct OutsideHandTests {
    @Test func `a published key that another hand regenerated is published anew`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                lab.emulator.regenerateFromOutside(.primary, of: try Lab.id("contoso-sms"))
                let resource = try await daemon.settled(version: 2)
                #expect(resource.keyType == .primary)
                #expect(resource.health == "ok")
                #expect(lab.secret() == (try lab.connectionString(.primary)))
                let history = try await daemon.client.history("contoso-sms", limit: 100)
                #expect(history.contains { $0.event == "current-key-changed" && $0.keyType == "Primary" })
            }
            #expect(try lab.regenerates().isEmpty)
        }
    }

    @Test func `a pause does not keep consumers on a dead key`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                #expect(try await lab.keyturn("pause", "contoso-sms").output == "contoso-sms: paused\n")
                lab.emulator.regenerateFromOutside(.primary, of: try Lab.id("contoso-sms"))
                let resource = try await daemon.settled(version: 2)
                #expect(resource.health == "paused")
                #expect(lab.secret() == (try lab.connectionString(.primary)))
            }
        }
    }

    @Test func `another hand on the other key begins the overlap anew`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual.replacing("overlap: 1s", with: "overlap: 10min"))
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await daemon.rotate()
                let before = try await daemon.settled(version: 2)
                #expect(lab.secret("previous-connection-string") == (try lab.connectionString(.primary)))
                lab.emulator.regenerateFromOutside(.primary, of: try Lab.id("contoso-sms"))
                let after = try await daemon.settled(version: 3)
                #expect(after.keyType == .secondary)
                #expect(after.publishedAt == before.publishedAt)
                #expect(try #require(after.previousGoodUntil) > #require(before.previousGoodUntil))
                #expect(lab.secret() == (try lab.connectionString(.secondary)))
                #expect(lab.secret("previous-connection-string") == (try lab.connectionString(.primary)))
                #expect(try await daemon.rotate().reason == "overlap")
            }
        }
    }

    @Test func `both keys regenerated while the daemon was down`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await daemon.killed()
            }
            for keyType in EmulatedKeyType.allCases {
                lab.emulator.regenerateFromOutside(keyType, of: try Lab.id("contoso-sms"))
            }
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 2)
                #expect(lab.secret() == (try lab.connectionString(.primary)))
            }
            #expect(try lab.regenerates().isEmpty)
        }
    }

    enum Tampering: String, CaseIterable {
        case overwritten, emptied, deleted, directoryDeleted, switchedAway, opened, extraLink

        func happen(in directory: String) throws {
            let link = directory + "/..data"
            switch self {
            case .overwritten: try Data("endpoint=x".utf8).write(to: URL(filePath: directory + "/connection-string"))
            case .emptied: try #require(truncate(directory + "/connection-string", 0) == 0)
            case .deleted: try #require(unlink(directory + "/connection-string") == 0)
            case .directoryDeleted: try FileManager.default.removeItem(atPath: directory)
            case .switchedAway:
                try #require(unlink(link) == 0)
                try #require(symlink("..nowhere", link) == 0)
            case .opened: try #require(chmod(directory + "/connection-string", 0o666) == 0)
            case .extraLink:
                try #require(unlink(directory + "/connection-string") == 0)
                try #require(symlink("/etc/hostname", directory + "/connection-string") == 0)
            }
        }
    }

    @Test(arguments: Tampering.allCases, [true, false])
    func `files that were tampered with are put right`(_ tampering: Tampering, running: Bool) async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            let directory = lab.secretsDirectory + "/contoso-sms"
            let first = try await lab.withDaemon { daemon in
                let first = try await daemon.settled(version: 1)
                if running {
                    try tampering.happen(in: directory)
                    try await expectRight(daemon, lab, first, directory)
                }
                return first
            }
            if !running {
                try tampering.happen(in: directory)
                try await lab.withDaemon { try await expectRight($0, lab, first, directory) }
            }
            #expect(try lab.regenerates().isEmpty)
        }
    }

    private func expectRight(
        _ daemon: DaemonProcess, _ lab: Lab, _ first: StatusReport.Resource, _ directory: String
    ) async throws {
        let resource = try await daemon.settled(version: 2)
        #expect(resource.fingerprint == first.fingerprint)
        #expect(resource.publishedAt == first.publishedAt)
        #expect(resource.keyType == .primary)
        #expect(lab.secret() == (try lab.connectionString(.primary)))
        let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/..data/connection-string")
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        let history = try await daemon.client.history("contoso-sms", limit: 100)
        #expect(history.contains { $0.event == "secrets-tampered" })
    }
}
