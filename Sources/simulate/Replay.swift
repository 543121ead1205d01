import ArgumentParser
import Simulation

let faultNames = Fault.allCases.map(\.name)

/// `simulate replay`: one world alone, with everything that happens in it.
struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run one world and print what happens in it.")

    @Argument(help: "The world's seed.")
    var seed: UInt64

    @Option(help: "How many years it lasts.")
    var years = 5.0

    @Option(help: "How many of its resources there are. (default: as many as its seed says)")
    var resources: Int?

    @Option(
        help: """
            Leave this fault out, or 'hours', 'calendars', 'peers', 'crowd' or 'untimely'; may be given several times \
            ('simulate faults' lists the faults).
            """)
    var without: [String] = []

    @Flag(help: "Only the result, and which faults there are.")
    var quiet = false

    func run() throws {
        var scenario = Scenario(seed: seed, years: years)
        if let resources { scenario.resources = resources }
        for name in without {
            if let feature = Scenario.Feature(rawValue: name) {
                scenario = scenario.without(feature)
            } else if let fault = Fault(name: name) {
                scenario = scenario.without(fault)
            } else {
                throw ValidationError("there is no fault '\(name)'")
            }
        }
        let result = Simulation.run(scenario, traced: !quiet)
        for line in result.trace { print(line) }
        let features = Scenario.Feature.allCases.filter(scenario.features.contains).map(\.rawValue)
        if !features.isEmpty { print("policies with \(features.joined(separator: ", "))") }
        print("resources: \(scenario.resources); faults: \(scenario.plan.active.map(\.name).joined(separator: ", "))")
        guard let violation = result.violation else { return print("no law broken") }
        print("\(violation)")
        throw ExitCode.failure
    }

    /// The command line that runs this world.
    static func command(for scenario: Scenario, compared whole: Scenario) -> String {
        var words = ["simulate replay \(scenario.seed) --years \(scenario.years)"]
        if scenario.resources != whole.resources { words.append("--resources \(scenario.resources)") }
        for fault in whole.plan.active where scenario.plan[fault] == 0 { words.append("--without \(fault.name)") }
        for feature in Scenario.Feature.allCases
        where whole.features.contains(feature) && !scenario.features.contains(feature) {
            words.append("--without \(feature.rawValue)")
        }
        return words.joined(separator: " ")
    }
}
