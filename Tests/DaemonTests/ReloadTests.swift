import AcsEmulator
import Daemon
import FoundationEssentials
import Glibc
import Rotation
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct ReloadTests {
    @Test func `a bad file is refused with its place, and the old configuration stays`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let before = try await daemon.status().daemon.configuration
                try lab.configure(Lab.manual.replacing("settle: 1s", with: "setle: 1s"))
                let refused = try await lab.keyturn("reload", "--socket", lab.socketPath)
                #expect(refused.status == 78)
                #expect(refused.errors.contains("\(lab.configurationPath):8:"))
                #expect(refused.errors.contains("settle"), "\(refused.errors)")
                let configuration = try await daemon.status().daemon.configuration
                #expect(configuration.error?.contains("setle") == true)
                #expect(configuration.loadedAt == before.loadedAt)
                #expect(try await lab.keyturn("status", "--socket", lab.socketPath).output.contains("setle"))
                #expect(try await daemon.rotate().outcome == "accepted")
                try await daemon.settled(version: 2)

                try lab.configure(Lab.manual)
                let accepted = try await lab.keyturn("reload")
                #expect(accepted.status == 0)
                let after = try await daemon.status().daemon.configuration
                #expect(after.error == nil)
                #expect(after.loadedAt > before.loadedAt)
            }
        }
    }

    @Test func `a line about a resource is part of its story`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                try lab.configure(Lab.manual, extra: ["contoso-sms": "reload: [contoso/sms.service]"])
                #expect(try await !daemon.client.reload().accepted)
                let line = daemon.log.split(separator: "\n").first { $0.contains("configuration refused") }
                #expect(line?.contains("  contoso-sms  configuration refused") == true, "\(daemon.log)")
            }
        }
    }

    @Test func `SIGHUP does the same`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try lab.configure("{every: soon}")
                daemon.child.signal(SIGHUP)
                try await eventually("the refusal in the status") {
                    try await daemon.status().daemon.configuration.error
                }
                #expect(daemon.log.contains("\(lab.configurationPath):8:"))
                try lab.configure("{every: 2h, overlap: 1s, settle: 1s, verify: off}")
                daemon.child.signal(SIGHUP)
                try await daemon.wait(for: "the new policy") { $0.next != nil }
                #expect(try await daemon.status().daemon.configuration.error == nil)
                let resource = try await daemon.resource()
                #expect(resource.next?.at == resource.publishedAt.map { $0 + .seconds(7200) })
            }
            #expect(try lab.regenerates().isEmpty)
        }
    }

    @Test func `resources come and go`() async throws {
        try await Lab.with(["contoso-a", "contoso-b"]) { lab in
            try lab.configure(Lab.manual, resources: ["contoso-a"])
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1, of: "contoso-a")
                #expect(lab.secret(of: "contoso-b") == nil)
                try lab.configure(Lab.manual)
                #expect(try await daemon.client.reload().accepted)
                try await daemon.settled(version: 1, of: "contoso-b")
                try await daemon.rotate("contoso-b")
                try await daemon.settled(version: 2, of: "contoso-b")

                try lab.configure(Lab.manual, resources: ["contoso-a"])
                #expect(try await daemon.client.reload().accepted)
                try await eventually("contoso-b gone") {
                    (try await daemon.client.resource("contoso-b") == nil).asFound
                }
                #expect(try await daemon.rotate("contoso-b").outcome == "not-found")

                // Back again it is what it was: its ledger row and its files were kept.
                try lab.configure(Lab.manual)
                #expect(try await daemon.client.reload().accepted)
                let back = try await daemon.settled(version: 2, of: "contoso-b")
                #expect(back.keyType == .secondary)
                #expect(back.regenerations == 1)
            }
            #expect(try lab.regenerates(of: "contoso-b").count == 1)
            #expect(try lab.regenerates(of: "contoso-a").isEmpty)
        }
    }

    @Test(arguments: ["state.directory", "secrets.directory", "control.socket", "azure"])
    func `what takes a restart is refused`(setting: String) async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                let text = try #require(lab.text(of: lab.configurationPath))
                let changes = [
                    "state.directory": (lab.stateDirectory, "\(lab.directory)/elsewhere"),
                    "secrets.directory": (
                        "directory: \(lab.secretsDirectory)", "directory: \(lab.directory)/elsewhere"
                    ),
                    "control.socket": (lab.socketPath, "\(lab.directory)/d.sock"),
                    "azure": ("https://management.azure.com", "https://management.example.com"),
                ]
                let (old, new) = try #require(changes[setting])
                try lab.write(text.replacing(old, with: new), to: lab.configurationPath)
                let result = try await lab.keyturn("reload", "--socket", lab.socketPath)
                #expect(result.status == 78)
                #expect(result.errors.contains("\(setting) changed, which takes a restart"), "\(result.errors)")
                #expect(try await daemon.resource().health == "ok")
                #expect(!FileManager.default.fileExists(atPath: "\(lab.directory)/elsewhere"))
            }
        }
    }

    @Test func `a name that stands for another Azure resource is adopted anew`() async throws {
        try await Lab.with(["contoso-a", "contoso-b"]) { lab in
            try lab.configure(Lab.manual, resources: ["contoso-a"])
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1, of: "contoso-a")
                try await daemon.rotate("contoso-a")
                try await daemon.settled(version: 2, of: "contoso-a")
                let named = "subscription: \(Lab.subscription), resourceGroup: lab"
                let text = try #require(lab.text(of: lab.configurationPath))
                try lab.write(
                    text.replacing(named, with: "id: \(try Lab.id("contoso-b"))"), to: lab.configurationPath)
                #expect(try await daemon.client.reload().accepted)
                let other = try await daemon.settled(version: 3, of: "contoso-a")
                #expect(other.id == (try Lab.id("contoso-b").description))
                #expect(other.regenerations == 0)
                // Consumers held the Secondary key, so it is that key type that they go on with.
                #expect(lab.secret(of: "contoso-a") == (try lab.connectionString(.secondary, of: "contoso-b")))
            }
            #expect(try lab.regenerates(of: "contoso-b").isEmpty)
        }
    }

    @Test func `a changed file template is written at once, without a rotation`() async throws {
        try await Lab.with { lab in
            let file = #"files: [{name: app.ini, mode: "0600", template: "type = {{keyType}}"}]"#
            let policy = Lab.manual.replacing("driftCheck: 1s", with: "driftCheck: 1h")
            try lab.configure(policy, extra: ["contoso-sms": file])
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                #expect(lab.secret("app.ini") == "type = Primary")
                let changed = file.replacing("type =", with: "key-type =")
                try lab.configure(policy, extra: ["contoso-sms": changed])
                #expect(try await daemon.client.reload().accepted)
                try await eventually("the new template's text") {
                    (lab.secret("app.ini") == "key-type = Primary").asFound
                }
            }
            #expect(try lab.regenerates().isEmpty)
        }
    }
}
