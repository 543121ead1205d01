import Daemon
import Rotation
import Systemd

/// The history for a terminal: a line an event where there is room for one, else a few.
struct HistoryTable {
    private let entries: [HistoryEntry]

    /// - Parameter entries: oldest first.
    init(_ entries: [HistoryEntry]) {
        self.entries = entries
    }

    func text(_ terminal: Terminal) -> String {
        let rows = entries.map(Self.cells)
        let header = ["AT", "RESOURCE", "EVENT", "KEY", "VERSION", "BY"]
        let widths = header.indices.map { column in
            max(header[column].count, rows.map { $0[column].count }.max() ?? 0)
        }
        let before = widths.reduce(0) { $0 + $1 + 2 }
        guard terminal.width.map({ $0 - before >= 24 }) ?? true else { return stacked(terminal) }
        func line(_ cells: [String]) -> String {
            zip(cells, widths).map { Lines.padded($0, to: $1 + 2) }.joined()
        }
        var lines = [terminal.styled(line(header) + "WHY", .faint)]
        for (entry, row) in zip(entries, rows) {
            let why = Lines.wrapped(Self.why(entry), to: terminal.width.map { $0 - before })
            lines.append(Self.trimmed(line(row) + terminal.styled(why[0], Self.style(entry))))
            lines += why.dropFirst().map { String(repeating: " ", count: before) + $0 }
        }
        return lines.joined(separator: "\n")
    }

    private func stacked(_ terminal: Terminal) -> String {
        entries.flatMap { entry in
            let cells = Self.cells(entry)
            let about = [cells[1], cells[3], cells[4] == "-" ? "-" : "version \(cells[4])"].filter { $0 != "-" }
            let head = "\(cells[0]) \(terminal.styled(cells[2], Self.style(entry)))"
            let texts = ["\(about.joined(separator: ", ")), by \(cells[5])", Self.why(entry)].filter { !$0.isEmpty }
            return [head] + texts.flatMap { Lines.indented($0, by: 2, terminal) }
        }.joined(separator: "\n")
    }

    private static func cells(_ entry: HistoryEntry) -> [String] {
        [
            entry.at.wholeSecond.description, entry.resource, entry.event, entry.keyType ?? "-",
            entry.version.map(String.init) ?? "-", PrintableText.escaped(entry.actor),
        ]
    }

    static func why(_ entry: HistoryEntry) -> String {
        let reason = entry.reason == entry.event ? nil : entry.reason
        var why = [reason, entry.detail].compactMap(\.self).joined(separator: ": ")
        if let id = entry.requestID { why += why.isEmpty ? "request \(id)" : " (request \(id))" }
        return PrintableText.escaped(why)
    }

    static func style(_ entry: HistoryEntry) -> Style {
        switch Note.Kind(rawValue: entry.event) {
        case .held, .keyTooOld, .currentKeyChanged: .bad
        case .failed, .regenerateNotExecuted, .regenerateUndecided, .keyMoved, .secretsTampered, .otherKeyChanged,
            .endpointChanged:
            .warning
        case .published, .delivered, .recovered: .good
        case .paused, .resumed, .rotationRequested: .notice
        default: .plain
        }
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
