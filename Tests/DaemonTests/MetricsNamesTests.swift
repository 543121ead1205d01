import Daemon
import FoundationEssentials
import Rotation
import Testing

/// The alert rules and the dashboard of deploy/prometheus ask for what the daemon really exposes.
@Suite(.timeLimit(.minutes(15))) struct MetricsNamesTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy/prometheus")

    private static func text(_ file: String) throws -> String {
        try String(contentsOf: directory.appending(path: file), encoding: .utf8)
    }

    /// Lines of the rules, whose expressions are each on a line of its own.
    private static func rules() throws -> [String] {
        try text("keyturn.rules.yml").split(separator: "\n").map { $0.drop { $0 == " " } }
            .filter { $0.hasPrefix("expr: ") }.map { String($0.dropFirst("expr: ".count)) }
    }

    private static func queries(_ json: JSON) -> [String] {
        switch json {
        case .object(let members):
            members.flatMap { key, value -> [String] in
                if key == "expr", case .text(let text) = value { return [text] }
                // `label_values(metric{…}, label)`
                if key == "definition", case .text(let text) = value {
                    return [
                        String(
                            text.dropFirst("label_values(".count).prefix(upTo: text.lastIndex(of: ",") ?? text.endIndex)
                        )
                    ]
                }
                return queries(value)
            }
        case .list(let items): items.flatMap(queries)
        case .text, .number, .truth, .null: []
        }
    }

    @Test func `every query is about metrics that are exposed, and values that labels can have`() async throws {
        let rules = try Self.rules()
        let dashboard = Self.queries(try JSON(Self.text("keyturn-dashboard.json")))
        #expect(rules.count >= 10)
        #expect(dashboard.count >= 25)
        try await Lab.with { lab in
            try lab.configure(Lab.manual, extra: ["contoso-sms": "run: [[/bin/false]]"], listen: "127.0.0.1:0")
            try await lab.withDaemon { daemon in
                try await daemon.wait(for: "a failing hook") { $0.reason == .deliveryFailed }
                let scrape = try await daemon.scrape()
                // Families that have no series here count too; Prometheus itself makes `up`.
                let exposed = scrape.names.union(scrape.families).union(["up"])
                let values: [String: Set<String>] = [
                    "health": ["ok", "degraded", "held", "paused"],
                    "reason": Set(Reason.allCases.map(\.rawValue)),
                    "phase": ["settled"], "job": ["keyturn"],
                ]
                for query in rules + dashboard {
                    let promQL = PromQL(query)
                    #expect(!promQL.metrics.isEmpty, "\(query)")
                    let unknown = promQL.metrics.subtracting(exposed)
                    #expect(unknown.isEmpty, "\(query)")
                    for (label, value) in promQL.matchers {
                        #expect(values[label]?.contains(value) == true, "\(label)=\(value) in \(query)")
                    }
                }
            }
        }
    }

    @Test(
        arguments: [
            ("a / b{x=\"y\"}[5m]", ["a", "b"]), ("max by (job, resource) (a{h=\"b\"}) == 1", ["a"]),
            ("time() - a > 2 * 3600", ["a"]),
            ("histogram_quantile(0.95, sum by (le) (rate(a_bucket[1m])))", ["a_bucket"]),
            ("a and on (x) group_left (y) b offset 5m", ["a", "b"]), ("count(a > 1e3) or vector(0)", ["a"]),
        ] as [(String, Set<String>)])
    func `the names in a query are found`(_ query: String, _ names: Set<String>) {
        #expect(PromQL(query).metrics == names)
    }
}
