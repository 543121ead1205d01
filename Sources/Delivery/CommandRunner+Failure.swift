import Glibc
import Subprocess

extension CommandRunner {
    /// Why the command cannot be tried at all.
    static func refusal(_ arguments: [String]) -> String? {
        guard let command = arguments.first, !command.isEmpty else { return "cannot be run: no program is named" }
        return arguments.contains { $0.utf8.contains(0) } ? "cannot be run: an argument holds a NUL character" : nil
    }

    static func failure(_ status: TerminationStatus) -> String? {
        switch status {
        case .exited(0): return nil
        case .exited(let code): return "exited \(code)"
        case .signaled(let signal):
            let name = strsignal(signal).map { String(cString: $0) } ?? "unknown"
            return "was killed by signal \(signal) (\(name))"
        }
    }

    static func failure(_ error: any Error, _ command: String) -> String {
        guard let error = error as? SubprocessError else { return "could not be started: \(error)" }
        switch error.code {
        case .executableNotFound: return notExecutable(command)
        case .spawnFailed:
            let cause = error.underlyingError.map { String(describing: $0) } ?? error.description
            return "could not be started: \(cause)"
        default: return "could not be started: \(error.description)"
        }
    }

    private static func notExecutable(_ command: String) -> String {
        guard command.contains("/") else { return "could not be started: it is in no directory of PATH" }
        if access(command, F_OK) != 0 {
            let cause = strerror(errno).map { String(cString: $0) } ?? "it is not there"
            return "could not be started: \(cause)"
        }
        if access(command, X_OK) != 0 { return "could not be started: it is not executable for this user (chmod +x)" }
        return "could not be started: it cannot be executed; a script's first line must name an interpreter that exists"
    }
}
