import Simulation
import Testing

@Suite struct DeterminismTests {
    @Test(arguments: [1, 7, 22, 45] as [UInt64])
    func theSameSeedGivesTheSameTrace(seed: UInt64) {
        let scenario = Scenario(seed: seed, years: 0.3)
        let one = Simulation.run(scenario, traced: true).trace
        let other = Simulation.run(scenario, traced: true).trace
        #expect(one.count > 20)
        #expect(one == other)
    }

    @Test func tracingChangesNothing() {
        let scenario = Scenario(seed: 5, years: 0.3)
        #expect(Simulation.run(scenario).statistics == Simulation.run(scenario, traced: true).statistics)
    }

    @Test func anotherSeedGivesAnotherTrace() {
        let one = Simulation.run(Scenario(seed: 1, years: 0.1), traced: true).trace
        let other = Simulation.run(Scenario(seed: 2, years: 0.1), traced: true).trace
        #expect(one != other)
    }

    @Test func withoutAFaultTheOthersStrikeAsBefore() throws {
        let wanted: Set<Fault> = [.kill, .restart]
        let seeds = (1...500 as ClosedRange<UInt64>)
        let seed = try #require(seeds.first { wanted.isSubset(of: Scenario(seed: $0, years: 1).plan.active) })
        let scenario = Scenario(seed: seed, years: 2)
        let (dropped, kept) = (Fault.kill, Fault.restart)
        let text = "strikes: \(kept.name)"
        let before = Simulation.run(scenario, traced: true).trace.filter { $0.hasSuffix(text) }
        let after = Simulation.run(scenario.without(dropped), traced: true).trace.filter { $0.hasSuffix(text) }
        #expect(before == after)
        #expect(!before.isEmpty)
    }
}
