import ArgumentParser
import Daemon
import Ledger
import Rotation

struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what happened to the resources, when, by whom and why; the newest last.",
        discussion: """
            Times are instants (2026-12-20T03:00:00Z), dates and times of day in UTC (2026-12-20, '2026-12-20 03:00'), \
            today, yesterday, or a span before now (2h, 3d).
            """)

    @OptionGroup var control: ControlOptions
    @Argument(help: "Only this resource.") var name: String?
    @Option(name: [.short, .long], help: "How many events, the newest ones.") var limit = 50
    @Option(
        name: [.short, .long], parsing: .singleValue,
        help: ArgumentHelp("Only events of this kind, such as published or held; may be repeated.", valueName: "kind"))
    var kind: [String] = []
    @Option(
        name: [.customShort("S"), .long], parsing: .unconditional,
        help: ArgumentHelp("Only events since then.", valueName: "time"))
    var since: String?
    @Option(
        name: [.customShort("U"), .long], parsing: .unconditional,
        help: ArgumentHelp("Only events before then.", valueName: "time"))
    var until: String?
    @Option(help: ArgumentHelp("Only events by whom this is a part of the name of.", valueName: "text"))
    var actor: String?
    @Option(help: "How to print it; jsonl: an event a line.") var format = HistoryFormat.table

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10000.") }
        let known = Note.Kind.allCases.map(\.rawValue)
        for kind in kind where !known.contains(kind) {
            throw ValidationError("--kind: '\(kind)' is none of \(known.sorted().joined(separator: ", ")).")
        }
    }

    func run() async throws {
        let now = SystemClock().now
        let query = LedgerQuery(
            resource: name, kinds: Set(kind), actor: actor,
            since: try since.map { try TimeArgument.option("--since", $0, now: now, .back) },
            until: try until.map { try TimeArgument.option("--until", $0, now: now, .back) }, limit: limit)
        let entries = Array(try await asking { try await control.client().history(query) }.reversed())
        switch format {
        case .json: print(try JSONText.encode(Array(entries.reversed()), pretty: true))
        case .jsonl: for entry in entries { print(try JSONText.encode(entry)) }
        case .table where entries.isEmpty: printError("keyturn: \(emptyAnswer)")
        case .table: print(HistoryTable(entries).text(Terminal.output))
        }
    }

    private var emptyAnswer: String {
        let isNarrowed = !kind.isEmpty || since != nil || until != nil || actor != nil
        return "nothing \(isNarrowed ? "like that " : "")is on record\(name.map { " for '\($0)'" } ?? "")"
    }
}

enum HistoryFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, jsonl
}
