import Glibc

/// The terminal's other screen (xterm's 1049), taken for a while and given back as it was.
struct Screen: ~Copyable {
    private var former: termios?

    /// Control characters of `stty`.
    private enum Byte {
        static let interrupt: UInt8 = 3
        static let endOfFile: UInt8 = 4
        static let suspend: UInt8 = 26
    }

    enum Key {
        case quit, redraw
    }

    /// Keys are read one by one and not shown, where standard input is the terminal, too.
    init() {
        former = nil
        enter()
    }

    private mutating func enter() {
        var mode = termios()
        if isatty(STDIN_FILENO) == 1, tcgetpgrp(STDIN_FILENO) == getpgrp(), tcgetattr(STDIN_FILENO, &mode) == 0 {
            former = mode
            mode.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
            tcsetattr(STDIN_FILENO, TCSANOW, &mode)
        }
        // The other screen, no cursor, and lines that are too long end at the edge.
        StandardOutput.write("\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l")
    }

    /// Gives the terminal back.
    mutating func leave() {
        StandardOutput.write("\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l")
        if var mode = former { tcsetattr(STDIN_FILENO, TCSADRAIN, &mode) }
        former = nil
    }

    /// False when the terminal is gone.
    func draw(_ lines: [String], height: Int) -> Bool {
        let drawn = lines.prefix(height).map { $0 + "\u{1b}[K" }.joined(separator: "\n")
        return StandardOutput.write("\u{1b}[H" + drawn + "\u{1b}[J")
    }

    /// What was typed since the last call. A wish to be suspended is fulfilled here.
    mutating func key() -> Key? {
        guard former != nil else { return nil }
        var pressed: Key?
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while poll(&descriptor, 1, 0) > 0 {
            var byte: UInt8 = 0
            guard read(STDIN_FILENO, &byte, 1) == 1 else { return .quit }
            switch byte {
            case Byte.interrupt, Byte.endOfFile, UInt8(ascii: "q"): return .quit
            case Byte.suspend:
                leave()
                kill(0, SIGTSTP)
                // Here the shell has brought it back.
                enter()
                pressed = .redraw
            default: pressed = .redraw
            }
        }
        return pressed
    }
}
