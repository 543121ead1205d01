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
