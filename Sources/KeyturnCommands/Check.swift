import ArgumentParser
import Daemon
import KeyturnConfig
import Logging
import Rotation
import Systemd

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validate the configuration without starting anything.",
        discussion: """
            All mistakes are reported at once, each with file, line and column, and the line itself; the exit status is then 78. \
            Warnings do not change the exit status. Where systemd runs, units are looked at, too: whether they are there, \
            whether a reload is enough for them, and, for who may read polkit's rules, whether the daemon may reload them.

            With --online, Azure is asked about every resource, and nothing is changed: is there a token, is the resource \
            there, are listKeys and regenerateKey allowed, is there a lock, are keys taken at all, is the published key \
            one of Azure's, and does a signed call with it succeed? The exit status is then 0 only when all is well, 77 \
            when something is refused, 69 when something cannot be reached, 75 when it is to be tried later.
            """)

    @OptionGroup var file: ConfigurationOption
    @Flag(help: "Ask Azure about every resource, too; nothing is changed.") var online = false
    @Flag(help: "Print the role that the identity needs, for 'az role definition create'.") var role = false
    @Option(help: "How to print what was found.") var format = Format.text

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    func validate() throws {
        if role, online { throw ValidationError("--role and --online are two things; give one of them.") }
        if role, format != .text { throw ValidationError("--role is JSON as it is; leave out --format.") }
    }

    func run() async throws {
        switch ConfigurationLoader(path: file.config).load() {
        case .failure(let refused):
            switch format {
            case .text:
                tell(refused.diagnostics.filter { $0.severity == .error })
                for line in refused.others { printError(line) }
                tell(refused.diagnostics.filter { $0.severity == .warning })
            case .json: print(try JSONText.encode(CheckReport(file.config, refused: refused), pretty: true))
            }
            throw ExitStatus.configuration
        case .success(let loaded):
            if role {
                tell(loaded.warnings)
                return try printRole(loaded.configuration)
            }
            try await report(loaded)
            if online { try await lookOnline(loaded) }
        }
    }

    private func report(_ loaded: LoadedConfiguration) async throws {
        let warnings = loaded.warnings + (await UnitAdvice(loaded: loaded).warnings())
        switch format {
        case .text:
            tell(warnings)
            print("\(file.config): good, \(Self.counts(loaded.configuration))")
        case .json where online:
            // The report of what Azure says is the output.
            tell(warnings)
        case .json:
            print(
                try JSONText.encode(
                    CheckReport(loaded.configuration, at: file.config, warnings: warnings), pretty: true))
        }
    }

    private func tell(_ diagnostics: [Diagnostic]) {
        var excerpt = Excerpt()
        for diagnostic in diagnostics {
            printError(diagnostic.description)
            if let text = excerpt.text(of: diagnostic) { printError(text) }
        }
    }

    private static func counts(_ configuration: Configuration) -> String {
        let (count, rules) = (configuration.resources.count, configuration.discover.count)
        let named = "\(count) \(count == 1 ? "resource" : "resources")"
        guard rules > 0 else { return named }
        return "\(named), and \(rules) \(rules == 1 ? "rule that discovers" : "rules that discover") more"
    }

    private func printRole(_ configuration: Configuration) throws {
        let role = RotatorRole(configuration)
        guard role.isUsable else {
            printError("keyturn: the configuration names no resource that the role could be for")
            throw ExitStatus.configuration
        }
        print(try JSONText.encode(role, pretty: true))
    }

    private func lookOnline(_ loaded: LoadedConfiguration) async throws {
        let logger = Logger(label: "keyturn") { label in LogDestination.terminal.handler(label: label, level: .error) }
        let setup = AzureSetup(environment: CommandEnvironment.value, logger: logger)
        let report = await OnlineCheck(loaded: loaded, setup: setup).run()
        switch format {
        case .json: print(try JSONText.encode(report, pretty: true))
        case .text:
            let text = OnlineTable(report: report).text
            if !text.isEmpty { print("\n\(text)") }
        }
        if let status = report.exitStatus { throw ExitCode(status) }
    }
}
