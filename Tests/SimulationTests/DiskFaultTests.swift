import Glibc
import SecretsDirectory
import Simulation
import Testing

@Suite struct DiskFaultTests {
    private let disk = ModelDisk()

    private func create(_ name: String) throws(SystemError) -> Int32 {
        try disk.openat(AT_FDCWD, name, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    }

    @Test(arguments: [true, false])
    func aCrashStopsEverythingUntilItIsToldWhatItWas(isDone: Bool) throws {
        disk.crash(atChangingCall: 2, isDone: isDone)
        let file = try create("a")
        _ = try disk.fstat(file)
        #expect(!disk.hasCrashed)
        #expect(throws: SystemError(EIO)) { try disk.write(file, [1, 2, 3]) }
        #expect(disk.hasCrashed)
        #expect(throws: SystemError(EIO)) { try disk.fstat(file) }
        #expect(throws: SystemError(EIO)) { try disk.unlinkat(AT_FDCWD, "a", flags: 0) }
        #expect(disk.contents("/a") == (isDone ? [1, 2, 3] : []))
        disk.processKilled()
        #expect(!disk.hasCrashed && disk.openDescriptors == 0)
        #expect(try disk.fstatat(AT_FDCWD, "a").size == (isDone ? 3 : 0))
    }

    @Test func aCallThatFailsDoesNothing() throws {
        disk.decideFaults { $0 == .create ? .fails(ENOSPC) : nil }
        #expect(throws: SystemError(ENOSPC)) { try create("a") }
        #expect(disk.names("/") == [])
        disk.decideFaults(nil)
        disk.close(try create("a"))
        #expect(disk.names("/") == ["a"])
    }

    @Test func aCallCanBeDoneAndFail() throws {
        disk.decideFaults { $0.changes ? .isDoneButFails(EIO) : nil }
        #expect(throws: SystemError(EIO)) { try create("a") }
        #expect(throws: SystemError(EIO)) { try disk.renameat(AT_FDCWD, "a", to: "b") }
        #expect(disk.names("/") == ["b"] && disk.openDescriptors == 0)
    }

    @Test func aWriteCanBeShort() throws {
        let file = try create("a")
        disk.decideFaults { $0 == .write ? .writesOnly(2) : nil }
        #expect(try disk.write(file, [1, 2, 3]) == 2)
        disk.decideFaults(nil)
        #expect(try disk.write(file, [3, 4, 5]) == 3)
        #expect(disk.contents("/a") == [1, 2, 3, 4, 5])
    }

    /// What was dirty when an fsync failed is lost, whatever later ones say.
    @Test func afterAFailedFsyncContentIsLeftToChance() throws {
        let file = try create("a")
        _ = try disk.write(file, [1, 2, 3])
        disk.decideFaults { $0 == .fsync ? .fails(EIO) : nil }
        #expect(throws: SystemError(EIO)) { try disk.fsync(file) }
        disk.decideFaults(nil)
        try disk.fsync(file)
        try disk.fsync(disk.openat(AT_FDCWD, "/", flags: O_RDONLY | O_DIRECTORY, mode: 0))
        #expect(survivals { $0.contents("/a") == [1, 2, 3] } == [true, false])
        try disk.write("/a", [1, 2, 3])
        try disk.fsync(file)
        #expect(survivals { $0.contents("/a") == [1, 2, 3] } == [true])
    }

    @Test(arguments: [true, false])
    func afterAFailedFsyncNamesAreLeftToChanceWhenToldSo(loses: Bool) throws {
        disk.setFailedSyncLosesNames(loses)
        let top = try disk.openat(AT_FDCWD, "/", flags: O_RDONLY | O_DIRECTORY, mode: 0)
        try disk.symlinkat("x", top, "a")
        disk.decideFaults { $0 == .fsync ? .fails(EIO) : nil }
        #expect(throws: SystemError(EIO)) { try disk.fsync(top) }
        disk.decideFaults(nil)
        try disk.fsync(top)
        #expect(survivals { $0.names("/") == ["a"] } == (loses ? [true, false] : [true]))
        try disk.symlinkat("y", top, "b")
        try disk.fsync(top)
        #expect(survivals { $0.names("/") == ["a", "b"] } == [true])
    }

    private func survivals(_ look: (ModelDisk) -> Bool) -> Set<Bool> {
        Set(
            (0..<100).map { seed in
                var random = DiskRandom(seed: UInt64(seed))
                let copy = ModelDisk(copying: disk)
                copy.powerFailure(&random)
                return look(copy)
            })
    }
}
