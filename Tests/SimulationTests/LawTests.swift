import Dispatch
import Simulation
import Testing

/// Some hundred worlds, always the same ones; `make simulate` runs as many others as there is time for.
@Suite(.timeLimit(.minutes(15)))
struct LawTests {
    static let seeds = Array(1...200) as [UInt64]
    static let years = 0.5

    /// One world at a time, on a thread of its own: these take long, and would starve the tests of other suites, which have
    /// servers that answer.
    private static let queue = DispatchQueue(label: "worlds")

    private func run(_ scenario: Scenario) async -> Simulation.Result {
        await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: Simulation.run(scenario)) }
        }
    }

    @Test(arguments: Array(stride(from: 0, to: 200, by: 10)))
    func noLawIsBroken(from index: Int) async {
        for seed in Self.seeds[index..<min(index + 10, Self.seeds.count)] {
            let result = await run(Scenario(seed: seed, years: Self.years))
            if let violation = result.violation {
                Issue.record("simulate replay \(seed) --years \(Self.years): \(violation)")
            }
        }
    }

    /// Worlds in which a law was broken once.
    @Test(arguments: [1549, 7_007_325, 9_001_033, 20_261_423, 473_777_851] as [UInt64])
    func noLawIsBrokenAgain(seed: UInt64) async {
        var scenario = Self.scenario(seed, until: .compromised)
        scenario.features = []
        #expect(await run(scenario).violation == nil)
    }

    /// The same, with all the policies that there are now.
    @Test(arguments: [10_216] as [UInt64])
    func noLawIsBrokenAgainWithPeersAndCalendars(seed: UInt64) async {
        #expect(await run(Self.scenario(seed, until: .compromised)).violation == nil)
    }

    /// The same, with listings that contradict themselves, and resources that are made again.
    @Test(arguments: [5193, 6805] as [UInt64])
    func noLawIsBrokenAgainWithRecreatedResources(seed: UInt64) async {
        #expect(await run(Self.scenario(seed, until: .recreated)).violation == nil)
    }

    /// What there was not when it was found would make another world of it.
    private static func scenario(
        _ seed: UInt64, until last: Fault, without features: [Scenario.Feature] = [.crowd, .untimely]
    ) -> Scenario {
        let later = Fault.allCases.filter { $0.rawValue > last.rawValue }
        let scenario = later.reduce(Scenario(seed: seed, years: 5)) { $0.without($1) }
        return features.reduce(scenario) { $0.without($1) }
    }

    /// The same, with what Azure's documents leave open.
    @Test(arguments: [140, 2655, 203_011, 203_224, 312_844] as [UInt64])
    func noLawIsBrokenAgainWithOddities(seed: UInt64) async {
        #expect(await run(Self.scenario(seed, until: .hoursOfPropagation)).violation == nil)
    }

    /// The same, with moved endpoints.
    @Test(
        arguments: [
            84, 941, 2823, 5586, 9907, 10_393, 21_688, 22_730, 31_257, 33_220, 45_540, 46_656, 68_515, 83_733, 100_504,
            102_193, 109_671, 113_175, 144_098, 182_322, 189_273, 250_323, 1_015_732,
        ] as [UInt64])
    func noLawIsBrokenAgainWithMovedEndpoints(seed: UInt64) async {
        #expect(await run(Self.scenario(seed, until: .endpointMoved, without: [])).violation == nil)
    }

    /// The same, with all that there is now.
    @Test(arguments: [250_323, 264_775, 1_052_662, 2_107_154, 2_131_206, 3_017_430, 4_004_061, 4_900_330] as [UInt64])
    func noLawIsBrokenAgainWithEverything(seed: UInt64) async {
        #expect(await run(Scenario(seed: seed, years: 5)).violation == nil)
    }

    /// The worlds above are no use when nothing happens in them.
    @Test func aWorldIsBusy() async {
        var total = Statistics()
        for seed in Self.seeds.prefix(40) {
            total += await run(Scenario(seed: seed, years: Self.years)).statistics
        }
        #expect(total.regenerates > 40)
        #expect(total.publications > 40)
        #expect(total.crashes > 10)
        #expect(total.strikes > 40)
        #expect(total.consumerCalls > 100)
        #expect(total.holds > 0)
    }

    @Test func everyFaultIsOnSomewhere() {
        let on = Set(Self.seeds.flatMap { Scenario(seed: $0, years: 1).plan.active })
        #expect(on == Set(Fault.allCases))
    }
}
