import Glibc
import SecretsDirectory
import Simulation
import Testing

/// What the model lets a power failure do, and what not.
@Suite struct DiskPowerFailureTests {
    /// What came of a disk in many power failures.
    private func outcomes(
        _ disk: ModelDisk, order: ModelDiskOrder = .any, seeds: Int = 300, _ look: (ModelDisk) -> String
    ) -> Set<String> {
        Set(
            (0..<seeds).map { seed in
                var random = DiskRandom(seed: UInt64(seed))
                let copy = ModelDisk(copying: disk)
                copy.powerFailure(&random, order: order)
                return look(copy)
            })
    }

    private func directory(_ disk: ModelDisk, _ path: String = "/") throws -> Int32 {
        try disk.openat(AT_FDCWD, path, flags: O_RDONLY | O_DIRECTORY, mode: 0)
    }

    private func file(
        _ disk: ModelDisk, _ path: String, _ text: String, flags: Int32 = O_CREAT, isSynced: Bool = true
    ) throws {
        let file = try disk.openat(AT_FDCWD, path, flags: O_WRONLY | flags, mode: 0o600)
        _ = try disk.write(file, Array(text.utf8)[...])
        if isSynced { try disk.fsync(file) }
        disk.close(file)
    }

    private func text(_ disk: ModelDisk, _ path: String) -> String {
        disk.contents(path).map { String(decoding: $0, as: UTF8.self) } ?? "none"
    }

    @Test func contentThatWasNotSyncedIsWholeCutEmptyOrZeros() throws {
        let disk = ModelDisk()
        try file(disk, "/new", "abc", isSynced: false)
        try disk.fsync(directory(disk))
        #expect(
            outcomes(disk) { text($0, "/new") } == ["", "a", "ab", "abc", "\0\0\0", "a\0\0", "ab\0"])
    }

    @Test func contentThatWasOverwrittenIsOldNewOrBoth() throws {
        let disk = ModelDisk()
        try file(disk, "/old", "abc")
        try disk.fsync(directory(disk))
        try file(disk, "/old", "xy", flags: 0, isSynced: false)
        let outcomes = outcomes(disk) { text($0, "/old") }
        #expect(outcomes.isSuperset(of: ["abc", "xyc", "xbc", "xy", "x", ""]))
        #expect(!outcomes.contains("none"))
    }

    @Test func fsyncOfAFileKeepsItsContentAndModeButNotItsName() throws {
        let disk = ModelDisk()
        let new = try disk.openat(AT_FDCWD, "/new", flags: O_WRONLY | O_CREAT, mode: 0o600)
        _ = try disk.write(new, [1, 2, 3])
        try disk.fchmod(new, mode: 0o640)
        try disk.fsync(new)
        let look = { (disk: ModelDisk) in
            "\(disk.contents("/new") ?? []) \(disk.status("/new")?.permissions.mode ?? 0)"
        }
        #expect(outcomes(disk, look) == ["[] 0", "[1, 2, 3] 416"])
        try disk.fsync(directory(disk))
        #expect(outcomes(disk, look) == ["[1, 2, 3] 416"])
    }

    @Test func modeAndOwnerAreOldOrNewEachForItself() throws {
        let disk = ModelDisk()
        let file = try disk.openat(AT_FDCWD, "/a", flags: O_WRONLY | O_CREAT, mode: 0o600)
        try disk.fsync(file)
        try disk.fsync(directory(disk))
        try disk.fchmod(file, mode: 0o640)
        try disk.fchown(file, owner: 7, group: 8)
        let look = { (disk: ModelDisk) in
            disk.status("/a").map { "\($0.permissions.mode) \($0.permissions.owner) \($0.permissions.group)" } ?? "none"
        }
        #expect(outcomes(disk, look) == ["384 0 0", "416 0 0", "384 7 8", "416 7 8"])
        #expect(outcomes(disk, order: .journal, look) == ["384 0 0", "416 0 0", "416 7 8"])
    }

    @Test func aRenameIsDoneOrNotDone() throws {
        let disk = ModelDisk()
        try file(disk, "/a", "A")
        try file(disk, "/b", "B")
        let top = try directory(disk)
        try disk.fsync(top)
        try disk.renameat(top, "a", to: "b")
        #expect(outcomes(disk) { "\(text($0, "/a")) \(text($0, "/b"))" } == ["A B", "none A"])
        try disk.fsync(top)
        #expect(outcomes(disk) { "\(text($0, "/a")) \(text($0, "/b"))" } == ["none A"])
    }

    @Test func aRenameCanOutliveTheNamesBeforeIt() throws {
        let disk = ModelDisk()
        let top = try directory(disk)
        try disk.symlinkat("target", top, "a")
        try disk.symlinkat("other", top, "x")
        try disk.renameat(top, "a", to: "b")
        let look = { (disk: ModelDisk) in disk.names("/")?.joined(separator: " ") ?? "" }
        #expect(outcomes(disk, look) == ["", "a", "a x", "b", "b x", "x"])
        #expect(outcomes(disk, order: .journal, look) == ["", "a", "a x", "b x"])
        // Another file's fsync takes the whole journal along.
        try file(disk, "/c", "C")
        #expect(outcomes(disk, order: .journal, look) == ["b c x"])
    }

    @Test func aDirectoryThatWasNotSyncedMayHaveLostAnyOfItsNames() throws {
        let disk = ModelDisk()
        let top = try directory(disk)
        try disk.mkdirat(top, "d", mode: 0o700)
        try file(disk, "/d/a", "A")
        try file(disk, "/d/b", "B")
        try disk.fsync(top)
        #expect(outcomes(disk) { "\($0.names("/d") ?? ["none"])" } == ["[]", "[\"a\"]", "[\"b\"]", "[\"a\", \"b\"]"])
        try disk.fsync(directory(disk, "/d"))
        #expect(outcomes(disk) { "\($0.names("/d") ?? ["none"])" } == ["[\"a\", \"b\"]"])
    }

    @Test func whatWasRemovedMayComeBack() throws {
        let disk = ModelDisk()
        try file(disk, "/a", "A")
        let top = try directory(disk)
        try disk.fsync(top)
        let open = try disk.openat(top, "a", flags: O_RDONLY, mode: 0)
        try disk.unlinkat(top, "a", flags: 0)
        #expect(try disk.read(open, upTo: 9) == Array("A".utf8) && disk.fstat(open).links == 0)
        #expect(outcomes(disk) { text($0, "/a") } == ["A", "none"])
        try disk.fsync(top)
        #expect(try disk.fstat(open).size == 1)
        #expect(outcomes(disk) { text($0, "/a") } == ["none"])
    }

    @Test func everyDescriptorIsInvalidAfterwards() throws {
        for ends in [{ (disk: ModelDisk) in disk.processKilled() }, { disk in powerFailure(disk) }] {
            let disk = ModelDisk()
            let top = try directory(disk)
            ends(disk)
            #expect(throws: SystemError(EBADF)) { try disk.fstat(top) }
            // Not even when others are opened.
            let another = try directory(disk)
            #expect(throws: SystemError(EBADF)) { try disk.fstat(top) }
            disk.close(top)
            #expect(try disk.fstat(another).kind == .directory)
            #expect(disk.openDescriptors == 1)
        }
    }

    @Test func aKilledProcessLosesNothingElse() throws {
        let disk = ModelDisk()
        try file(disk, "/a", "A", isSynced: false)
        disk.processKilled()
        #expect(text(disk, "/a") == "A")
    }
}

private func powerFailure(_ disk: ModelDisk) {
    var random = DiskRandom(seed: 1)
    disk.powerFailure(&random)
}
