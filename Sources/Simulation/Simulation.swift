/// Runs simulated worlds.
package enum Simulation {
    package struct Result: Sendable {
        package let scenario: Scenario
        /// The first law that was broken; nil when none was.
        package let violation: Violation?
        package let statistics: Statistics
        /// Line by line what happened; empty unless it was asked for.
        package let trace: [String]

        /// One for each resource and year.
        package var resourceYears: Double { scenario.years * Double(scenario.resources) }
    }

    /// Runs one world to its end, or to the first violation.
    package static func run(_ scenario: Scenario, traced: Bool = false) -> Result {
        let world = World(scenario, traced: traced)
        world.run()
        return Result(
            scenario: scenario, violation: world.violations.first, statistics: world.statistics,
            trace: world.trace.lines)
    }
}
