import AcsEmulator
import Daemon
import Glibc
import Rotation
import Testing

/// A running `keyturn run`.
struct DaemonProcess: Sendable {
    let lab: Lab
    let child: ChildProcess
    let logPath: String

    var client: ControlClient { lab.client }
    /// Everything it has written to standard error.
    var log: String { lab.text(of: logPath) ?? "" }

    func status() async throws -> StatusReport {
        try await client.status()
    }

    func resource(_ name: String = "contoso-sms") async throws -> StatusReport.Resource {
        guard let resource = try await client.resource(name) else { throw TestError("\(name) is not in the status") }
        return resource
    }

    /// The daemon says that it is ready.
    func isReady() async throws {
        try await eventually("ready") {
            if let ending = child.ended { throw TestError("the daemon ended: \(ending)") }
            return log.contains(" ready\n").asFound
        }
    }

    /// The resource as soon as it satisfies the condition; a daemon that is not listening yet is waited for.
    @discardableResult
    func wait(
        for what: String, of name: String = "contoso-sms", within limit: Duration = .seconds(180),
        _ condition: (StatusReport.Resource) -> Bool
    ) async throws -> StatusReport.Resource {
        var last: StatusReport.Resource?
        return try await eventually("\(name): \(what); it is \(String(describing: last))", within: limit) {
            if let ending = child.ended { throw TestError("the daemon ended: \(ending)") }
            last = try? await client.resource(name)
            return last.flatMap { condition($0) ? $0 : nil }
        }
    }

    /// Waits until the version is published and consumers were told.
    @discardableResult
    func settled(version: Int, of name: String = "contoso-sms") async throws -> StatusReport.Resource {
        try await wait(for: "version \(version), settled", of: name) { resource in
            resource.phase == "settled" && (resource.version ?? 0) >= version
        }
    }

    /// Asks for a rotation, as `keyturn rotate` does; the answer's outcome.
    @discardableResult
    func rotate(_ name: String = "contoso-sms") async throws -> ControlAPI.Answer {
        try await client.command("rotate", resource: name, ControlAPI.Command(actor: "the test"))
    }

    /// SIGTERM; how it ended.
    func terminated() async throws -> ChildProcess.Ending {
        child.signal(SIGTERM)
        return try await child.waited()
    }

    /// SIGKILL, as a power cut would.
    func killed() async throws {
        child.signal(SIGKILL)
        _ = try await child.waited()
    }
}

extension Lab {
    /// Starts a daemon that is ended, at the latest, with `body`.
    @discardableResult
    func withDaemon<Result>(
        _ arguments: [String] = [], environment more: [String: String] = [:],
        _ body: (DaemonProcess) async throws -> Result
    ) async throws -> Result {
        try await withDaemon(
            program: Self.program, ["run", "--config", configurationPath] + arguments, environment: more, body)
    }

    @discardableResult
    func withDaemon<Result>(
        program: String, _ arguments: [String], environment more: [String: String] = [:],
        _ body: (DaemonProcess) async throws -> Result
    ) async throws -> Result {
        let logPath = "\(directory)/daemon-\(UInt32.random(in: 0 ... .max)).log"
        let child = try ChildProcess(
            program, arguments, environment: environment(more), input: "/dev/null", output: logPath, errors: logPath)
        let daemon = DaemonProcess(lab: self, child: child, logPath: logPath)
        do {
            let result = try await body(daemon)
            await child.end()
            return result
        } catch {
            await child.end()
            Issue.record("\(error)\n\(daemon.log.suffix(6000))")
            throw error
        }
    }
}
