import ArgumentParser
import Daemon

struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the daemon read its configuration again; fails with the diagnostics when that is refused.",
        discussion: "A refused configuration changes nothing: the old one stays in force.")

    @OptionGroup var control: ControlOptions

    func run() async throws {
        let answer = try await asking { try await control.client().reload() }
        for line in answer.diagnostics { printError(line) }
        guard answer.accepted else {
            printError("keyturn: the configuration is refused; the old one stays in force")
            throw ExitStatus.configuration
        }
        print("the new configuration is in force")
    }
}
