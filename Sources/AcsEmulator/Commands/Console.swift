import Glibc

/// Lines to standard output and standard error, at once.
enum Console {
    static func output(_ line: String) { write(line, to: STDOUT_FILENO) }
    static func error(_ line: String) { write(line, to: STDERR_FILENO) }

    private static func write(_ line: String, to descriptor: CInt) {
        var bytes = Array((line + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Nobody reads any more: nothing is left to tell them.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
