import AcsEmulator
import Daemon
import FoundationEssentials
import Rotation
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct RegenerateTests {
    private static let spare = "contoso-spare"

    /// A lab with a resource that the configuration does not name.
    private func withSpare(_ body: (Lab, _ id: String) async throws -> Void) async throws {
        try await Lab.with(["contoso-sms", Self.spare]) { lab in
            try lab.configure(Lab.manual, resources: ["contoso-sms"])
            try await body(lab, try Lab.id(Self.spare).description)
        }
    }

    @Test func `the new key and its connection string are printed as Azure names them`() async throws {
        try await withSpare { lab, id in
            let result = try await lab.keyturn(
                "regenerate", "--id", id, "--key-type", "secondary", "--yes", printsKeys: true)
            #expect(result.status == 0, "\(result.errors)")
            let json = try JSON(result.output)
            #expect(json.keys == ["id", "keyType", "secondaryKey", "secondaryConnectionString"])
            #expect(json["id"]?.text == id)
            #expect(json["keyType"]?.text == "Secondary")
            #expect(json["secondaryConnectionString"]?.text == (try lab.connectionString(.secondary, of: Self.spare)))
            #expect(json["secondaryKey"]?.text == lab.emulator.key(.secondary, of: try Lab.id(Self.spare)))
            #expect(try lab.regenerates(of: Self.spare).map(\.keyType) == [.secondary])
        }
    }

    @Test func `a resource may be named in every way`() async throws {
        try await withSpare { lab, id in
            let name = ["--name", Self.spare, "--resource-group", "lab"]
            let subscription = ["--subscription", Lab.subscription]
            let body = #"{"keyType":"Primary","id":"\#(id)"}"#
            let runs: [(arguments: [String], input: String?, environment: [String: String])] = [
                (name + subscription + ["--key-type", "Primary"], nil, [:]),
                (name + ["--key-type", "PRIMARY"], nil, ["AZURE_SUBSCRIPTION_ID": Lab.subscription]),
                (["--id", id, "--parameter", #"{"keyType":"Primary"}"#], nil, [:]),
                (["--parameter", body], nil, [:]), (["--parameter", "-"], body + "\n", [:]),
                (["--parameter", "@\(lab.directory)/request.json"], nil, [:]),
            ]
            try Data(body.utf8).write(to: URL(filePath: "\(lab.directory)/request.json"))
            for (count, run) in runs.enumerated() {
                let result = try await lab.keyturn(
                    ["regenerate", "--yes"] + run.arguments, input: run.input, printsKeys: true,
                    environment: run.environment)
                #expect(result.status == 0, "\(run.arguments): \(result.errors)")
                #expect(
                    try JSON(result.output)["primaryConnectionString"]?.text
                        == (try lab.connectionString(.primary, of: Self.spare)))
                #expect(try lab.regenerates(of: Self.spare).count == count + 1)
            }
        }
    }

    @Test(arguments: [
        (["--key-type", "Primary"], "--id"), (["--id", "ID"], "Which key"),
        (["--id", "ID", "--key-type", "Tertiary"], "Tertiary"),
        (["--id", "ID", "--name", "x", "--key-type", "Primary"], "not by both"),
        (["--name", "x", "--resource-group", "lab", "--key-type", "Primary"], "AZURE_SUBSCRIPTION_ID"),
        (["--id", "ID", "--parameter", "{"], "JSON"),
        (["--id", "ID", "--parameter", #"{"keytype":"Primary"}"#], "keytype"),
        (["--id", "/subscriptions/x", "--key-type", "Primary"], "resource"),
        (["--id", "ID", "--key-type", "Primary", "--yes", "--confirm"], "contradict"),
        (["--parameter", "@/nowhere/request.json"], "the file /nowhere/request.json cannot be read"),
        (["--id", "-", "--parameter", "-"], "Only one of"),
    ])
    func `a naming that makes no sense is refused`(_ arguments: [String], reason: String) async throws {
        try await withSpare { lab, id in
            let result = try await lab.keyturn(["regenerate"] + arguments.map { $0 == "ID" ? id : $0 })
            #expect(result.status == 64)
            #expect(result.errors.contains(reason), "\(result.errors)")
            #expect(lab.emulator.log().isEmpty)
        }
    }

    @Test func `without --yes and without a terminal nothing is done`() async throws {
        try await withSpare { lab, id in
            let result = try await lab.keyturn("regenerate", "--id", id, "--key-type", "Primary")
            #expect(result.status == 64)
            #expect(result.errors.contains("--yes"))
            let whatIf = try await lab.keyturn("regenerate", "--id", id, "--key-type", "Primary", "--what-if")
            #expect(whatIf.status == 0)
            #expect(whatIf.output.contains("would regenerate the Primary key of \(id)"))
            #expect(whatIf.output.contains(try #require(try lab.fingerprint(.primary, of: Self.spare))))
            #expect(!lab.emulator.log().contains { $0.operation == .regenerateKey })
        }
    }

    @Test func `a table and an environment file`() async throws {
        try await withSpare { lab, id in
            let table = try await lab.keyturn(
                "regenerate", "--id", id, "--key-type", "Primary", "--yes", "--format", "table", printsKeys: true)
            #expect(table.output.contains("KEY TYPE"))
            #expect(table.output.contains(try #require(try lab.connectionString(.primary, of: Self.spare))))
            let env = try await lab.keyturn(
                "regenerate", "--id", id, "--key-type", "Primary", "--yes", "--format", "env", printsKeys: true)
            let connectionString = try #require(try lab.connectionString(.primary, of: Self.spare))
            #expect(env.output == "AZURE_COMMUNICATION_CONNECTION_STRING=\"\(connectionString)\"\n")
        }
    }

    @Test func `what a running daemon manages is refused, anything else is not`() async throws {
        try await withSpare { lab, id in
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let managed = try Lab.id("contoso-sms").description
                let refused = try await lab.keyturn(
                    "regenerate", "--id", managed.uppercased(), "--key-type", "Secondary", "--yes")
                #expect(refused.status == 75)
                #expect(refused.errors.contains("use: keyturn rotate contoso-sms"), "\(refused.errors)")
                let other = try await lab.keyturn(
                    "regenerate", "--id", id, "--key-type", "Secondary", "--yes", printsKeys: true)
                #expect(other.status == 0, "\(other.errors)")
            }
            #expect(try lab.regenerates().isEmpty)
            #expect(try lab.regenerates(of: Self.spare).count == 1)
        }
    }

    @Test func `without the daemon its laws hold all the same`() async throws {
        try await withSpare { lab, _ in
            let id = try Lab.id("contoso-sms").description
            try await lab.withDaemon { try await $0.settled(version: 1) }
            let current = try await lab.keyturn("regenerate", "--id", id, "--key-type", "Primary", "--yes")
            #expect(current.status == 75)
            #expect(current.errors.contains("regenerate Secondary"), "\(current.errors)")
            #expect(try lab.regenerates().isEmpty)
            let other = try await lab.keyturn(
                "regenerate", "--id", id, "--key-type", "Secondary", "--yes", printsKeys: true)
            #expect(other.status == 0, "\(other.errors)")
            try await lab.withDaemon { daemon in
                let resource = try await daemon.wait(for: "the other key's new value") { $0.previousGoodUntil != nil }
                #expect(resource.keyType == .primary)
                #expect(resource.health == "ok")
                try await daemon.settled(version: 2)
                #expect(lab.secret("previous-connection-string") == (try lab.connectionString(.secondary)))
            }
        }
    }

    @Test func `the overlap is kept without the daemon`() async throws {
        try await withSpare { lab, _ in
            try lab.configure(Lab.manual.replacing("overlap: 1s", with: "overlap: 10min"), resources: ["contoso-sms"])
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await daemon.rotate()
                try await daemon.settled(version: 2)
            }
            let id = try Lab.id("contoso-sms").description
            let result = try await lab.keyturn("regenerate", "--id", id, "--key-type", "Primary", "--yes")
            #expect(result.status == 75)
            #expect(result.errors.contains("promised to work until"), "\(result.errors)")
            #expect(try lab.regenerates().count == 1)
        }
    }

    @Test func `without what is on record nothing is regenerated, and a damaged ledger stays where it is`() async throws
    {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                #expect(try await daemon.terminated() == .exited(0))
            }
            let ledger = lab.directory + "/state/ledger.sqlite"
            let damaged = Data("this is no database, however long it may be\n".utf8)
            try damaged.write(to: URL(filePath: ledger))
            let result = try await lab.keyturn(
                "regenerate", "--id", try Lab.id("contoso-sms").description, "--key-type", "secondary", "--yes")
            #expect(result.status == 78, "\(result.errors)")
            #expect(result.errors.contains("nothing is regenerated"))
            #expect(try lab.regenerates().isEmpty)
            #expect(try Data(contentsOf: URL(filePath: ledger)) == damaged)
        }
    }

    @Test func `what is on record counts also when the configuration names it otherwise since`() async throws {
        try await withSpare { lab, _ in
            try lab.configure(Lab.manual.replacing("overlap: 1s", with: "overlap: 10min"), resources: ["contoso-sms"])
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await daemon.rotate()
                try await daemon.settled(version: 2)
            }
            let id = try Lab.id("contoso-sms").description
            let named = "name: contoso-sms, subscription: \(Lab.subscription), resourceGroup: lab"
            let text = try #require(lab.text(of: lab.configurationPath))
            #expect(text.contains(named))
            try lab.write(text.replacing(named, with: "name: contoso-new, id: '\(id)'"), to: lab.configurationPath)
            let result = try await lab.keyturn("regenerate", "--id", id, "--key-type", "Primary", "--yes")
            #expect(result.status == 75)
            #expect(result.errors.contains("contoso-new: ") && result.errors.contains("promised to work until"))
            #expect(try lab.regenerates().count == 1)
        }
    }

    @Test func `the ids of several on standard input are done one after the other`() async throws {
        try await Lab.with(["contoso-a", "contoso-b", "contoso-c"]) { lab in
            try lab.configure(Lab.manual, resources: ["contoso-a"])
            try lab.emulator.setFaults([EmulatorFault(.forbidden, resource: "contoso-b", operation: .regenerateKey)])
            let ids = try ["contoso-a", "contoso-b", "contoso-c"].map { try Lab.id($0).description }
            let result = try await lab.keyturn(
                ["regenerate", "--id", "-", "--key-type", "Secondary", "--yes"],
                input: "# all of them\n\n" + ids.joined(separator: "\r\n"), printsKeys: true)
            // Of the one that failed.
            #expect(result.status == 77)
            #expect(result.errors.contains("keyturn: contoso-b: forbidden: "), "\(result.errors)")
            #expect(result.errors.hasSuffix("keyturn: 2 of 3 regenerated\n"))
            let lines = result.output.split(separator: "\n")
            #expect(try lines.map { try JSON(String($0))["id"]?.text } == [ids[0], ids[2]])
            #expect(
                try lines.map { try JSON(String($0))["secondaryConnectionString"]?.text }
                    == ["contoso-a", "contoso-c"].map { try lab.connectionString(.secondary, of: $0) })
            let table = try await lab.keyturn(
                ["regenerate", "--id", "-", "--key-type", "Primary", "--yes", "--format", "table"],
                input: "\(ids[2])\n", printsKeys: true)
            #expect(table.output.hasPrefix("RESOURCE "))
            #expect(table.output.contains("\ncontoso-c "))
        }
    }

    @Test(arguments: [
        ("ID\n# again\nid\n", "line 3: ID is in line 1 already"), ("ID\n/subscriptions/x\n", "line 2"),
        ("\n# none\n", "no resource id on standard input"), ("", "no resource id on standard input"),
    ])
    func `nothing is done when one of several makes no sense`(_ input: String, reason: String) async throws {
        try await withSpare { lab, id in
            let result = try await lab.keyturn(
                ["regenerate", "--id", "-", "--key-type", "Primary", "--yes"],
                input: input.replacing("ID", with: id).replacing("id\n", with: id.uppercased() + "\n"))
            #expect(result.status == 64)
            let said = result.errors.lowercased().replacing(id.lowercased(), with: "id")
            #expect(said.contains(reason.lowercased()), "\(result.errors)")
            #expect(lab.emulator.log().isEmpty)
        }
    }

    @Test func `--debug shows requests and answers without what is secret in them`() async throws {
        try await withSpare { lab, id in
            let result = try await lab.keyturn(
                "regenerate", "--id", id, "--key-type", "Primary", "--yes", "--debug", printsKeys: true)
            #expect(result.status == 0)
            let shown = result.errors.split(separator: "\n")
            #expect(shown.contains { $0.hasPrefix("> POST http") && $0.contains("\(id)/regenerateKey?api-version=") })
            #expect(shown.contains(#"> {"keyType":"Primary"}"#))
            #expect(shown.contains { $0.lowercased() == "> authorization: bearer <secret>" })
            #expect(shown.contains(#"< {"primaryConnectionString":"<secret>","primaryKey":"<secret>"}"#))
            #expect(shown.contains { $0.hasPrefix("< 200 after ") })
            for keyType in [EmulatedKeyType.primary, .secondary] {
                let key = try #require(lab.emulator.key(keyType, of: try Lab.id(Self.spare)))
                #expect(!result.errors.contains(key))
            }
            // Whatever is long is an id of something.
            let runs = result.errors.split { !$0.isLetter && !$0.isNumber && !"+/=".contains($0) }
            #expect(runs.filter { $0.count > 60 && !$0.contains("subscriptions") } == [])
        }
    }

    @Test func `a lost answer is looked for, nothing is sent twice`() async throws {
        try await withSpare { lab, id in
            try lab.emulator.setFaults([EmulatorFault(.lostReply, operation: .regenerateKey, count: 1)])
            let result = try await lab.keyturn(
                "regenerate", "--id", id, "--key-type", "Primary", "--yes", "--debug", printsKeys: true)
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.errors.contains("looking whether it was done"))
            #expect(
                try JSON(result.output)["primaryConnectionString"]?.text
                    == (try lab.connectionString(.primary, of: Self.spare)))
            #expect(try lab.regenerates(of: Self.spare).count == 1)
        }
    }

    @Test func `a refusal of Azure's has its own exit status`() async throws {
        try await withSpare { lab, id in
            try lab.emulator.setFaults([EmulatorFault(.forbidden, operation: .regenerateKey)])
            let result = try await lab.keyturn("regenerate", "--id", id, "--key-type", "Primary", "--yes")
            #expect(result.status == 77)
            #expect(result.errors.contains("forbidden"))
            #expect(result.output.isEmpty)
        }
    }
}
