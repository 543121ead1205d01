import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOHTTP1
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct CommandTests {
    /// Runs `body` with a fresh directory.
    private func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let path = FileManager.default.temporaryDirectory.path + "/acs-emulator-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        do {
            let result = try await body(path)
            try FileManager.default.removeItem(atPath: path)
            return result
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    @Test(arguments: [
        (["--listen", "0.0.0.0:1"], "loopback only"), (["--listen", "127.0.0.1"], "HOST:PORT"),
        (["--listen", "127.0.0.1:70000"], "HOST:PORT"), (["--resource", "x"], "no resource"),
        (["--resources", "10001"], "from 0 to 10000"), (["--fault", "lag"], "no fault"),
        (["--fault", "noChange,resource=x"], "no resource 'x'"), (["--token-lifetime", "0"], "86400"),
        (["--ca-file", "x"], "needs --tls"), (["--client-id", "a b"], "--client-id"),
        (["--write-bucket", "0"], "--write-bucket"), (["--page-size", "0"], "--page-size"),
        (["--operation-time", "-1"], "--operation-time"),
        (["--log-format", "xml"], "--log-format"),
    ])
    func `serve refuses what makes no sense`(arguments: [String], reason: String) throws {
        let error = try #require(throws: (any Error).self) { try EmulatorCommand.parseAsRoot(arguments) }
        let message = EmulatorCommand.fullMessage(for: error)
        #expect(message.contains(reason), "\(message)")
        #expect(EmulatorCommand.exitCode(for: error) == .validationFailure)
    }

    @Test func `serve is the default and makes a configuration`() throws {
        let id = "00000000-0000-0000-0000-000000000001/g/a"
        let arguments = [
            "--resource", id, "--resources", "2", "--tls", "--fault", "latency=3,resource=a", "--listen",
            "localhost:8090",
        ]
        let command = try #require(try EmulatorCommand.parseAsRoot(arguments) as? ServeCommand)
        let configuration = try command.makeConfiguration(secret: "s")
        #expect(configuration.resources.map(\.name) == ["a", "load-00001", "load-00002"])
        #expect(configuration.faults == [EmulatorFault(.latency, 3, resource: "a")])
        #expect(configuration.port == 8090)
        #expect(configuration.tls)
        let plain = try #require(try EmulatorCommand.parseAsRoot([]) as? ServeCommand)
        #expect(try plain.makeConfiguration(secret: "s").resources.map(\.name) == ["contoso-sms"])
    }

    @Test func `help names every fault and every control`() {
        let help = EmulatorCommand.helpMessage(for: ServeCommand.self, columns: 200)
        for name in EmulatorFaultName.allCases { #expect(help.contains("  \(name.rawValue)")) }
        for path in ["/_emulator/faults", "/_emulator/regenerate", "/_emulator/log"] { #expect(help.contains(path)) }
    }

    @Test(arguments: [[], ["--file", "x", "--every", "5"], ["--file", "x", "--seconds", "0"]])
    func `consume refuses what makes no sense`(arguments: [String]) {
        #expect(throws: (any Error).self) { try EmulatorCommand.parseAsRoot(["consume"] + arguments) }
    }

    @Test(arguments: [("50ms", Duration.milliseconds(50)), ("2s", .seconds(2)), ("1m", .seconds(60))])
    func `durations have units`(text: String, duration: Duration) {
        #expect(PaceArgument(argument: text)?.duration == duration)
    }

    @Test func `the ready file tells where everything is`() async throws {
        try await withDirectory { directory in
            try await EmulatorClient.with { client in
                let path = directory + "/ready.json"
                try AtomicFile.write(JSONText.bytes(ReadyFile(client.emulator)), to: path, mode: 0o644)
                let ready = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: URL(filePath: path)))
                #expect(
                    ready.keys == ["port", "resourceManager", "login", "imds", "resources", "tenantId", "clientId"])
                #expect(
                    ready["resources"].elements.first?.keys == [
                        "id", "endpoint", "subscription", "resourceGroup", "name",
                    ])
                #expect(ready["resourceManager"].text == client.emulator.origin)
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["ready.json"])
            }
        }
    }

    @Test func `a port that is taken is told`() async throws {
        try await EmulatorClient.with { client in
            var configuration = EmulatorConfiguration(resources: EmulatorClient.resources)
            configuration.port = client.emulator.port
            let error = try await #require(throws: Emulator.CannotStart.self) {
                try await Emulator.withRunning(configuration) { _ in }
            }
            #expect(error.description.contains("port \(client.emulator.port)"))
        }
    }

    @Test func `a client secret file is read without its newline`() async throws {
        try await withDirectory { directory in
            let path = directory + "/secret"
            try AtomicFile.write(Array("s3cret\r\n".utf8), to: path, mode: 0o600)
            #expect(try ClientSecretFile.read(path) == "s3cret")
            try AtomicFile.write(Array("\n".utf8), to: path, mode: 0o600)
            #expect(throws: ValidationError.self) { try ClientSecretFile.read(path) }
            #expect(throws: ValidationError.self) { try ClientSecretFile.read(path + "x") }
            #expect(throws: AtomicFile.Problem.self) { try AtomicFile.write([], to: directory + "/a/b", mode: 0o600) }
        }
    }

    @Test func `a consumer counts calls, refusals, unreadable files and changes`() async throws {
        let id = EmulatorClient.resources[0]
        try await withDirectory { directory in
            try await EmulatorClient.with { client in
                let path = directory + "/connection-string"
                func publish(_ text: String) throws {
                    try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644)
                }
                let tally = ConsumerTally(quiet: true)
                let consumer = try Consumer(every: .milliseconds(1), authorityFile: nil, tally: tally)
                let old = client.emulator.connectionString(.primary, of: id) ?? ""
                try publish(old)
                try await withThrowingTaskGroup { group in
                    group.addTask { await consumer.consume(path) }
                    func wait(_ condition: (ConsumerSummary) -> Bool) async throws {
                        for _ in 0..<24_000 {
                            if condition(tally.summary) { return }
                            try await Task.sleep(for: .milliseconds(5))
                        }
                        try #require(condition(tally.summary), "\(tally.summary)")
                    }
                    try await wait { $0.calls >= 3 }
                    #expect(tally.summary.refused == 0)
                    try publish(client.emulator.connectionString(.secondary, of: id) ?? "")
                    try await wait { $0.changes == 1 && $0.keys == 2 }
                    #expect(tally.summary.unreadable == 0)
                    try publish(String(old.dropLast(8)))
                    try await wait { $0.unreadable >= 2 }
                    #expect(tally.summary.refused == 0)
                    client.emulator.regenerateFromOutside(.primary, of: id)
                    try publish(old)
                    try await wait { $0.refused >= 2 && $0.changes == 2 }
                    try client.emulator.setFaults([EmulatorFault(.lostReply, operation: .dataPlane)])
                    try publish(client.emulator.connectionString(.primary, of: id) ?? "")
                    try await wait { $0.otherErrors >= 2 && $0.keys == 3 }
                    group.cancelAll()
                }
                try await consumer.shutdown()
            }
        }
    }
}
