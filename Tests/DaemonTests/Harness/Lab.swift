import AcsEmulator
import Daemon
import FoundationEssentials
import Glibc
import Rotation
import Testing

/// One test's own Azure, directory and configuration.
struct Lab: Sendable {
    static let subscription = "00000000-0000-4000-8000-000000000001"
    /// The shortest that the configuration takes. A machine that is too slow for it does not make keys too old.
    static let fast =
        "{every: 1200ms, maxAge: 2h, overlap: 1s, settle: 1s, driftCheck: 1s, retry: [100ms, 200ms], "
        + "verify: {probes: 1, spacing: 0s, timeout: 10s}}"
    /// Rotations only when asked for.
    static let manual =
        "{every: 1h, overlap: 1s, settle: 1s, driftCheck: 1s, retry: [100ms, 200ms], mode: manual, "
        + "verify: {probes: 1, spacing: 0s, timeout: 10s}}"

    let emulator: RunningEmulator
    let directory: String
    let names: [String]

    var configurationPath: String { directory + "/keyturn.yaml" }
    var socketPath: String { directory + "/c.sock" }
    var stateDirectory: String { directory + "/state" }
    var ledgerPath: String { stateDirectory + "/ledger.sqlite" }
    var secretsDirectory: String { directory + "/secrets" }
    var client: ControlClient { ControlClient(socket: socketPath) }

    /// Runs `body` in a fresh lab, and looks for secrets in everything that is left outside the secrets directory.
    static func with(
        _ names: [String] = ["contoso-sms"], _ adjust: (inout EmulatorConfiguration) -> Void = { _ in },
        _ body: (Lab) async throws -> Void
    ) async throws {
        var configuration = EmulatorConfiguration(resources: try names.map(id))
        configuration.writeLimit = .init(capacity: 100_000, refillPerSecond: 1000)
        adjust(&configuration)
        try await Emulator.withRunning(configuration) { emulator in
            var template = Array("/tmp/keyturn-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw TestError("mkdtemp: errno \(errno)") }
            let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let lab = Lab(emulator: emulator, directory: directory, names: names)
            try await body(lab)
            try lab.expectNoLeak()
        }
    }

    static func id(_ name: String) throws -> EmulatedResourceID {
        try EmulatedResourceID("\(subscription)/lab/\(name)")
    }

    /// Writes a configuration with one policy, on line 8, for all resources, each with `extra` settings of its own.
    /// - Parameter listen: of `metrics:`.
    func configure(
        _ policy: String, resources: [String]? = nil, extra: [String: String] = [:], listen: String? = nil
    ) throws {
        var lines = [
            "azure:",
            "  cloud: {resourceManager: '\(emulator.origin)', login: '\(emulator.origin)',",
            "    audience: 'https://management.azure.com'}",
            "  credential: {kind: managed-identity}",
            "state: {directory: \(stateDirectory)}",
            "secrets: {directory: \(secretsDirectory)}",
            "control: {socket: \(socketPath)}",
            "policies: {only: \(policy)}",
        ]
        lines.append("resources:")
        for name in resources ?? names {
            let settings = extra[name].map { ", \($0)" } ?? ""
            lines.append(
                "  - {name: \(name), subscription: \(Self.subscription), resourceGroup: lab, policy: only\(settings)}")
        }
        if let listen { lines.append("metrics: {listen: '\(listen)'}") }
        try write(lines.joined(separator: "\n") + "\n", to: configurationPath)
    }

    func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    func text(of path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// What stands in a file of a resource's directory; nil when there is no such file.
    func secret(_ file: String = "connection-string", of name: String = "contoso-sms") -> String? {
        text(of: "\(secretsDirectory)/\(name)/\(file)")
    }

    func connectionString(_ keyType: EmulatedKeyType, of name: String = "contoso-sms") throws -> String? {
        emulator.connectionString(keyType, of: try Self.id(name))
    }

    func fingerprint(_ keyType: EmulatedKeyType, of name: String = "contoso-sms") throws -> String? {
        emulator.fingerprint(keyType, of: try Self.id(name))
    }

    /// Regenerates that changed a key, whoever asked for them, oldest first.
    func regenerates(of name: String = "contoso-sms") throws -> [EmulatorLogEntry] {
        let id = try Self.id(name).description
        return emulator.log().filter { $0.operation == .regenerateKey && $0.changedKeyType != nil && $0.resource == id }
    }
}

extension EmulatorLogEntry {
    var at: Instant {
        get throws {
            guard let instant = Instant(rfc3339: time) else { throw TestError("\(time) is no instant") }
            return instant
        }
    }
}
