import ArgumentParser
import Daemon
import Rotation

struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what happened to the resources, newest last.")

    @OptionGroup var control: ControlOptions
    @Argument(help: "Only this resource.") var name: String?
    @Option(name: [.short, .long], help: "How many events.") var limit = 50
    @Option(help: "How to print it.") var format = DataFormat.table

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10000.") }
    }

    func run() async throws {
        let entries = try await asking { try await control.client().history(name, limit: limit) }
        if entries.isEmpty, format == .table {
            printError("keyturn: nothing is on record\(name.map { " for '\($0)'" } ?? "")")
            return
        }
        switch format {
        case .json: print(try JSONText.encode(entries, pretty: true))
        case .table: print(Self.table(entries))
        }
    }

    static func table(_ entries: [HistoryEntry]) -> String {
        var table = Table(header: ["AT", "RESOURCE", "EVENT", "KEY", "VERSION", "BY", "WHY"])
        for entry in entries.reversed() {
            var why = [entry.reason, entry.detail].compactMap(\.self).joined(separator: ": ")
            if let id = entry.requestID { why += " (request \(id))" }
            table.append([
                Instant(unixSeconds: entry.at.unixSeconds).description, entry.resource, entry.event,
                entry.keyType ?? "-",
                entry.version.map(String.init) ?? "-", entry.actor, why,
            ])
        }
        return table.text
    }
}
