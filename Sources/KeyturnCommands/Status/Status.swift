import ArgumentParser
import Daemon
import Ledger
import Rotation

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the running daemon knows of each resource.",
        discussion: """
            What is wrong comes first: 'held' regenerates nothing until 'keyturn resume NAME', 'degraded' is being retried. \
            The bar is the age of the published key against the age at which it is too old. On a terminal the list is cut \
            short, in a pipe it has all resources. With a NAME it says all that is known, and what to do.
            """)

    @OptionGroup var control: ControlOptions
    @Argument(help: "Only this resource, in detail.") var name: String?
    @Flag(name: [.short, .long], help: "List all resources, also on a terminal.") var all = false
    @Flag(
        name: [.short, .long],
        help: "Go on showing it, through restarts of the daemon, until Ctrl-C or q; in a pipe, a line for each change.")
    var watch = false
    @Option(help: "How to print it.") var format = DataFormat.table

    func validate() throws {
        guard !all || name == nil else { throw ValidationError("--all and a NAME exclude each other.") }
        guard !all || !watch else {
            throw ValidationError("--all is more than a screen has room for; not with --watch.")
        }
    }

    func run() async throws {
        let terminal = Terminal.output
        let source = StatusSource(client: control.client(), name: name)
        if watch {
            guard terminal.canMove, format == .table else {
                return try await StatusChanges(source: source, format: format).run()
            }
            return try await StatusScreen(source: source).run()
        }
        switch format {
        case .json: print(try JSONText.encode(try await guarded { try await source.report(first: nil) }, pretty: true))
        case .table:
            let rows = all || !terminal.isTerminal ? Int.max : StatusSource.usualRows
            print(try await guarded { try await source.lines(first: rows, terminal) }.joined(separator: "\n"))
        }
    }
}

/// Runs a call to the daemon; a daemon that cannot be reached, and a resource that is not there, end the command.
func guarded<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
    do {
        return try await asking(body)
    } catch let error as StatusSource.NotThere {
        printError("keyturn: \(error.description)")
        throw ExitStatus.usage
    }
}

/// What `keyturn status` shows, asked of the daemon.
struct StatusSource {
    /// What is read at a glance, and scrolls no problem away.
    static let usualRows = 40

    let client: ControlClient
    let name: String?

    struct NotThere: Error, CustomStringConvertible {
        let name: String

        var description: String { "the running configuration has no resource '\(name)'" }
    }

    /// - Parameter first: only so many resources, the most urgent first; nil: all, by name.
    /// - Throws: `NotThere`, and `ControlClient.Unreachable` when there is no daemon.
    func report(first: Int?) async throws -> StatusReport {
        guard let name else { return try await client.status(first: first) }
        let report = try await client.status(on: name)
        guard !report.resources.isEmpty else { throw NotThere(name: name) }
        return report
    }

    /// - Parameter room: lines of a screen; the sum of all stands above the list then, and the list ends where it does.
    func lines(first: Int, _ terminal: Terminal, room: Int? = nil) async throws -> [String] {
        var report = try await report(first: first)
        let now = SystemClock().now
        guard let name else {
            guard let room else { return StatusTable(report: report, now: now).lines(terminal) }
            let lines = StatusTable(report: report, now: now).lines(terminal, summaryFirst: true)
            guard lines.count > room else { return lines }
            // One line more says how many are left out.
            report.resources.removeLast(min(report.resources.count, lines.count - room + 1))
            return StatusTable(report: report, now: now).lines(terminal, summaryFirst: true)
        }
        let history = try await client.history(LedgerQuery(resource: name, limit: 100))
        return report.resources.flatMap {
            StatusDetail(resource: $0, history: history, now: now, terminal: terminal).lines
        }
    }
}
