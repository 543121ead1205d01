import Glibc
import Rotation
import SecretsDirectory
import Simulation

/// One resource published again and again on a disk that fails, while the process is killed and the power goes.
struct DiskLife {
    private let disk: ModelDisk
    private var random: DiskRandom
    private let order: ModelDiskOrder
    /// The number of the last version whose publication was tried.
    private var number = 0
    /// What must be there at least, and what was tried since.
    private var certain: [String: DiskView] = [:]
    private var tried: [[String: DiskView]] = []
    private var history: [String] = []
    /// What nobody may ever see.
    private(set) var finding: String?

    init(seed: UInt64, order: ModelDiskOrder, failedSyncLosesNames: Bool = false) throws {
        disk = try DiskSecrets.emptyDisk()
        disk.setFailedSyncLosesNames(failedSyncLosesNames)
        random = DiskRandom(seed: seed)
        self.order = order
    }

    mutating func run(steps: Int) throws {
        for _ in 0..<steps where finding == nil { try step() }
        if let finding { self.finding = "\(finding); \(history.suffix(8).joined(separator: ", "))" }
    }

    private mutating func step() throws {
        if number == 0 || random.once(in: 2) { number += 1 }
        let fault = Int.random(in: 0..<4, using: &random)
        if fault < 2 {
            let call = Int.random(in: 1...60, using: &random)
            disk.crash(atChangingCall: call, isDone: Bool.random(using: &random))
        }
        if fault < 3 {
            let dice = DiskFaultDice(seed: random.next(), once: random.pick([3, 30, 100, 1_000]))
            disk.decideFaults { dice.fault($0) }
        }
        let version = try DiskSecrets.version(number)
        let new = try DiskSecrets.view(of: version, ResourceLayout())
        let outcome = Result { () throws(Failure) in
            try DiskSecrets.on(disk).publish(version, layout: ResourceLayout())
        }
        disk.decideFaults(nil)
        switch outcome {
        case .success(let outcome):
            history.append("\(number) \(outcome)")
            certain = new
            tried = []
        case .failure(let failure):
            history.append("\(number) failed: \(failure.detail)")
            tried.append(new)
            if fault == 3 { finding = "it fails without a fault" }
        }
        look()
        end()
        if disk.openDescriptors != 0 { finding = "\(disk.openDescriptors) descriptors left open" }
    }

    /// The end of the process, when it crashed; and sometimes the power fails when nobody is at work.
    private mutating func end() {
        if disk.hasCrashed ? Bool.random(using: &random) : random.once(in: 4) {
            history.append("power failure")
            disk.powerFailure(&random, order: order)
            look()
            // Whatever there is now is on the disk.
            certain = DiskSecrets.view(disk)
            tried = []
        } else {
            history.append("killed")
            disk.processKilled()
        }
    }

    private mutating func look() {
        let seen = DiskSecrets.view(disk)
        guard finding == nil, seen != certain, !tried.contains(seen) else { return }
        let facts = Set(seen.keys).union(certain.keys).sorted().map { name in
            guard let file = seen[name] else { return "\(name) missing" }
            if file == certain[name] { return "\(name) as it should be" }
            return tried.contains { $0[name] == file }
                ? "\(name) of a later try" : "\(name) of \(file.bytes.count) bytes with mode \(file.permissions.mode)"
        }
        finding = "consumers see \(facts.joined(separator: ", "))"
    }
}
