import Glibc
import Rotation

extension Failure {
    /// A system call failed on `path`: what could not be done, why, and what to do about it.
    static func system(_ error: SystemError, _ path: String, _ undone: String) -> Failure {
        let advice = advice(for: error).map { "; \($0)" } ?? ""
        return Failure(.publishFailed, "\(path): \(undone): \(error)\(advice)")
    }

    /// True when a system call failed, in a way that may pass by itself.
    package var mayPass: Bool {
        // The text is all that is kept of it, and ends as `system` made it.
        SystemError.passing.contains { code in
            let error = SystemError(code)
            return detail.hasSuffix(": \(error)" + (Self.advice(for: error).map { "; \($0)" } ?? ""))
        }
    }

    private static func advice(for error: SystemError) -> String? {
        switch error.code {
        case ENOSPC: "free some space, or inodes, on that file system"
        case EDQUOT: "free some space there or raise the quota"
        case EROFS: "mount it writable, or list the directory in ReadWritePaths= of the unit"
        case EACCES: "the user that runs keyturn needs access to every directory of the path, and to write in the last"
        case EPERM:
            "only members of a group can give it files (SupplementaryGroups= of the unit), only root to other users"
        case EIO: "the disk or its file system is failing; see journalctl -k"
        case EMFILE: "raise LimitNOFILE= of the unit"
        case ENFILE: "all programs together have too many files open: raise sysctl fs.file-max"
        case ENOTDIR, ELOOP: "it must be a directory, and a symbolic link is not followed here; move it away"
        case ENOTEMPTY, EEXIST, EISDIR: "keyturn does not delete what it did not write; move it away"
        default: nil
        }
    }
}

extension SystemError {
    /// What a full disk or table, a lack of memory, a failing or distant disk answers.
    fileprivate static let passing: Set<Int32> = [
        ENOSPC, EDQUOT, EIO, EMFILE, ENFILE, ENOMEM, ENOLCK, EAGAIN, EINTR, EBUSY, ENOBUFS, ESTALE, ETIMEDOUT,
    ]

    /// True when the same call may succeed later though nobody changed the configuration or a permission.
    package var mayPass: Bool { Self.passing.contains(code) }
}

/// Makes a system call on `path`; an error becomes a `Failure` that says what was not done.
func attempt<Result>(
    _ path: @autoclosure () -> String, _ undone: String, _ call: () throws(SystemError) -> Result
) throws(Failure) -> Result {
    do {
        return try call()
    } catch {
        throw Failure.system(error, path(), undone)
    }
}
