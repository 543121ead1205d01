import Glibc

/// The `errno` of a system call that failed.
package struct SystemError: Error, Hashable, Sendable {
    package let code: Int32

    package init(_ code: Int32) {
        self.code = code
    }
}

extension SystemError: CustomStringConvertible {
    /// What strerror(3) says, as in `No space left on device`.
    package var description: String {
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else { return "" }
            return String(cString: base)
        }
        return text.isEmpty ? "errno \(code)" : text
    }
}
