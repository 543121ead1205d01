import ArgumentParser
import Daemon
import EventCatalog
import Rotation
import RotationEngine

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the running daemon knows of each resource.",
        discussion: """
            The table has the published key type, its age, the next rotation and the health with its reason. 'degraded' \
            is being retried; 'held' regenerates nothing until 'keyturn resume NAME'. With a NAME it says what to do.
            """)

    @OptionGroup var control: ControlOptions
    @Argument(help: "Only this resource.") var name: String?
    @Option(help: "How to print it.") var format = DataFormat.table

    func run() async throws {
        var report = try await asking { try await control.client().status() }
        if let name {
            report.resources.removeAll { $0.name != name }
            guard !report.resources.isEmpty else {
                printError("keyturn: the running configuration has no resource '\(name)'")
                throw ExitStatus.usage
            }
        }
        switch format {
        case .json: print(try JSONText.encode(report, pretty: true))
        case .table: print(Self.table(report, now: SystemClock().now, advises: name != nil))
        }
    }

    /// - Parameter advises: what a reason means and what to do about it is said, too.
    static func table(_ report: StatusReport, now: Instant, advises: Bool = false) -> String {
        var table = Table(header: ["NAME", "HEALTH", "PHASE", "CURRENT", "VERSION", "AGE", "NEXT"])
        for resource in report.resources {
            let age = resource.publishedAt.map { WholeSeconds.describe(now - $0) }
            let next = resource.next.map { next in
                let wait = next.at - now
                return "\(next.keyType) " + (wait <= .zero ? "due" : "in \(WholeSeconds.describe(wait))")
            }
            table.append([
                resource.name, resource.health, resource.phase, resource.keyType?.rawValue ?? "-",
                resource.version.map(String.init) ?? "-", age ?? "-",
                next ?? (resource.mode == .auto ? "-" : resource.mode.rawValue),
            ])
        }
        var lines = [table.text]
        for resource in report.resources {
            if let reason = resource.reason {
                lines.append("")
                lines.append("\(resource.name): \(reason.rawValue) since \(resource.since)")
                if let detail = resource.detail { lines.append("  \(detail)") }
                if advises { lines += ["", "  \(reason.meaning)", "  What to do: \(reason.advice)"] }
            }
            if let operatorName = resource.pausedBy {
                lines.append("")
                lines.append("\(resource.name): rotations were stopped by \(operatorName); 'keyturn resume' goes on")
            }
        }
        for rule in report.daemon.discovery {
            guard let reason = rule.reason else { continue }
            let since = rule.listedAt.map { "the last list is of \($0)" } ?? "there was no list since the start"
            lines += [
                "", "Discovery in \(rule.scope) fails (\(reason.rawValue)); \(since). What is known stays.",
                "  \(rule.detail ?? reason.meaning)", "  What to do: \(reason.advice)",
            ]
        }
        if let error = report.daemon.configuration.error {
            lines.append("")
            lines.append(
                "The last reload was refused and the configuration of \(report.daemon.configuration.loadedAt) runs:")
            lines += error.split(separator: "\n").map { "  \($0)" }
        }
        return lines.joined(separator: "\n")
    }
}
