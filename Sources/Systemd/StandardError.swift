import Glibc

enum StandardError {
    /// Writes the text with one call when the system lets it, so that lines of several threads do not mix.
    static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            // There is nobody left to tell.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Whether colours are wanted: a terminal, and no `NO_COLOR` (no-color.org: set and not empty).
    static var wantsColour: Bool {
        let noColour = getenv("NO_COLOR").map { String(cString: $0) } ?? ""
        return isatty(STDERR_FILENO) == 1 && noColour.isEmpty
    }
}
