import Ledger
import SecretsDirectory

/// Why the daemon did not start: what to print, and the exit status (sysexits(3)).
package struct StartFailure: Error, Hashable, Sendable {
    /// 78: what is configured has to be changed first.
    package static let configuration: Int32 = 78
    /// 75: it may work later.
    package static let temporary: Int32 = 75

    package let exitStatus: Int32
    package let lines: [String]

    /// What to do, or what systemd does: one that stays is not retried (`RestartPreventExitStatus=`).
    package var advice: String {
        switch exitStatus {
        case Self.configuration:
            "Correct that, test it with 'keyturn check', then 'systemctl restart keyturn'; it is not tried again before."
        case Self.temporary: "It is tried again in a few seconds, until it succeeds."
        default: "It is tried again in a few seconds; report it as a bug if it lasts."
        }
    }

    /// The first line, and how many more there are.
    package var summary: String {
        let more = lines.count > 1 ? " (and \(lines.count - 1) more, see the journal)" : ""
        return (lines.first ?? "no cause is known") + more
    }

    package init(_ exitStatus: Int32, _ lines: [String]) {
        self.exitStatus = exitStatus
        self.lines = lines
    }
    /// A system call failed on `path`.
    init(_ path: String, _ undone: String, errno: Int32) {
        let error = SystemError(errno)
        self.init(Self.status(error), ["\(path): \(undone): \(error)"])
    }

    static func status(_ error: SystemError) -> Int32 {
        error.mayPass ? temporary : configuration
    }
}

extension LedgerError {
    var exitStatus: Int32 {
        switch prospect {
        case .mayPass: StartFailure.temporary
        case .stays: StartFailure.configuration
        case .system(let errno): StartFailure.status(SystemError(errno))
        }
    }
}
