import Glibc

/// Standard output without a buffer, for what somebody waits for.
enum StandardOutput {
    /// False when nobody reads it any more.
    @discardableResult
    static func write(_ text: String) -> Bool {
        fflush(nil)
        return write(text, to: STDOUT_FILENO)
    }

    static func write(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR || errno == EAGAIN else { return false }
            if count < 0, errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, 100)
            }
            written += max(count, 0)
        }
        return true
    }
}
