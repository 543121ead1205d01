import Simulation
import Testing

@Suite struct DiskLifeTests {
    @Test(arguments: ModelDiskOrder.allCases)
    func aVersionThatWasPublishedStaysAndAnyVersionIsWhole(order: ModelDiskOrder) throws {
        var findings: [String] = []
        for seed in 0..<UInt64(diskSeeds(20)) where findings.count < 3 {
            var life = try DiskLife(seed: seed, order: order)
            try life.run(steps: 30)
            if let finding = life.finding { findings.append("seed \(seed): \(finding)") }
        }
        #expect(findings == [])
    }
}
