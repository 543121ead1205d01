import Glibc
import SecretsDirectory
import Simulation
import Testing

@Suite struct DiskHandsTests {
    @Test func contentsFollowsAsManyLinksAsLinux() throws {
        let disk = ModelDisk()
        try disk.write("/l0", [7])
        for number in 1...41 { try disk.makeLink("/l\(number)", to: "l\(number - 1)") }
        #expect(disk.contents("/l40") == [7])
        #expect(disk.contents("/l41") == nil)
        try disk.makeDirectory("/d/e")
        try disk.makeLink("/d/e/up", to: "../../l1")
        try disk.makeLink("/way", to: "/d/e")
        #expect(disk.contents("/way/up") == [7])
        #expect(disk.contents("/d") == nil && disk.contents("/l0/x") == nil && disk.contents("/l0/") == nil)
    }

    @Test func handsChangeWhatTheyNameAndSyncNothing() throws {
        let disk = ModelDisk()
        try disk.makeDirectory("/d/e", mode: 0o711)
        try disk.write("/d/e/f", [1])
        try disk.chmod("/d/e/f", 0o666)
        try disk.chown("/d/e/f", owner: 1, group: 2)
        #expect(disk.status("/d/e/f")?.permissions == Permissions(mode: 0o666, owner: 1, group: 2))
        try disk.rename("/d/e/f", to: "/d/e/g")
        #expect(disk.names("/d/e") == ["g"])
        try disk.removeTree("/d")
        #expect(disk.names("/") == [])
        #expect(throws: SystemError(ENOENT)) { try disk.removeTree("/d") }
        let whole = Set(
            (0..<100).map { seed in
                var random = DiskRandom(seed: UInt64(seed))
                let copy = ModelDisk(copying: disk)
                copy.powerFailure(&random)
                return copy.status("/d/e")?.permissions.mode
            })
        #expect(whole == [nil, 0o711])
    }

    /// While the count of a directory is the same, so is everything in it.
    @Test func changeCountsTellWhereSomethingChanged() throws {
        for seed in 0..<UInt64(diskSeeds(15)) {
            var generator = DiskCallGenerator(seed: seed, path: "/outer/inner")
            var random = DiskRandom(seed: UInt64(seed))
            let disk = ModelDisk()
            try disk.makeDirectory("/outer/inner")
            let inner = try disk.openat(AT_FDCWD, "/outer/inner", flags: O_RDONLY | O_DIRECTORY, mode: 0)
            var subject = DiskSubject(fileSystem: disk, descriptors: [inner])
            var before = try states(disk)
            for _ in 0..<150 {
                if random.once(in: 40) {
                    disk.powerFailure(&random)
                    subject.descriptors = [try disk.openat(AT_FDCWD, "/outer/inner", flags: O_RDONLY, mode: 0)]
                } else {
                    _ = subject.make(generator.next(subject.descriptors.count))
                }
                let after = try states(disk)
                for (path, state) in after where before[path]?.count == state.count {
                    #expect(before[path]?.tree == state.tree, "seed \(seed): \(path)")
                }
                before = after
            }
        }
    }

    private struct State {
        var count: Int
        var tree: String
    }

    /// Of every directory that is no link, its count and everything in it.
    private func states(_ disk: ModelDisk) throws -> [String: State] {
        var states: [String: State] = [:]
        _ = try add("/outer", of: disk, to: &states)
        return states
    }

    private func add(_ path: String, of disk: ModelDisk, to states: inout [String: State]) throws -> String {
        let status = try disk.fstatat(AT_FDCWD, path)
        var tree = "\(status.permissions) "
        switch status.kind {
        case .directory:
            for name in disk.names(path) ?? [] {
                tree += "\(name): \(try add("\(path)/\(name)", of: disk, to: &states)) "
            }
            states[path] = State(count: disk.changeCount(of: path), tree: tree)
        case .symbolicLink: tree += try disk.readlinkat(AT_FDCWD, path)
        case .regular, .other: tree += "\(disk.contents(path) ?? [])"
        }
        return tree
    }

    @Test func aChangeElsewhereLeavesTheCount() throws {
        let disk = ModelDisk()
        for name in ["a", "b"] { try disk.makeDirectory("/secrets/\(name)/..v1") }
        let top = disk.changeCount(of: "/secrets")
        let a = disk.changeCount(of: "/secrets/a")
        let b = disk.changeCount(of: "/secrets/b")
        let mutations = disk.mutations
        try disk.write("/secrets/a/..v1/x", [1])
        #expect(disk.changeCount(of: "/secrets/a") != a && disk.changeCount(of: "/secrets") != top)
        #expect(disk.changeCount(of: "/secrets/b") == b && disk.mutations > mutations)
        let changed = disk.changeCount(of: "/secrets/a")
        var random = DiskRandom(seed: 1)
        disk.powerFailure(&random)
        #expect(disk.changeCount(of: "/secrets/a") != changed && disk.changeCount(of: "/secrets/b") == b)
        try disk.removeTree("/secrets/a")
        #expect(disk.changeCount(of: "/secrets/a") == 0)
        try disk.makeDirectory("/secrets/a")
        #expect(disk.changeCount(of: "/secrets/a") > changed)
    }
}
