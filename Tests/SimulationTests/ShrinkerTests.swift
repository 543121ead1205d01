import Simulation
import Testing

@Suite struct ShrinkerTests {
    /// A world in which the daemon is blamed for what others do must fail, and what is left of it is their doing.
    @Test func whatIsLeftIsWhatItTakes() throws {
        var failing: Simulation.Result?
        for seed in 1...200 as ClosedRange<UInt64> where failing == nil {
            var scenario = Scenario(seed: seed, years: 1)
            scenario.blamesTheDaemon = true
            let result = Simulation.run(scenario)
            if result.violation != nil, result.scenario.plan.active.count > 6 { failing = result }
        }
        let whole = try #require(failing, "no world fails although the daemon is blamed")
        #expect(whole.violation?.law == 3)
        var shrinker = Shrinker()
        let small = shrinker.shrink(whole)
        #expect(small.violation?.law == 3)
        #expect(small.scenario.resources <= whole.scenario.resources)
        let left = small.scenario.plan.active
        #expect(left.count <= 2, "\(left.map(\.name))")
        let theirs: [Fault] = [.outsideCurrent, .outsideOther, .wrongKeyType, .recreated, .oddAnswer, .deleted]
        #expect(left.contains { theirs.contains($0) })
        #expect(Simulation.run(small.scenario).violation == small.violation, "it replays alone")
    }
}
