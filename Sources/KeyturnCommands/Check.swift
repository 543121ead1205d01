import ArgumentParser
import Daemon
import KeyturnConfig

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validate the configuration without starting anything.",
        discussion: """
            All mistakes are reported at once, each with file, line and column; the exit status is then 78. \
            Warnings do not change the exit status. Where systemd runs, units are looked at, too: whether they are there, \
            whether a reload is enough for them, and, for who may read polkit's rules, whether the daemon may reload them.
            """)

    @OptionGroup var file: ConfigurationOption

    func run() async throws {
        switch ConfigurationLoader(path: file.config).load() {
        case .failure(let refused):
            for line in refused.lines + refused.warnings { printError(line) }
            throw ExitStatus.configuration
        case .success(let loaded):
            for warning in loaded.warnings { printError(warning.description) }
            for warning in await UnitAdvice(loaded: loaded).warnings() { printError(warning.description) }
            let count = loaded.resources.count
            print("\(file.config): good, \(count) \(count == 1 ? "resource" : "resources")")
        }
    }
}
