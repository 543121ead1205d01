import Rotation

/// `keyturn check --online` for a terminal of 80 columns.
struct OnlineTable {
    let report: OnlineReport

    private static let width = 80
    private static let header = ["NAME", "TOKEN", "READ", "LISTKEYS", "REGEN", "LOCK", "KEYS", "PUBLISHED", "PROBE"]

    var text: String {
        var parts: [String] = []
        if !report.resources.isEmpty { parts.append(table) }
        parts += problems
        return parts.joined(separator: "\n\n")
    }

    private var table: String {
        var table = Table(header: Self.header)
        // What the other columns leave.
        let room = Self.width - Self.header.dropFirst().reduce(0) { $0 + $1.count + 2 }
        for resource in report.resources {
            let name = resource.name
            table.append([
                name.count <= room ? name : name.prefix(room - 1) + "…", resource.token.cell, resource.read.cell,
                resource.listKeys.cell, resource.regenerateKey.cell,
                Self.cell(resource.unlocked, ok: "no", no: "yes"),
                Self.cell(resource.keyAuthentication, ok: "on", no: "off"), resource.published.cell,
                resource.probe.cell,
            ])
        }
        return table.text
    }

    private static func cell(_ finding: OnlineFinding, ok: String, no: String) -> String {
        switch finding {
        case .ok: ok
        case .no: no
        case .unknown, .skipped: finding.cell
        }
    }

    /// What several resources have in common is told once, under the names of all of them; the errors come first.
    private var problems: [String] {
        var groups: [(names: [String], problem: OnlineProblem)] = report.problems.map { ([], $0) }
        var places: [String: Int] = [:]
        for resource in report.resources {
            for problem in resource.problems {
                if let common = problem.common, let place = places[common] {
                    groups[place].names.append(resource.name)
                    continue
                }
                if let common = problem.common { places[common] = groups.count }
                groups.append(([resource.name], problem))
            }
        }
        return [OnlineProblem.Severity.error, .warning].flatMap { severity in
            groups.filter { $0.problem.severity == severity }.map { Self.text($0.problem, $0.names) }
        }
    }

    private static func text(_ problem: OnlineProblem, _ names: [String]) -> String {
        let shown = names.prefix(8).joined(separator: ", ")
        let rest = names.count > 8 ? " and \(names.count - 8) more" : ""
        let whom = names.isEmpty ? "" : ": \(shown)\(rest)"
        let head = "\(problem.severity.rawValue)\(problem.reason.map { ": \($0.rawValue)" } ?? "")\(whom)"
        return WrappedText.wrap(head, width: width, indent: 0)
            + "\n" + WrappedText.wrap(problem.detail, width: width, indent: 2)
            + "\n" + WrappedText.wrap("What to do: \(problem.advice)", width: width, indent: 2)
    }
}

/// Lines that end at blanks.
enum WrappedText {
    /// A word that is longer than a line has one of its own.
    static func wrap(_ text: String, width: Int, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        for word in text.split(whereSeparator: \.isWhitespace) {
            if !line.isEmpty, indent + line.count + 1 + word.count > width {
                lines.append(margin + line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        if !line.isEmpty { lines.append(margin + line) }
        return lines.joined(separator: "\n")
    }
}
