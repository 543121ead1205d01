import ArgumentParser
import Daemon

/// The `keyturn` command.
package struct Keyturn: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "keyturn",
        abstract: "Rotates the access keys of Azure CommunicationServices, one key at a time.",
        discussion: """
            The daemon is 'keyturn run'; the other commands look at it, ask it, or do by hand what it does by itself.
            Exit statuses follow sysexits(3): 64 usage, 69 Azure or the daemon cannot be reached, 75 not now, \
            77 refused by Azure, 78 the configuration is refused.
            """,
        version: KeyturnVersion.current,
        subcommands: [
            Run.self, Init.self, Check.self, Schema.self, Plan.self, Status.self, Rotate.self, Pause.self, Resume.self,
            History.self,
            Regenerate.self, Discover.self, Reload.self, PolkitRule.self, Encrypt.self, Catalog.self,
        ])

    package init() {}

    /// Parses the process's arguments, runs the command they name and exits.
    package static func start() async {
        await main()
    }
}

/// Exit statuses beside success; the numbers are sysexits(3)'s.
enum ExitStatus {
    /// Something failed that is none of the others (EX_SOFTWARE).
    static let failure = ExitCode(70)
    static let usage = ExitCode(64)
    static let unavailable = ExitCode(69)
    static let temporary = ExitCode(75)
    static let refused = ExitCode(77)
    static let configuration = ExitCode(78)
}
