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

    @Option(help: "Leave this fault out; may be given several times ('simulate faults' lists them).")
    var without: [String] = []

    @Flag(help: "Only the result, and which faults there are.")
    var quiet = false

    func run() throws {
        var scenario = Scenario(seed: seed, years: years)
        if let resources { scenario.resources = resources }
        for name in without {
            guard let fault = Fault(name: name) else { throw ValidationError("there is no fault '\(name)'") }
            scenario = scenario.without(fault)
        }
        let result = Simulation.run(scenario, traced: !quiet)
        for line in result.trace { print(line) }
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
        return words.joined(separator: " ")
    }
}
