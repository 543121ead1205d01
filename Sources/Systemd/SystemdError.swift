import Glibc

/// A call to systemd or journald that failed.
package struct SystemdError: Error, Hashable, Sendable {
    /// The function that failed, such as `sd_notify`.
    package let operation: String
    package let errno: Int32

    /// - Parameter result: what a function of libsystemd returned: a negative errno.
    init(_ operation: String, result: Int32) {
        self.operation = operation
        errno = -result
    }
}

extension SystemdError: CustomStringConvertible {
    package var description: String {
        let text = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
        return "\(operation) failed: \(text)"
    }
}
