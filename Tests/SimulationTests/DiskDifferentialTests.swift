import FoundationEssentials
import Glibc
import SecretsDirectory
import Simulation
import Testing

/// The same random calls on the model and on Linux.
@Suite struct DiskDifferentialTests {
    private static let fastParent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"

    @Test(arguments: [fastParent, "/tmp"])
    func theModelAnswersAsLinux(parent: String) throws {
        for seed in 1...diskSeeds(40) {
            try compare(seed: UInt64(seed), calls: 400, parent)
        }
    }

    private func compare(seed: UInt64, calls: Int, _ parent: String) throws {
        let path = try makeDiskTestDirectory(under: parent)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let posix = PosixFileSystem()
        let model = ModelDisk(user: geteuid(), group: getegid(), umask: try umask())
        let inner = "\(path)/outer/inner"
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
        try model.makeDirectory(inner)
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        var real = DiskSubject(
            fileSystem: posix, descriptors: [try posix.openat(AT_FDCWD, inner, flags: flags, mode: 0)])
        var modelled = DiskSubject(
            fileSystem: model, descriptors: [try model.openat(AT_FDCWD, inner, flags: flags, mode: 0)])
        // Whatever it may be elsewhere, here both begin with the same.
        for var subject in [real, modelled] { #expect(subject.make(.chmod(0, 0o755)) == .done) }
        defer { for descriptor in real.descriptors where descriptor >= 0 { posix.close(descriptor) } }
        var generator = DiskCallGenerator(seed: seed, path: inner)
        var history: [DiskCall] = []
        for _ in 0..<calls {
            let call = generator.next(real.descriptors.count)
            history.append(call)
            let (expected, actual) = (real.make(call), modelled.make(call))
            guard expected == actual else {
                let last = history.suffix(15).map { "\($0)".prefix(200) }.joined(separator: "\n")
                Issue.record("seed \(seed) under \(parent): Linux \(expected), model \(actual); calls:\n\(last)")
                return
            }
        }
        #expect(try real.tree() == modelled.tree(), "seed \(seed) under \(parent)")
        // Nothing led further out.
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["outer"])
        #expect(model.names(path) == ["outer"])
        #expect(model.openDescriptors == modelled.descriptors.count { $0 >= 0 }, "seed \(seed)")
    }

    private func umask() throws -> UInt32 {
        let status = try String(contentsOf: URL(filePath: "/proc/self/status"), encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Umask:") })
        return try #require(UInt32(line.drop { !$0.isNumber }, radix: 8))
    }
}

/// So many, or as many as the environment says: for a long run by hand.
func diskSeeds(_ usual: Int) -> Int {
    ProcessInfo.processInfo.environment["KEYTURN_DISK_SEEDS"].flatMap { Int($0) } ?? usual
}

func makeDiskTestDirectory(under parent: String) throws -> String {
    var template = Array("\(parent)/keyturn-disk-XXXXXX".utf8CString)
    let isMade = template.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) } != nil
    }
    try #require(isMade, "mkdtemp under \(parent): errno \(errno)")
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
