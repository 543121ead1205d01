/// Columns that share the terminal's width: the less important ones go first, long texts lose their middle.
struct FittedTable {
    struct Cell {
        var text: String
        var style = Style.plain
    }

    struct Column {
        var title: String
        /// The smaller, the longer it stays; 0 goes never.
        var rank: Rank
        /// Columns at the least, where it is there.
        var least: Int
        /// Columns that it has before less important ones get any.
        var usual: Int
        /// Columns that it makes use of.
        var most: Int
        /// The cell of a row, for a width.
        var cell: (_ row: Int, _ width: Int) -> Cell

        init(
            _ title: String, _ rank: Rank, least: Int, usual: Int? = nil, most: Int,
            cell: @escaping (Int, Int) -> Cell
        ) {
            self.title = title
            self.rank = rank
            self.most = max(most, title.count)
            self.least = min(max(least, title.count), self.most)
            self.usual = min(max(usual ?? self.least, self.least), self.most)
            self.cell = cell
        }

        /// A column of texts, as wide as the widest of them.
        init(_ title: String, _ rank: Rank, least: Int? = nil, usual: Int? = nil, _ cells: [Cell]) {
            let most = cells.map(\.text.count).max() ?? 0
            self.init(title, rank, least: least ?? most, usual: usual, most: most) { row, _ in cells[row] }
        }
    }

    /// How much a column matters; of two that matter alike, the earlier one matters more.
    enum Rank: Int, Comparable {
        case always, important, essential, usual, extra

        static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
    }

    var columns: [Column]
    var rows: Int

    private static let gap = 2

    func lines(_ terminal: Terminal) -> [String] {
        let chosen = fitting(terminal.width)
        let last = chosen.count - 1
        func line(_ cell: (_ column: Column, _ width: Int) -> Cell) -> String {
            let line = chosen.enumerated().map { place, entry in
                let cell = cell(entry.column, entry.width)
                let text = Lines.shortened(cell.text, to: entry.width, ellipsis: terminal.ellipsis)
                let blanks = place == last ? 0 : entry.width - text.count + Self.gap
                return terminal.styled(text, cell.style) + String(repeating: " ", count: max(0, blanks))
            }.joined()
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
        return [line { column, _ in Cell(text: column.title, style: .faint) }]
            + (0..<rows).map { row in line { column, width in column.cell(row, width) } }
    }

    /// The columns that have room, in their order, each with its width.
    private func fitting(_ width: Int?) -> [(column: Column, width: Int)] {
        guard let width else { return columns.map { ($0, $0.most) } }
        let order = columns.indices.sorted { (columns[$0].rank, $0) < (columns[$1].rank, $1) }
        var widths: [Int: Int] = [:]
        var free = width + Self.gap
        func add(_ rank: Rank) {
            for place in order where columns[place].rank == rank {
                guard rank == .always || columns[place].least + Self.gap <= free else { continue }
                widths[place] = columns[place].least
                free -= columns[place].least + Self.gap
            }
        }
        func grow(_ wanted: (Column) -> Int) {
            for place in order {
                guard let width = widths[place], free > 0 else { continue }
                let more = min(free, max(0, wanted(columns[place]) - width))
                widths[place] = width + more
                free -= more
            }
        }
        add(.always)
        add(.important)
        add(.essential)
        grow(\.usual)
        add(.usual)
        grow { $0.rank < .usual ? $0.most : $0.usual }
        add(.extra)
        grow(\.most)
        // Where not even what stays fits.
        for place in order.reversed() where free < 0 {
            let less = min(-free, max(0, (widths[place] ?? 0) - 4))
            widths[place]? -= less
            free += less
        }
        return widths.sorted { $0.key < $1.key }.map { (columns[$0.key], $0.value) }
    }
}
