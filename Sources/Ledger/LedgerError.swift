import CSQLite
import Glibc

/// Why the ledger could not be opened, read or written. The description says where, what SQLite or the system said, and
/// what to do.
package enum LedgerError: Error, Hashable, Sendable {
    /// Another process holds the ledger's lock; `holder` is nil when it has not written yet who it is.
    case alreadyOpen(path: String, holder: LedgerLock.Holder?)
    /// A newer keyturn wrote the file. It was not touched.
    case newerSchema(found: Int, supported: Int, path: String)
    /// A database, but some other program's. It was not touched.
    case foreign(path: String)
    /// The content of the file is damaged.
    case corrupt(path: String, message: String)
    /// A system call failed.
    case system(operation: String, path: String, errno: Int32)
    /// SQLite refused; `extendedCode` as in sqlite.org/rescode.html, `errno` is 0 when no system call was to blame.
    case sqlite(operation: String, path: String, message: String, extendedCode: Int32, errno: Int32)
    /// The ledger was closed before this call.
    case closed(path: String)
    /// A damaged ledger was moved out of the way, but no new one could be made.
    indirect case notReplaced(Ledger.SetAside, LedgerError)
}

extension LedgerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .alreadyOpen(let path, let holder):
            let who = holder.map { "process \($0.pid) (keyturn \($0.role))" } ?? "another process"
            return "\(path) is in use by \(who); only one keyturn at a time may work on these resources"
        case .newerSchema(let found, let supported, let path):
            return "\(path) has schema version \(found), this keyturn knows versions up to \(supported); "
                + "install the newer keyturn again, or move the file away to have every resource adopted anew"
        case .foreign(let path):
            return "\(path) is a database of another program; set state.directory to a directory of keyturn's own"
        case .corrupt(let path, let message):
            return "\(path) is damaged (\(message)); restart keyturn: it sets the file aside and adopts every resource "
                + "anew, which regenerates nothing"
        case .system(let operation, let path, let code):
            return "cannot \(operation) \(path): \(Self.text(of: code))\(Self.advice(errno: code))"
        case .sqlite(let operation, let path, let message, let code, let errno):
            let cause = errno == 0 ? "" : ": \(Self.text(of: errno))"
            return "cannot \(operation) in \(path): \(message)\(cause) (SQLite code \(code))"
                + Self.advice(code: code & 0xff)
        case .closed(let path):
            return "\(path) was already closed"
        case .notReplaced(let setAside, let error):
            return "\(error); before that the ledger was damaged (\(setAside.cause)) and set aside as "
                + "\(setAside.path): every resource is adopted anew, nothing is regenerated"
        }
    }

    /// True when the content of the file is to blame, so that a new file would help.
    var isCorruption: Bool {
        switch self {
        case .corrupt: true
        case .sqlite(_, _, _, let code, _): code & 0xff == SQLITE_CORRUPT || code & 0xff == SQLITE_NOTADB
        default: false
        }
    }

    private static func text(of errno: Int32) -> String {
        strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
    }

    private static func advice(errno: Int32) -> String {
        switch errno {
        case ENOENT, ENOTDIR: "; create the directory, owned by the user keyturn runs as, or change state.directory"
        case EACCES, EPERM: "; the directory and its files must belong to the user keyturn runs as"
        case EROFS: "; the file system is read-only (in a unit: StateDirectory= or ReadWritePaths= makes it writable)"
        case ENOSPC, EDQUOT: "; free some space"
        case EIO: "; the disk reported an error: see the kernel's log (journalctl -k)"
        case EMFILE: "; raise LimitNOFILE= of the unit"
        case ENFILE: "; all programs together have too many files open: raise sysctl fs.file-max"
        default: ""
        }
    }

    private static func advice(code: Int32) -> String {
        switch code {
        case SQLITE_FULL: "; free some space on that disk: nothing was lost, and it is tried again"
        case SQLITE_BUSY, SQLITE_LOCKED: "; another program holds it locked (an open sqlite3 shell?): close that"
        case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
            "; the file, its directory and the -wal and -shm files beside it must belong to the user keyturn runs as, "
                + "on a file system that can be written"
        case SQLITE_IOERR: "; the disk reported an error: see the kernel's log (journalctl -k)"
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            "; restart keyturn: it sets the file aside and adopts every resource anew, which regenerates nothing"
        default: ""
        }
    }
}
