import ArgumentParser
import Daemon
import Glibc
import Rotation
import RotationEngine

struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rotate resources now, through the daemon and under its laws.",
        discussion: """
            Regenerates the key type that is not published, verifies it, publishes it and tells the consumers, just as a \
            scheduled rotation does. Refused (75) while the previous connection string is promised to work.

            With --compromised both keys are rotated, one after the other, so that neither of today's values lives on; \
            what is left of a promise is shortened to ten minutes, and so is the time between the two.
            """)

    @OptionGroup var control: ControlOptions
    @Argument(help: "The resources' names.") var names: [String]
    @Flag(help: "Say what would be done and whether it is allowed now; change nothing.") var whatIf = false
    @Flag(help: "Wait until consumers have been told, and show the progress.") var wait = false
    @Flag(help: "The keys are known to others: rotate both. Asks for the resource's name first.") var compromised =
        false
    @Option(help: "Why, for the history; needed with --compromised.") var reason: String?
    @Flag(help: "With --compromised: do not ask.") var yes = false

    func validate() throws {
        guard !names.isEmpty else { throw ValidationError("Name at least one resource.") }
        guard compromised == (reason != nil) else {
            throw ValidationError("--compromised and --reason go together: the history says why both keys had to go.")
        }
        guard compromised || !yes else { throw ValidationError("--yes is for --compromised; nothing else asks.") }
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
        if compromised, !whatIf, !yes { try confirm(name) }
        let command = ControlAPI.Command(actor: invokingUser(), whatIf: whatIf, compromised: reason)
        let answer = try await asking { try await client.command("rotate", resource: name, command) }
        try check(answer, name)
        let keyType = answer.keyType.map { "\($0)" } ?? "the other key"
        let again = compromised ? ", then the same with the other key ten minutes later" : ""
        if whatIf {
            print("\(name): would regenerate \(keyType), verify it, publish it and tell the consumers\(again)")
        } else if wait {
            print("\(name): regenerating \(keyType)\(again)")
            try await follow(name, from: before, client)
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

    /// Nobody regenerates both keys by a slip of the finger.
    private func confirm(_ name: String) throws {
        guard isatty(STDIN_FILENO) == 1 else {
            printError("keyturn: --compromised asks for the name on a terminal; without one it takes --yes")
            throw ExitStatus.usage
        }
        print(
            "Both keys of \(name) will be regenerated; what still uses today's stops working. Type its name to go on:")
        guard readLine() == name else {
            printError("keyturn: \(name): not confirmed, nothing was begun")
            throw ExitStatus.usage
        }
    }

    /// Prints each change until the new version is delivered; with compromised keys, until the second one is, which is of
    /// the same key type as the first.
    private func follow(_ name: String, from before: StatusReport.Resource?, _ client: ControlClient) async throws {
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
            let isNew = (resource.version ?? 0) > before?.version ?? 0
            let published = isNew && (!compromised || resource.keyType == before?.keyType)
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
