import Glibc

/// Whether an output goes straight into the journal: `$JOURNAL_STREAM` in systemd.exec(5).
package enum JournalStream {
    /// True when standard error is the journal's own stream, so that native journal entries can take its place. It is
    /// not when somebody redirected standard error of a program that a unit started.
    package static var isStandardError: Bool {
        matches(getenv("JOURNAL_STREAM").map { String(cString: $0) }, descriptor: STDERR_FILENO)
    }

    /// - Parameter variable: device and inode number in decimal, with a colon between.
    static func matches(_ variable: String?, descriptor: Int32) -> Bool {
        let numbers = (variable ?? "").split(separator: ":", omittingEmptySubsequences: false).map { UInt64($0) }
        var status = stat()
        guard numbers.count == 2, fstat(descriptor, &status) == 0 else { return false }
        return numbers == [UInt64(status.st_dev), UInt64(status.st_ino)]
    }
}
