import ArgumentParser

/// `acs-emulator`.
package struct EmulatorCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "acs-emulator",
        abstract: "An Azure to practise on: CommunicationServices with their keys, in memory, on this machine only.",
        discussion: """
            It answers as Azure Resource Manager, as the token endpoints and as the data plane of each resource (rooms, \
            identities, SMS, email, phone numbers), which has an address of its own: 127.0.0.2, 127.0.0.3 and so on. \
            Things go wrong on demand: see 'serve --help'.
            """,
        version: "0.1.0",
        subcommands: [ServeCommand.self, ConsumeCommand.self],
        defaultSubcommand: ServeCommand.self)

    package init() {}

    /// Runs the command that the arguments name, and ends the process when they are refused.
    package static func start() async {
        await main()
    }
}
