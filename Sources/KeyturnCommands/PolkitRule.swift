import ArgumentParser
import Daemon
import Systemd

struct PolkitRule: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "polkit-rule",
        abstract: "Print or install the polkit rule that lets the daemon reload its units.",
        discussion: """
            The rule allows the daemon's user exactly what 'reload' in the configuration says, and nothing else. \
            keyturn.service installs it by itself, as root, before each start and reload.

            --install does nothing when the rule is as it should be, and removes it when no unit is named. It refuses \
            a configuration that another user than root could change.
            """)

    @OptionGroup var file: ConfigurationOption
    @Option(help: ArgumentHelp("The user that the daemon runs as.", valueName: "name"))
    var user = RulesDirectory.usualUser
    @Flag(help: "Install the rule instead of printing it.")
    var install = false
    @Option(help: ArgumentHelp("Where polkit reads rules.", valueName: "path"))
    var directory = RulesDirectory.usualPath

    func validate() throws {
        if user.isEmpty || user.utf8.contains(where: { $0 < 0x21 || $0 == 0x7f }) {
            throw ValidationError("--user must be the name of a user.")
        }
    }

    func run() async throws {
        let loader = ConfigurationLoader(path: file.config)
        if install { try refuseForeign(loader) }
        switch loader.load() {
        case .failure(let refused):
            for line in refused.lines { printError(line) }
            throw ExitStatus.configuration
        case .success(let loaded):
            let rules = PolkitRules(user: user, grants: loaded.unitNeeds.map(\.grant))
            if install {
                try put(rules)
            } else {
                print(rules.text, terminator: "")
            }
        }
    }

    /// Whoever may write the configuration chooses the units: that must be nobody who could not do as he likes to them.
    private func refuseForeign(_ loader: ConfigurationLoader) throws {
        let files = (try? loader.files()) ?? [loader.path]
        for path in files + [loader.dropInDirectory] {
            guard let problem = Ownership.problem(of: path) else { continue }
            printError("keyturn: \(problem); the polkit rule was left as it was")
            throw ExitStatus.refused
        }
    }

    private func put(_ rules: PolkitRules) throws {
        let directory = RulesDirectory(path: directory)
        guard directory.exists else {
            printError(
                "\(directory.path): there is no such directory; polkit (0.106 or later) is not installed, so only root"
                    + " can reload units")
            return
        }
        do throws(AtomicFile.Failed) {
            let count = rules.grants.count
            switch try directory.put(rules) {
            case .written: print("\(directory.file): written, \(count) \(count == 1 ? "grant" : "grants")")
            case .unchanged: print("\(directory.file): as it should be")
            case .removed: print("\(directory.file): removed, for no unit is named")
            case .none: print("\(directory.file): not needed, for no unit is named")
            }
        } catch {
            printError("\(directory.file): \(error.operation) failed: \(error.cause); run it as root")
            throw ExitStatus.refused
        }
    }
}
