import ArgumentParser
import Daemon
import Systemd

struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the daemon read its configuration again; fails with the diagnostics when that is refused.",
        discussion: "A refused configuration changes nothing: the old one stays in force.")

    @OptionGroup var control: ControlOptions

    func run() async throws {
        let answer = try await asking { try await control.client().reload() }
        // As ExecReload= it writes into the journal, where the daemon has told each of them.
        let isInJournal = JournalStream.isStandardError
        if !isInJournal { for line in answer.diagnostics { printError(line) } }
        guard answer.accepted else {
            let count = answer.diagnostics.count == 1 ? "1 error" : "\(answer.diagnostics.count) errors"
            // The number is the priority (sd-daemon(3)).
            printError(
                (isInJournal ? "<3>" : "")
                    + "keyturn: the configuration is refused (\(count)); the old one stays in force")
            throw ExitStatus.configuration
        }
        print("the new configuration is in force")
    }
}
