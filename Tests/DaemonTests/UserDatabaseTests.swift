import Glibc
import KeyturnConfig
import Rotation
import SecretsDirectory
import Testing

@testable import Daemon

/// Configurations are made by a reload and by discovery at the same time.
@Suite struct UserDatabaseTests {
    private static func configuration(group: String, owner: String) throws -> Configuration {
        let id = "{subscription: 00000000-0000-0000-0000-000000000001, resourceGroup: lab, policy: monthly"
        let text = """
            secrets: {group: \(group)}
            policies: {monthly: {every: 30d}}
            resources:
              - name: contoso-sms
                subscription: 00000000-0000-0000-0000-000000000001
                resourceGroup: lab
                policy: monthly
                files: [{name: app.conf, template: x, owner: \(owner)}]
            discover:
              - \(id), files: [{name: app.conf, template: x, owner: \(owner), group: \(group)}]}
            """
        let surroundings = ConfigurationSurroundings(
            now: Instant(unixSeconds: 1_800_000_000), zone: { _ in .known(.utc) }, zoneNames: { [] })
        let result = Configuration.parse([.init(path: "k.yaml", bytes: Array(text.utf8))], in: surroundings)
        return try #require(result.configuration, "\(result.diagnostics)")
    }

    @Test func `each gets its own users and groups`() async throws {
        let whom: [(name: String, id: UInt32)] = [("root", 0), ("daemon", 1), ("bin", 2), ("sys", 3)]
        try await withThrowingTaskGroup(of: Int.self) { group in
            for (name, id) in whom {
                let configuration = try Self.configuration(group: name, owner: name)
                group.addTask {
                    var wrong = 0
                    for _ in 0..<500 {
                        var errors: [String] = []
                        let loaded = LoadedConfiguration(configuration, warnings: [], path: "k.yaml", errors: &errors)
                        let layout = try #require(loaded.layouts["contoso-sms"])
                        if layout.group != id || layout.files.map(\.owner) != [id] || !errors.isEmpty { wrong += 1 }
                    }
                    return wrong
                }
            }
            for try await wrong in group { #expect(wrong == 0) }
        }
    }

    @Test func `what is discovered later finds users and groups as they were when the files were read`() throws {
        let configuration = try Self.configuration(group: "root", owner: "root")
        var errors: [String] = []
        var resolved = ResolvedFiles(configuration, path: "k.yaml", errors: &errors)
        #expect(errors.isEmpty && resolved.group == 0)
        // As if they had got others since then.
        resolved.group = 4242
        for file in resolved.files.keys { resolved.files[file]?.owner = 4243 }
        let loaded = LoadedConfiguration(configuration, warnings: [], path: "k.yaml", resolved)
        let id = try ResourceID(
            subscription: "00000000-0000-0000-0000-000000000001", resourceGroup: "lab", name: "contoso-mail")
        let (whole, refusals) = loaded.enrolling([DiscoveredResource(id: id, tags: [:], since: .distantPast)])
        #expect(refusals.isEmpty)
        for name in ["contoso-sms", "contoso-mail"] {
            let layout = try #require(whole.layouts[name])
            #expect(layout.group == 4242 && layout.files.map(\.owner) == [4243])
        }
    }

    @Test func `numbers are taken as they are, and what there is not is not found`() {
        #expect(UserDatabase.userID("4242") == 4242 && UserDatabase.groupID("4242") == 4242)
        #expect(UserDatabase.userID("no such user") == nil && UserDatabase.groupID("no such group") == nil)
        #expect(UserDatabase.userID("root") == 0 && UserDatabase.groupID("root") == 0)
    }
}
