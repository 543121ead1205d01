import FoundationEssentials
import Glibc

/// What standard output can show.
struct Terminal: Hashable, Sendable {
    /// Columns; nil where lines may be as long as they are: in a pipe or a file.
    var width: Int?
    /// Lines; nil where there is no screen.
    var height: Int?
    /// Somebody looks at it.
    var isTerminal = false
    var hasColour = false
    /// More than ASCII can be shown.
    var isUnicode = true
    /// The cursor can be moved, so that a screen can be drawn anew.
    var canMove = false

    /// Standard output as it is now.
    static var output: Terminal {
        Terminal(
            isTerminal: isatty(STDOUT_FILENO) == 1, window: windowSize(STDOUT_FILENO),
            environment: ProcessInfo.processInfo.environment)
    }

    init(width: Int? = nil, height: Int? = nil, isTerminal: Bool = false, hasColour: Bool = false) {
        self.width = width
        self.height = height
        self.isTerminal = isTerminal
        self.hasColour = hasColour
    }

    /// - Parameters:
    ///   - window: what the terminal says of its size; nil, or zeros, when it does not know.
    ///   - environment: `COLUMNS`, `LINES`, `TERM`, `NO_COLOR` (no-color.org) and the locale count.
    init(isTerminal: Bool, window: (columns: Int, lines: Int)?, environment: [String: String]) {
        func number(_ name: String) -> Int? { environment[name].flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil } }
        self.isTerminal = isTerminal
        let isDumb = ["", "dumb"].contains(environment["TERM"] ?? "")
        let known = window.flatMap { $0.columns > 0 && $0.lines > 0 ? $0 : nil }
        // Somebody who sets it for a pipe wants lines of that length.
        width = isTerminal ? known?.columns ?? number("COLUMNS") ?? 80 : number("COLUMNS")
        height = isTerminal ? known?.lines ?? number("LINES") ?? 24 : nil
        canMove = isTerminal && !isDumb
        hasColour = canMove && (environment["NO_COLOR"] ?? "").isEmpty
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let encoding = locale.lowercased().filter { $0 != "-" }
        // A pipe ends in a file or a program, which take UTF-8.
        isUnicode = !isTerminal || encoding.contains("utf8")
    }

    static func windowSize(_ descriptor: Int32) -> (columns: Int, lines: Int)? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    var ellipsis: String { isUnicode ? "…" : "..." }

    func styled(_ text: String, _ style: Style) -> String {
        guard hasColour, let code = style.code, !text.isEmpty else { return text }
        return "\u{1b}[\(code)m\(text)\u{1b}[0m"
    }
}

/// What a text looks like where there are colours.
enum Style: Hashable, Sendable {
    case plain, strong, faint, good, warning, bad, notice

    /// SGR parameters of ECMA-48; the terminal's own sixteen colours, which its user chose to be readable.
    var code: String? {
        switch self {
        case .plain: nil
        case .strong: "1"
        case .faint: "2"
        case .good: "32"
        case .warning: "33"
        case .bad: "1;31"
        case .notice: "36"
        }
    }

    static func health(_ name: String) -> Style {
        switch name {
        case "ok": .good
        case "degraded": .warning
        case "held": .bad
        default: .notice
        }
    }
}
