import FoundationEssentials
import Glibc

/// The environment of a command that a person types.
enum CommandEnvironment {
    /// Where systemd looks for what `LoadCredential=` names.
    private static let credentialStore = "/etc/credstore"

    /// The process's own; a systemd credential, which only a unit is passed, is looked for where systemd would.
    static var value: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        if environment["CREDENTIALS_DIRECTORY"] == nil, access(credentialStore, R_OK | X_OK) == 0 {
            environment["CREDENTIALS_DIRECTORY"] = credentialStore
        }
        return environment
    }
}
