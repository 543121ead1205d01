import ArgumentParser
import Daemon
import Rotation
import RotationEngine

struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rotate resources now, through the daemon and under its laws.",
        discussion: """
            Regenerates the key type that is not published, verifies it, publishes it and tells the consumers, just as a \
            scheduled rotation does. Refused (75) while the previous connection string is promised to work.
            """)

    @OptionGroup var control: ControlOptions
    @Argument(help: "The resources' names.") var names: [String]
    @Flag(help: "Say what would be done and whether it is allowed now; change nothing.") var whatIf = false
    @Flag(help: "Wait until consumers have been told, and show the progress.") var wait = false

    func validate() throws {
        guard !names.isEmpty else { throw ValidationError("Name at least one resource.") }
    }

    func run() async throws {
        let client = control.client()
        var worst: ExitCode?
        for name in names {
            do {
                try await rotate(name, client)
            } catch let code as ExitCode {
                worst = worst ?? code
            }
        }
        if let worst { throw worst }
    }

    private func rotate(_ name: String, _ client: ControlClient) async throws {
        let before = try await asking { try await client.resource(name) }
        let command = ControlAPI.Command(actor: invokingUser(), whatIf: whatIf)
        let answer = try await asking { try await client.command("rotate", resource: name, command) }
        try check(answer, name)
        let keyType = answer.keyType.map { "\($0)" } ?? "the other key"
        if whatIf {
            print("\(name): would regenerate \(keyType), verify it, publish it and tell the consumers")
        } else if wait {
            print("\(name): regenerating \(keyType)")
            try await follow(name, from: before?.version ?? 0, client)
        } else {
            print("\(name): rotation of \(keyType) begun; 'keyturn status \(name)' shows its progress")
        }
    }

    private func check(_ answer: ControlAPI.Answer, _ name: String) throws {
        switch answer.outcome {
        case "accepted": return
        case "not-found":
            printError("keyturn: \(name): \(answer.detail ?? "not found")")
            throw ExitStatus.usage
        default:
            printError("keyturn: \(name): \(answer.outcome): \(answer.detail ?? answer.reason ?? "no reason given")")
            throw ExitStatus.temporary
        }
    }

    /// Prints each change until the new version is delivered.
    private func follow(_ name: String, from version: Int, _ client: ControlClient) async throws {
        var last = ""
        while true {
            guard let resource = try await asking({ try await client.resource(name) }) else {
                printError("keyturn: \(name): left the configuration meanwhile")
                throw ExitStatus.failure
            }
            if resource.health == "held" {
                printError("keyturn: \(name): held: \(resource.detail ?? resource.reason?.rawValue ?? "")")
                throw ExitStatus.temporary
            }
            let published = (resource.version ?? 0) > version
            if published, resource.phase == "settled", let keyType = resource.keyType {
                print("\(name): \(keyType) published as version \(resource.version ?? 0) and delivered")
                return
            }
            let trouble = resource.reason.map { " (\($0.rawValue): \(resource.detail ?? "being retried"))" } ?? ""
            let line = "\(name): \(resource.phase)\(trouble)"
            if line != last { print(line) }
            last = line
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
