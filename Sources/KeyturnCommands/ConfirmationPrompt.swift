import Glibc

/// Asks at the terminal before something that cannot be undone, once for each of several things or once for all.
struct ConfirmationPrompt {
    /// Where the answers come from; nil: there is no terminal.
    private let read: (() -> String?)?
    private let write: (String) -> Void
    /// How many questions there may be.
    private let count: Int
    private var verdict: Verdict?

    private enum Verdict {
        case yesToAll
        case noToAll
    }

    enum Answer: Equatable {
        case yes
        case no
        /// No, and to everything that is still to come.
        case quit
        /// Nobody can be asked.
        case noTerminal
    }

    /// - Parameter asks: whether to ask at all; otherwise the answer is always yes.
    init(asks: Bool, count: Int, read: (() -> String?)?, write: @escaping (String) -> Void) {
        self.read = read
        self.write = write
        self.count = count
        verdict = asks ? nil : .yesToAll
    }

    /// Asks on standard error, and reads from standard input when that is a terminal; when it is taken by something else,
    /// from the terminal that controls the process.
    static func atTerminal(asks: Bool, count: Int, standardInputIsTaken: Bool) -> ConfirmationPrompt {
        var read: (() -> String?)?
        if !standardInputIsTaken {
            if isatty(STDIN_FILENO) == 1 { read = { readLine() } }
        } else if asks, let terminal = fopen("/dev/tty", "re") {
            // Open as long as the process runs, which is as long as there may be questions.
            read = { Self.line(of: terminal) }
        }
        return ConfirmationPrompt(asks: asks, count: count, read: read) { printError($0, terminator: "") }
    }

    private static func line(of file: UnsafeMutablePointer<FILE>) -> String? {
        var bytes: [UInt8] = []
        while true {
            let byte = getc(file)
            if byte == EOF { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
            if byte == 0x0a { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
    }

    /// - Parameter question: a sentence, or some, without the choice.
    mutating func ask(_ question: String) -> Answer {
        switch verdict {
        case .yesToAll: return .yes
        case .noToAll: return .quit
        case nil: break
        }
        guard let read else { return .noTerminal }
        write(question + (count > 1 ? " [y]es, [N]o, yes to [a]ll, [q]uit: " : " [y/N] "))
        guard let answer = read()?.lowercased().trimmingBlanks else {
            verdict = .noToAll
            return .quit
        }
        switch answer {
        case "y", "yes": return .yes
        case let answer where count > 1 && ["a", "all"].contains(answer):
            verdict = .yesToAll
            return .yes
        case let answer where count > 1 && ["q", "quit"].contains(answer):
            verdict = .noToAll
            return .quit
        default: return .no
        }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        let start = drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
    }
}
