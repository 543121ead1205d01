import Glibc
import Synchronization

/// The right to work on the resources of one state directory: an flock(2) on its `ledger.lock`.
///
/// The kernel drops it when the process ends, however it ends; a child that is executed does not inherit it. It is held
/// until `release` or until the last reference goes.
package final class LedgerLock: Sendable {
    /// Who holds the lock, as written into the file.
    package struct Holder: Hashable, Sendable {
        package let pid: Int32
        /// The command it runs, such as `run` or `regenerate`.
        package let role: String

        package init(pid: Int32, role: String) {
            self.pid = pid
            self.role = role
        }
    }

    private let descriptor: Mutex<Int32?>

    /// Takes the lock at once or throws `.alreadyOpen` with its holder.
    ///
    /// - Parameter role: one word for who holds it, shown to whoever is refused.
    package init(directory: String, role: String) throws(LedgerError) {
        let path = directory + "/ledger.lock"
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard opened >= 0 else { throw .system(operation: "open", path: path, errno: errno) }
        guard Self.tryLock(opened) else {
            let code = errno
            let holder = Self.holder(in: opened)
            close(opened)
            if code == EWOULDBLOCK { throw .alreadyOpen(path: directory + "/ledger.sqlite", holder: holder) }
            throw .system(operation: "lock", path: path, errno: code)
        }
        let text = "\(getpid()) \(role)\n"
        // Only for whoever is refused: on a full disk the lock holds without it.
        ftruncate(opened, 0)
        pwrite(opened, text, text.utf8.count, 0)
        descriptor = Mutex(opened)
    }

    deinit {
        release()
    }

    /// Lets the next one in. Further calls do nothing.
    package func release() {
        descriptor.withLock { descriptor in
            guard let open = descriptor else { return }
            // What a killed holder leaves behind does not matter, but a tidy one leaves no stale name.
            ftruncate(open, 0)
            // Closing alone would not do it while a child, forked by another thread and not executed yet, has a copy.
            flock(open, LOCK_UN)
            close(open)
            descriptor = nil
        }
    }

    private static func tryLock(_ descriptor: Int32) -> Bool {
        while true {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            if errno != EINTR { return false }
        }
    }

    private static func holder(in descriptor: Int32) -> Holder? {
        let content = withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { buffer in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, 0)
            return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        }
        let words = content.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let pid = Int32(words[0]) else { return nil }
        return Holder(pid: pid, role: String(words[1]))
    }
}
