import ArgumentParser

@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tries to break Keyturn's laws in simulated worlds.",
        discussion: """
            A world is an Azure, a machine with a disk and a clock, Keyturn's own rules and engine, applications that use \
            the keys, and everything that can go wrong with them. What happens in it follows from its seed alone. After \
            each step the laws are checked; when the faults end, everything has to settle.
            """,
        subcommands: [Run.self, Replay.self, Faults.self], defaultSubcommand: Run.self)
}

/// `simulate faults`: the names that `--without` takes.
struct Faults: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the faults.")

    func run() {
        for name in faultNames { print(name) }
    }
}
