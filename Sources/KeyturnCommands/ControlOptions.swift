import ArgumentParser
import Daemon
import FoundationEssentials
import Glibc
import KeyturnConfig

/// Where the configuration is.
struct ConfigurationOption: ParsableArguments {
    static let defaultPath = "/etc/keyturn/keyturn.yaml"

    @Option(name: [.short, .long], help: ArgumentHelp("The configuration file.", valueName: "path"))
    var config = ConfigurationOption.defaultPath
}

/// Where the daemon listens.
struct ControlOptions: ParsableArguments {
    static let defaultSocket = "/run/keyturn/control.sock"

    @OptionGroup var configuration: ConfigurationOption

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The daemon's control socket; by default the one the configuration names.", valueName: "path"))
    var socket: String?

    /// The socket given, else the configuration's, else the default one.
    func client() -> ControlClient {
        if let socket { return ControlClient(socket: socket) }
        let loaded = try? ConfigurationLoader(path: configuration.config).load().get()
        return ControlClient(socket: loaded?.configuration.control.socket ?? Self.defaultSocket)
    }
}

/// Runs a call to the daemon; what cannot be reached ends the command with 69 and a sentence.
func asking<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
    do {
        return try await body()
    } catch let error as ControlClient.Unreachable {
        printError("keyturn: \(error.description)")
        throw ExitStatus.unavailable
    }
}

/// Writes a line to standard error.
func printError(_ text: String, terminator: String = "\n") {
    let bytes = Array((text + terminator).utf8)
    var written = 0
    while written < bytes.count {
        let count = bytes[written...].withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        guard count > 0 || errno == EINTR else { return }
        written += max(count, 0)
    }
}

/// Whom root runs the command for, for the history: `alice by sudo`. Who else runs it the daemon sees for itself.
func invokingUser() -> String? {
    ProcessInfo.processInfo.environment["SUDO_USER"].flatMap { $0 == "root" ? nil : "\($0) by sudo" }
}

enum DataFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json
}
