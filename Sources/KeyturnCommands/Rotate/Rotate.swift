import ArgumentParser
import Daemon
import Glibc
import Rotation

struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rotate resources now, through the daemon and under its laws.",
        discussion: """
            Regenerates the key type that is not published, verifies it, publishes it and tells the consumers, just as a \
            scheduled rotation does. Refused (75) while the previous connection string is promised to work.

            With --compromised both keys are rotated, one after the other, so that neither of today's values lives on; \
            what is left of a promise is shortened to ten minutes, and so is the time between the two.

            With --all, a few at a time are asked for and awaited, at the pace that Azure's limits leave; after five \
            failures in a row no more are begun. Ctrl-C ends the asking: what was begun goes on.
            """)

    @OptionGroup var control: ControlOptions
    @OptionGroup var selection: Selection
    @Flag(help: "Say what would be done and whether it is allowed now; change nothing.") var whatIf = false
    @Flag(help: "Wait until consumers have been told, and show each step; --all always does.") var wait = false
    @Flag(help: "The keys are known to others: rotate both. Asks for the resource's name first.") var compromised =
        false
    @Option(help: "Why, for the history; needed with --compromised.") var reason: String?
    @Option(
        help: ArgumentHelp(
            "With --all: begin no more after so many failures in a row; 0: go on whatever fails.", valueName: "n"))
    var stopAfter = 5
    @Flag(name: [.short, .long], help: "With --compromised or --all: do not ask.") var yes = false

    func validate() throws {
        guard !compromised || reason.map({ !$0.allSatisfy(\.isWhitespace) }) ?? false else {
            throw ValidationError("--compromised needs --reason: the history says why both keys had to go.")
        }
        guard compromised || selection.all || !yes else {
            throw ValidationError("--yes is for --compromised and --all; nothing else asks.")
        }
        guard stopAfter >= 0 else { throw ValidationError("--stop-after takes 0 or more.") }
    }

    /// The request for one resource.
    var command: ControlAPI.Command {
        ControlAPI.Command(
            actor: invokingUser(), whatIf: whatIf, compromised: compromised ? reason : nil,
            reason: compromised ? nil : reason)
    }

    func run() async throws {
        let client = control.client()
        let names = try await selection.resolved(client)
        if selection.all, !whatIf {
            if !yes { try confirmAll(names.count) }
            return try await RotationOfMany(
                client: client, command: command, stopAfter: stopAfter, names: names, terminal: .output
            ).run()
        }
        var worst: ExitCode?
        for name in names {
            do {
                try await rotate(name, client)
            } catch let code as ExitCode {
                worst = worst ?? code
                if code == ExitStatus.unavailable { break }
            }
        }
        if let worst { throw worst }
    }

    private func rotate(_ name: String, _ client: ControlClient) async throws {
        let before = try await asking { try await client.resource(name) }
        if compromised, !whatIf, !yes, before != nil { try confirm(name) }
        let follower = try await asking { try await RotationProgress(name, before, client, isDouble: compromised) }
        let answer = try await asking { try await client.command("rotate", resource: name, command) }
        try Self.check(answer, name)
        let keyType = answer.keyType.map { "\($0)" } ?? "the other key"
        let again = compromised ? ", then the same with the other key ten minutes later" : ""
        if whatIf {
            print("\(name): would regenerate \(keyType), verify it, publish it and tell the consumers\(again)")
        } else if wait {
            StandardOutput.write("\(name): regenerating \(keyType)\(again)\n")
            try await follower.follow(.output)
        } else {
            print("\(name): rotation of \(keyType) begun; 'keyturn status \(name)' shows its progress")
        }
    }

    private static func check(_ answer: ControlAPI.Answer, _ name: String) throws {
        switch answer.outcome {
        case "accepted": return
        case "not-found", "invalid":
            printError("keyturn: \(name): \(answer.detail ?? answer.outcome)")
            throw ExitStatus.usage
        default:
            printError("keyturn: \(name): \(answer.outcome): \(answer.detail ?? answer.reason ?? "no reason given")")
            throw ExitStatus.temporary
        }
    }

    /// Nobody regenerates both keys by a slip of the finger.
    private func confirm(_ name: String) throws {
        try requireTerminal("--compromised asks for the name")
        StandardOutput.write(
            "Both keys of \(name) will be regenerated; what still uses today's stops working. Type its name to go on: ")
        guard readLine() == name else {
            printError("keyturn: \(name): not confirmed, nothing was begun")
            throw ExitStatus.usage
        }
    }

    private func confirmAll(_ count: Int) throws {
        try requireTerminal("--all asks first")
        let which = selection.policy.map { " of the policy \($0)" } ?? ""
        let many = "\(count) \(count == 1 ? "resource" : "resources")\(which)"
        if compromised {
            let word = selection.policy ?? "all"
            StandardOutput.write(
                "Both keys of \(many) will be regenerated; what still uses today's stops working. Type '\(word)' to go on: "
            )
            if readLine() == word { return }
        } else {
            StandardOutput.write("Rotate \(many) now? [y/N] ")
            if ["y", "yes"].contains(readLine()?.lowercased()) { return }
        }
        printError("keyturn: not confirmed, nothing was begun")
        throw ExitStatus.usage
    }

    private func requireTerminal(_ what: String) throws {
        guard isatty(STDIN_FILENO) == 1 else {
            printError("keyturn: \(what) on a terminal; without one it takes --yes")
            throw ExitStatus.usage
        }
    }
}
