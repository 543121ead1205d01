import Rotation
import SecretsDirectory
import Simulation

/// Publishes on a copy of a disk, lets the power fail at one of the calls, and looks at what is left.
struct DiskCrashTrial {
    let publication: DiskPublication
    let version: SecretVersion
    let disk: ModelDisk
    /// What consumers may see before and, while the publication has not returned, after it: a whole version each.
    var old: [[String: DiskView]]
    let new: [String: DiskView]
    /// What the publication believes to be the disk.
    var wrap: (ModelDisk) -> any FileSystem = { $0 }
    var order = ModelDiskOrder.any
    /// The power fails at every so many-th call only, at others with another seed.
    var stride = 1

    init(_ publication: DiskPublication) throws {
        try self.init(publication, on: publication.prepared())
    }

    /// `disk`: with whatever became of what was published before.
    init(_ publication: DiskPublication, on disk: ModelDisk) throws {
        self.publication = publication
        self.disk = disk
        version = try DiskSecrets.version(publication.number, hasPrevious: publication.hasPrevious)
        old = [DiskSecrets.view(disk)]
        new = try DiskSecrets.view(of: version, publication.layout)
    }

    /// What is wrong after a power failure at each of the publication's calls that change something, and one after its
    /// end, the chances drawn from so many seeds; at most `limit` findings.
    func findings(seeds: Range<UInt64>, limit: Int = 3) throws -> [String] {
        var findings: [String] = []
        for seed in seeds {
            var number = 1 + Int(seed % UInt64(stride))
            while findings.count < limit {
                let place = "seed \(seed), power failure at changing call \(number)"
                let (finding, isOver) = try finding(number, seed)
                if let finding { findings.append("\(publication.testDescription): \(place): \(finding)") }
                if isOver { break }
                number += stride
            }
        }
        return findings
    }

    private func finding(_ number: Int, _ seed: UInt64) throws -> (String?, isOver: Bool) {
        var random = DiskRandom(seed: seed << 16 | UInt64(number))
        let disk = ModelDisk(copying: disk)
        disk.crash(atChangingCall: number, isDone: Bool.random(using: &random))
        let outcome = Result { () throws(Failure) in
            try DiskSecrets.on(wrap(disk)).publish(version, layout: publication.layout)
        }
        let isOver = !disk.hasCrashed
        if isOver { _ = try outcome.get() }
        disk.powerFailure(&random, order: order)
        let seen = DiskSecrets.view(disk)
        if seen != new, isOver || !old.contains(seen) {
            return ("consumers see \(facts(seen))", isOver)
        }
        return (try findingAfterRepetition(disk), isOver)
    }

    /// After the power failure the same is published once more, without a fault.
    private func findingAfterRepetition(_ disk: ModelDisk) throws -> String? {
        let secrets = DiskSecrets.on(disk)
        _ = try secrets.publish(version, layout: publication.layout)
        guard DiskSecrets.view(disk) == new else { return "published again: \(facts(DiskSecrets.view(disk)))" }
        guard let found = try secrets.read(DiskSecrets.name, layout: publication.layout) else { return "read: nothing" }
        guard found.intact else { return "read: \(found.problems)" }
        guard found.leftovers.isEmpty else { return "read: leftovers \(found.leftovers)" }
        guard disk.status(DiskSecrets.root)?.permissions.mode == 0o751 else { return "the secrets directory is closed" }
        guard disk.openDescriptors == 0 else { return "\(disk.openDescriptors) descriptors left open" }
        return nil
    }

    /// From which version each file is.
    private func facts(_ seen: [String: DiskView]) -> String {
        let names = old.reduce(Set(seen.keys).union(new.keys)) { $0.union($1.keys) }.sorted()
        let facts = names.map { name in
            guard let file = seen[name] else { return "\(name) missing" }
            if file == new[name] { return "\(name) new" }
            return old.contains { $0[name] == file } ? "\(name) old" : "\(name) of \(file.bytes.count) bytes"
        }
        return facts.joined(separator: ", ")
    }
}
