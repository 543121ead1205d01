/// Text fitted into columns.
enum Lines {
    /// The text with what is in the middle left out: names tend to differ at their ends.
    static func shortened(_ text: String, to width: Int, ellipsis: String = "…") -> String {
        guard text.count > width else { return text }
        let room = width - ellipsis.count
        guard room > 0 else { return String(text.prefix(max(0, width))) }
        let tail = room / 2
        return text.prefix(room - tail) + ellipsis + text.suffix(tail)
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Lines of at most `width` columns, broken at blanks where there are some; nil: one line.
    static func wrapped(_ text: String, to width: Int?) -> [String] {
        guard let width, text.count > width, width > 0 else { return [text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
            // A word that is longer than a line, such as a resource id.
            while line.count > width {
                lines.append(String(line.prefix(width)))
                line = String(line.dropFirst(width))
            }
        }
        if !line.isEmpty || lines.isEmpty { lines.append(line) }
        return lines
    }

    /// The text after `indent` blanks on each line.
    static func indented(_ text: String, by indent: Int, _ terminal: Terminal) -> [String] {
        let blanks = String(repeating: " ", count: indent)
        return wrapped(text, to: terminal.width.map { max(10, $0 - indent) }).map { blanks + $0 }
    }
}

/// How much of something is used up, as cells: `███░░░░░░░`.
enum Bar {
    static func text(_ share: Double, width: Int, isUnicode: Bool) -> String {
        let filled = min(width, max(0, Int((share * Double(width)).rounded(.down))))
        let (full, empty) = isUnicode ? ("█", "░") : ("#", ".")
        return String(repeating: full, count: filled) + String(repeating: empty, count: width - filled)
    }
}

/// A span in as few characters as tell it: `29d`, `3d 4h`, `12m`, `42s`.
enum ShortSpan {
    static func text(_ span: Duration) -> String {
        let seconds = max(0, span.components.seconds)
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
        if days >= 10 { return "\(days)d" }
        if days > 0 { return hours > 0 ? "\(days)d \(hours)h" : "\(days)d" }
        if hours > 0 { return minutes > 0 ? "\(hours)h \(minutes)m" : "\(hours)h" }
        return minutes > 0 ? "\(minutes)m" : "\(seconds)s"
    }
}
