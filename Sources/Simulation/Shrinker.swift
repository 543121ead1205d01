import Rotation

/// Makes a failing world simpler for as long as it goes on failing.
package struct Shrinker {
    /// Worlds that may still be run.
    private var budget: Int

    package init(budget: Int = 200) {
        self.budget = budget
    }

    /// The smallest failing scenario found: ending soon after the failure, with as few resources and faults as it takes.
    package mutating func shrink(_ failing: Simulation.Result) -> Simulation.Result {
        var best = failing
        for resources in 1..<max(1, best.scenario.resources) {
            var scenario = best.scenario
            scenario.resources = resources
            if let smaller = fails(scenario) {
                best = smaller
                break
            }
        }
        for feature in Scenario.Feature.allCases where best.scenario.features.contains(feature) {
            if let smaller = fails(best.scenario.without(feature)) { best = smaller }
        }
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for fault in best.scenario.plan.active {
                if let smaller = fails(best.scenario.without(fault)) {
                    best = smaller
                    isSmaller = true
                }
            }
        }
        return shortened(best)
    }

    private mutating func fails(_ scenario: Scenario) -> Simulation.Result? {
        guard budget > 0 else { return nil }
        budget -= 1
        let result = Simulation.run(scenario)
        return result.violation == nil ? nil : result
    }

    /// What comes after the failure never happened; when it came in the calm time, the faults end there sooner.
    private mutating func shortened(_ result: Simulation.Result) -> Simulation.Result {
        guard let violation = result.violation else { return result }
        var best = result
        let needed = Double((violation.at - World.start).wholeMicroseconds) / 1e6 / World.secondsOfYear
        var years = min(needed, best.scenario.years)
        while years > 0.05 {
            years = years < needed / 64 ? 0 : years * 0.7
            var scenario = best.scenario
            scenario.years = years
            guard let shorter = fails(scenario) else { break }
            best = shorter
        }
        return best
    }
}
