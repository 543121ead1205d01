import Glibc
import Synchronization
import Testing

/// A terminal for a command, with the test at its keyboard and its screen.
final class PseudoTerminal: Sendable {
    /// Where the command opens it.
    let path: String
    private let keyboard: Int32
    // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2).
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    private let shown = Mutex<[UInt8]>([])

    init(columns: UInt16, lines: UInt16) throws {
        // What posix_openpt(3), unlockpt(3) and ptsname(3) do; their declarations need `_XOPEN_SOURCE`.
        keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var unlocked: Int32 = 0
        var number: UInt32 = 0
        guard keyboard >= 0, ioctl(keyboard, Self.setLock, &unlocked) == 0,
            ioctl(keyboard, Self.getNumber, &number) == 0
        else { throw TestError("no pseudo terminal: \(String(cString: strerror(errno)))") }
        path = "/dev/pts/\(number)"
        _ = fcntl(keyboard, F_SETFL, fcntl(keyboard, F_GETFL) | O_NONBLOCK)
        resize(columns: columns, lines: lines)
    }

    deinit {
        close(keyboard)
    }

    func resize(columns: UInt16, lines: UInt16) {
        var size = winsize(ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(keyboard, UInt(TIOCSWINSZ), &size)
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(keyboard, $0.baseAddress, $0.count) }
    }

    /// Everything that was written to it so far.
    var output: String {
        shown.withLock { shown in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(keyboard, &buffer, buffer.count)
                guard count > 0 else { break }
                shown += buffer.prefix(count)
            }
            return String(decoding: shown, as: UTF8.self)
        }
    }

    /// What was drawn last, where the whole screen is drawn each time.
    var screen: String {
        let output = output
        return output.ranges(of: "\u{1b}[H").last.map { String(output[$0.upperBound...]) } ?? output
    }

    /// Typed characters are echoed and lines are edited, as a shell left it.
    var isCooked: Bool {
        var mode = termios()
        guard tcgetattr(keyboard, &mode) == 0 else { return false }
        return mode.c_lflag & tcflag_t(ECHO | ICANON | ISIG) == tcflag_t(ECHO | ICANON | ISIG)
    }
}

extension Lab {
    /// Runs `keyturn ARGUMENTS --config …` on a terminal until `body` returns; the command has to have ended by then, or is
    /// ended. What it showed stays in the lab, for `expectNoLeak`.
    func onTerminal(
        _ arguments: String..., columns: UInt16 = 80, lines: UInt16 = 24, environment more: [String: String] = [:],
        _ body: (PseudoTerminal, ChildProcess) async throws -> Void
    ) async throws {
        let terminal = try PseudoTerminal(columns: columns, lines: lines)
        let child = try ChildProcess(
            Self.program, arguments + ["--config", configurationPath],
            environment: environment(["TERM": "xterm"].merging(more) { $1 }), input: terminal.path,
            output: terminal.path, errors: terminal.path, leadsSession: true)
        do {
            try await body(terminal, child)
        } catch {
            await child.end()
            Issue.record("\(error)\n\(terminal.output.suffix(6000).debugDescription)")
            throw error
        }
        await child.end()
        try write(terminal.output, to: "\(directory)/terminal-\(UInt32.random(in: 0 ... .max))")
    }
}
