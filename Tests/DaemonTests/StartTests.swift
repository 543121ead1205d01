import AcsEmulator
import Daemon
import FoundationEssentials
import Glibc
import Rotation
import SecretsDirectory
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct StartTests {
    /// Starts a daemon that is to end by itself.
    private func refusal(_ lab: Lab) async throws -> CommandResult {
        try await lab.keyturn("run")
    }

    @Test func `a bad configuration is refused with every place`() async throws {
        try await Lab.with { lab in
            try lab.configure("{every: 30x, overlop: 1s}")
            let result = try await refusal(lab)
            #expect(result.status == 78)
            let lines = result.errors.split(separator: "\n")
            #expect(lines.contains { $0.hasPrefix("\(lab.configurationPath):8:28: error: ") }, "\(result.errors)")
            #expect(
                lines.contains { $0.contains(":8:31: error: ") && $0.contains("did you mean 'overlap'?") },
                "\(result.errors)")
            let check = try await lab.keyturn("check")
            #expect(check.status == 78)
            // The same, each with the line itself.
            #expect(check.errors.split(separator: "\n").filter { !$0.hasPrefix(" ") } == lines)
            #expect(!FileManager.default.fileExists(atPath: lab.stateDirectory))
            try lab.configure(Lab.manual)
            #expect(try await lab.keyturn("check").output == "\(lab.configurationPath): good, 1 resource\n")
        }
    }

    /// As in `keyturn run --config keyturn.yaml`.
    @Test func `paths start at the file's directory also when it is named by a relative path`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            let up = FileManager.default.currentDirectoryPath.split(separator: "/").map { _ in "../" }.joined()
            let relative = up + lab.configurationPath.dropFirst()
            let loaded = try ConfigurationLoader(path: relative).load().get()
            #expect(loaded.secrets.path.hasPrefix("/"))
            try loaded.secrets.verify()
        }
    }

    @Test func `a configuration that is not there is named`() async throws {
        try await Lab.with { lab in
            let result = try await refusal(lab)
            #expect(result.status == 78)
            #expect(result.errors.contains("\(lab.configurationPath): error: cannot be read: No such file"))
        }
    }

    @Test func `a credential that systemd did not pass is named, and where it belongs`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            let credential =
                "{kind: client-secret, tenantId: \(Lab.subscription), clientId: \(Lab.subscription), "
                + "clientSecretCredential: keyturn.azure-client-secret}"
            let text = try #require(lab.text(of: lab.configurationPath))
            let parts = text.split(separator: "{kind: managed-identity}", omittingEmptySubsequences: false)
            try lab.write(parts.joined(separator: credential), to: lab.configurationPath)
            let directory = "\(lab.directory)/credentials"
            #expect(mkdir(directory, 0o700) == 0)
            let result = try await lab.keyturn("run", environment: ["CREDENTIALS_DIRECTORY": directory])
            #expect(result.status == 78)
            #expect(result.errors.contains("/etc/credstore/keyturn.azure-client-secret"), "\(result.errors)")
        }
    }

    @Test func `a secrets directory that others can write to is refused`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            #expect(mkdir(lab.secretsDirectory, 0o777) == 0)
            #expect(chmod(lab.secretsDirectory, 0o777) == 0)
            let result = try await refusal(lab)
            #expect(result.status == 78)
            #expect(result.errors.contains("\(lab.secretsDirectory): mode 0777 lets others write"), "\(result.errors)")
            #expect(lab.emulator.log().isEmpty)
        }
    }

    @Test func `a second daemon is refused and the first one goes on`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let result = try await refusal(lab)
                #expect(result.status == 75)
                #expect(result.errors.contains("process \(daemon.child.pid) (keyturn run)"), "\(result.errors)")
                #expect(try await daemon.status().daemon.pid == daemon.child.pid)
                try await daemon.rotate()
                try await daemon.settled(version: 2)
                #expect(try await daemon.terminated() == .exited(0))
            }
            try await lab.withDaemon { daemon in try await daemon.settled(version: 2) }
        }
    }

    @Test func `a newer ledger is refused and not touched`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                #expect(try await daemon.terminated() == .exited(0))
            }
            // user_version of the header: four bytes at offset 60, the highest first (sqlite.org/fileformat.html).
            var bytes = try Data(contentsOf: URL(filePath: lab.ledgerPath))
            try #require(bytes.count > 100)
            bytes[bytes.startIndex + 63] = 99
            try bytes.write(to: URL(filePath: lab.ledgerPath))
            let result = try await refusal(lab)
            #expect(result.status == 78)
            #expect(result.errors.contains("has schema version 99"), "\(result.errors)")
            #expect(try Data(contentsOf: URL(filePath: lab.ledgerPath)) == bytes)
            #expect(lab.secret() == (try lab.connectionString(.primary)))
        }
    }

    @Test func `a damaged ledger is set aside and nothing is regenerated for it`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            let before = try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await daemon.rotate()
                let resource = try await daemon.settled(version: 2)
                try await daemon.killed()
                return resource
            }
            for ending in ["-wal", "-shm"] { unlink(lab.ledgerPath + ending) }
            try lab.write(String(repeating: "no database at all. ", count: 1000), to: lab.ledgerPath)
            try await lab.withDaemon { daemon in
                let resource = try await daemon.settled(version: 2)
                #expect(resource.keyType == .secondary)
                #expect(resource.fingerprint == before.fingerprint)
                #expect(resource.publishedAt == before.publishedAt)
                #expect(daemon.log.contains("the ledger was damaged and set aside"))
                let names = try FileManager.default.contentsOfDirectory(atPath: lab.stateDirectory)
                #expect(names.contains { $0.hasPrefix("ledger.sqlite.corrupt-") }, "\(names)")
                // What consumers were told before is not known, so they get a whole overlap.
                #expect(try await daemon.rotate().reason == "overlap")
            }
            #expect(try lab.regenerates().count == 1)
        }
    }

    /// Starts a daemon whose system calls fail, and is to end by that: its exit status and what it says.
    private func refusal(_ lab: Lab, _ calls: String, _ error: String, at paths: [String]) async throws
        -> (status: ChildProcess.Ending, errors: String)
    {
        try lab.configure(Lab.manual)
        var options = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=\(calls)", "-e", "inject=\(calls):error=\(error)"]
        for path in paths { options += ["-P", path] }
        let child = try ChildProcess(
            "/usr/bin/strace", options + [Lab.program, "run", "--config", lab.configurationPath],
            environment: lab.environment(), input: "/dev/null", output: lab.directory + "/out",
            errors: lab.directory + "/err")
        do {
            let ending = try await child.waited()
            return (ending, lab.text(of: lab.directory + "/err") ?? "")
        } catch {
            await child.end()
            throw error
        }
    }

    private static let canFailCalls = access("/usr/bin/strace", X_OK) == 0

    @Test(.enabled(if: canFailCalls, "needs strace"), arguments: ["ENOSPC", "EIO"])
    func `a disk that is full or fails is waited for`(error: String) async throws {
        try await Lab.with { lab in
            let paths = [lab.ledgerPath, lab.ledgerPath + "-wal"]
            let result = try await refusal(lab, "pwrite64", error, at: paths)
            #expect(result.status == .exited(75), "\(result.errors)")
            #expect(result.errors.contains(lab.ledgerPath), "\(result.errors)")
            try await lab.withDaemon { daemon in try await daemon.settled(version: 1) }
        }
    }

    @Test func `a state directory that cannot be made is named`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try lab.write("", to: lab.stateDirectory)
            let result = try await refusal(lab)
            #expect(result.status == 78)
            let sentence = "\(lab.stateDirectory): the directory cannot be made: Not a directory\n"
            #expect(result.errors.hasSuffix(sentence), "\(result.errors)")
        }
    }

    @Test(
        .enabled(if: canFailCalls, "needs strace"), arguments: ["bind", "?chmod,?fchmodat"],
        [("EIO", Int32(75)), ("EACCES", 78)])
    func `a control socket that fails is named`(calls: String, error: (name: String, status: Int32)) async throws {
        try await Lab.with { lab in
            let result = try await refusal(lab, calls, error.name, at: calls == "bind" ? [] : [lab.socketPath])
            #expect(result.status == .exited(error.status), "\(result.errors)")
            #expect(result.errors.contains("\(lab.socketPath): the "), "\(result.errors)")
        }
    }

    @Test(
        .enabled(if: canFailCalls, "needs strace"),
        arguments: [
            ("EROFS", Int32(78), "ReadWritePaths="), ("EACCES", 78, "the user that runs keyturn"), ("EIO", 75, ""),
        ])
    func `a secrets directory that cannot be written is named before a key turns`(
        error: (name: String, status: Int32, advice: String)
    ) async throws {
        try await Lab.with { lab in
            let calls = "?access,?faccessat,?faccessat2"
            let result = try await refusal(lab, calls, error.name, at: [lab.secretsDirectory])
            #expect(result.status == .exited(error.status), "\(result.errors)")
            #expect(
                result.errors.contains("\(lab.secretsDirectory): nothing can be written there: "), "\(result.errors)")
            #expect(result.errors.contains(error.advice), "\(result.errors)")
        }
    }

    @Test func `a socket that was left behind does not matter`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                try await daemon.killed()
            }
            #expect(access(lab.socketPath, F_OK) == 0)
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                #expect(try await daemon.status().daemon.pid == daemon.child.pid)
                let attributes = try FileManager.default.attributesOfItem(atPath: lab.socketPath)
                #expect(attributes[.posixPermissions] as? Int == 0o660)
            }
        }
    }

    @Test func `a restart is no reason to rotate`() async throws {
        try await Lab.with { lab in
            try lab.configure("{every: 1h, overlap: 1s, settle: 1s, verify: {probes: 1, spacing: 0s}}")
            var first: StatusReport.Resource?
            for _ in 0..<3 {
                try await lab.withDaemon { daemon in
                    let resource = try await daemon.settled(version: 1)
                    first = first ?? resource
                    #expect(resource.next == first?.next)
                    #expect(resource.version == 1)
                }
            }
            #expect(try lab.regenerates().isEmpty)
        }
    }
}
