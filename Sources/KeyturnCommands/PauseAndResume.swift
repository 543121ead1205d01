import ArgumentParser
import Daemon
import Rotation

struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop rotations of resources, until an instant or until 'keyturn resume'.",
        discussion: """
            What is under way goes on, and a published key that somebody else regenerates is still replaced at once. With \
            --until the pause ends by itself, across restarts, too. Said again with another end or reason, the last word \
            counts.
            """)

    @OptionGroup var control: ControlOptions
    @OptionGroup var selection: Selection
    @Option(
        help: ArgumentHelp(
            "When the pause ends by itself: 2h, tomorrow, 2026-12-20, 2026-12-20T03:00:00Z.", valueName: "time"))
    var until: String?
    @Option(help: "Why, for the status and the history.") var reason: String?

    func run() async throws {
        let now = SystemClock().now
        let end = try until.map { try TimeArgument.option("--until", $0, now: now, .ahead) }
        if let end, end <= now { throw ValidationError("--until: \(end.wholeSecond) has passed.") }
        let command = ControlAPI.Command(actor: invokingUser(), reason: reason, until: end?.wholeSecond)
        let words = [end.map { " until \($0.wholeSecond)" }, reason.map { ": \($0)" }].compactMap(\.self).joined()
        try await commandEach("pause", selection, control.client(), command, done: "paused\(words)")
    }
}

struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a pause, or a hold after you looked into its reason.",
        discussion: "Both keys are compared with what is expected at once; a rotation that is due follows.")

    @OptionGroup var control: ControlOptions
    @OptionGroup var selection: Selection
    @Option(help: "What you found, for the history.") var reason: String?

    func run() async throws {
        let command = ControlAPI.Command(actor: invokingUser(), reason: reason)
        try await commandEach("resume", selection, control.client(), command, done: "resumed")
    }
}

private func commandEach(
    _ verb: String, _ selection: Selection, _ client: ControlClient, _ command: ControlAPI.Command, done: String
) async throws {
    var failed: ExitCode?
    for name in try await selection.resolved(client) {
        let answer = try await asking { try await client.command(verb, resource: name, command) }
        if answer.outcome == "accepted" {
            print("\(name): \(done)")
        } else {
            printError("keyturn: \(name): \(answer.detail ?? answer.outcome)")
            failed = ["not-found", "invalid"].contains(answer.outcome) ? ExitStatus.usage : ExitStatus.temporary
        }
    }
    if let failed { throw failed }
}
