import Glibc
import Rotation
import SecretsDirectory
import Simulation
import Testing

@Suite struct DiskCrashTests {
    @Test(arguments: DiskPublication.all, ModelDiskOrder.allCases)
    func aPowerFailureLeavesOneWholeVersion(publication: DiskPublication, order: ModelDiskOrder) throws {
        var trial = try DiskCrashTrial(publication)
        trial.order = order
        let findings = try trial.findings(seeds: 0..<UInt64(diskSeeds(4)))
        #expect(findings == [])
    }

    /// The process is killed in one publication, and the power fails in the next, of the same version or another.
    @Test(arguments: [(1, 1), (1, 2), (2, 2), (2, 3)], ModelDiskOrder.allCases)
    func soDoesOneAfterAPublicationThatWasCutShort(numbers: (Int, Int), order: ModelDiskOrder) throws {
        let (killed, next) = numbers
        let before = killed > 1 ? 1...killed - 1 : nil
        let prepared = try DiskPublication(testDescription: "", before: before, number: killed).prepared()
        let version = try DiskSecrets.version(killed)
        let layout = ResourceLayout()
        var call = 0
        var isOver = false
        var findings: [String] = []
        while !isOver, findings.count < 3 {
            call += 1
            let disk = ModelDisk(copying: prepared)
            disk.crash(atChangingCall: call, isDone: true)
            _ = Result { () throws(Failure) in try DiskSecrets.on(disk).publish(version, layout: layout) }
            isOver = !disk.hasCrashed
            disk.processKilled()
            var trial = try DiskCrashTrial(
                DiskPublication(testDescription: "killed at changing call \(call)", number: next), on: disk)
            trial.old = [DiskSecrets.view(prepared), try DiskSecrets.view(of: version, layout)]
            trial.order = order
            // Between the switch and its fsync most is at stake.
            let isSwitched = trial.old[0] != trial.old[1] && DiskSecrets.view(disk) == trial.old[1] && !isOver
            trial.stride = isSwitched ? 1 : 10
            let seed = UInt64(call * 1_000)
            findings += try trial.findings(seeds: seed..<seed + UInt64(diskSeeds(isSwitched ? 3 : 1)), limit: 1)
        }
        #expect(findings == [])
        if findings.isEmpty { #expect(call > 30) }
    }

    /// Whoever goes by what a publication left that did not return makes it durable before.
    @Test(arguments: [true, false]) func whatIsMadeDurableSurvives(isMade: Bool) throws {
        let prepared = try DiskPublication(testDescription: "", before: 1...1, number: 2).prepared()
        let version = try DiskSecrets.version(2)
        var (call, lost) = (0, 0)
        var isOver = false
        while !isOver {
            call += 1
            let disk = ModelDisk(copying: prepared)
            disk.crash(atChangingCall: call, isDone: true)
            _ = Result { () throws(Failure) in try DiskSecrets.on(disk).publish(version, layout: ResourceLayout()) }
            isOver = !disk.hasCrashed
            disk.processKilled()
            if isMade { try DiskSecrets.on(disk).makeDurable(DiskSecrets.name) }
            let seen = DiskSecrets.view(disk)
            for seed in 0..<UInt64(8) {
                let copy = ModelDisk(copying: disk)
                var random = DiskRandom(seed: UInt64(call) * 100 + seed)
                copy.powerFailure(&random)
                if DiskSecrets.view(copy) != seen { lost += 1 }
            }
        }
        #expect(isMade ? lost == 0 : lost > 0, "\(lost) times, in \(call) calls")
    }

    /// The model is no toy: who forgets an fsync is caught.
    @Test(arguments: [FileStatus.Kind.regular, .directory], ModelDiskOrder.allCases)
    func aForgottenFsyncIsFound(forgotten: FileStatus.Kind, order: ModelDiskOrder) throws {
        var trial = try DiskCrashTrial(DiskPublication(testDescription: "", before: 1...1, number: 2))
        trial.order = order
        trial.wrap = { DiskForgetfulFileSystem(disk: $0, forgotten: forgotten) }
        #expect(try trial.findings(seeds: 0..<8, limit: 1) != [])
    }
}
