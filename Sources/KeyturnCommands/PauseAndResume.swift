import ArgumentParser
import Daemon

struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop rotations of resources until 'keyturn resume'.",
        discussion: "A published key that somebody else regenerates is still replaced at once.")

    @OptionGroup var control: ControlOptions
    @Argument(help: "The resources' names.") var names: [String]

    func run() async throws {
        try await commandEach("pause", names, control.client(), done: "paused")
    }
}

struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a pause, or a hold after you looked into its reason.",
        discussion: "Both keys are compared with what is expected at once; a rotation that is due follows.")

    @OptionGroup var control: ControlOptions
    @Argument(help: "The resources' names.") var names: [String]

    func run() async throws {
        try await commandEach("resume", names, control.client(), done: "resumed")
    }
}

private func commandEach(_ verb: String, _ names: [String], _ client: ControlClient, done: String) async throws {
    var failed: ExitCode?
    for name in names {
        let command = ControlAPI.Command(actor: invokingUser())
        let answer = try await asking { try await client.command(verb, resource: name, command) }
        if answer.outcome == "accepted" {
            print("\(name): \(done)")
        } else {
            printError("keyturn: \(name): \(answer.detail ?? answer.outcome)")
            failed = answer.outcome == "not-found" ? ExitStatus.usage : ExitStatus.temporary
        }
    }
    if let failed { throw failed }
}
