import FoundationEssentials
import Glibc
import KeyMaterial
import Rotation
import SecretsDirectory
import Synchronization
import Testing

/// A publication that meets a fault at each of its calls in turn.
struct FaultScenario: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Versions that are published before, with `oldLayout`.
    var before: ClosedRange<Int>?
    var oldLayout = ResourceLayout()
    var newLayout = ResourceLayout()
    /// Number of the version whose publication meets the fault.
    var number: Int
    var hasPrevious = true
    /// What somebody does to the resource's directory before.
    var tamper: (@Sendable (String) throws -> Void)?

    static let all: [FaultScenario] = [
        FaultScenario(testDescription: "the first", number: 1),
        FaultScenario(testDescription: "the second", before: 1...1, number: 2),
        FaultScenario(testDescription: "a later one", before: 1...3, number: 4),
        FaultScenario(testDescription: "without a previous key", before: 1...2, number: 3, hasPrevious: false),
        FaultScenario(testDescription: "the same again", before: 1...2, number: 2),
        FaultScenario(
            testDescription: "other files and modes", before: 1...2,
            oldLayout: ResourceLayout(files: extraFiles(["old.ini", "both.ini"])),
            newLayout: ResourceLayout(mode: 0o600, files: extraFiles(["both.ini", "new.ini"])), number: 3),
        FaultScenario(testDescription: "over a link that was replaced", before: 1...2, number: 3) { directory in
            try replace("\(directory)/connection-string", with: "not a connection string")
        },
        FaultScenario(testDescription: "over a changed file", before: 1...2, number: 2) { directory in
            try Data("garbage".utf8).write(to: URL(filePath: "\(directory)/..v2/metadata.json"))
        },
        FaultScenario(testDescription: "over a lost generation", before: 1...2, number: 2) { directory in
            try FileManager.default.removeItem(atPath: "\(directory)/..v2")
        },
        FaultScenario(testDescription: "over ..data as a directory", before: 1...2, number: 3) { directory in
            try FileManager.default.removeItem(atPath: "\(directory)/..data")
            try FileManager.default.createDirectory(atPath: "\(directory)/..data/x", withIntermediateDirectories: true)
        },
    ]

    private static func extraFiles(_ names: [String]) -> [ResourceLayout.ExtraFile] {
        names.compactMap { name in
            (try? MustacheTemplate("{{version}}={{connectionString}}")).map { .init(name: name, template: $0) }
        }
    }
}

func replace(_ path: String, with text: String) throws {
    try FileManager.default.removeItem(atPath: path)
    try Data(text.utf8).write(to: URL(filePath: path))
}

@Suite struct FaultInjectionTests {
    enum Kind: Int32, CaseIterable {
        case noSpace, ioError, crash

        func fault(at call: Int) -> FaultyFileSystem.Fault {
            switch self {
            case .noSpace: .fail(atCall: call, SystemError(ENOSPC))
            case .ioError: .fail(atCall: call, SystemError(EIO))
            case .crash: .crash(atCall: call)
            }
        }
    }

    @Test(arguments: FaultScenario.all, Kind.allCases)
    func readersSeeOneWholeVersionAndTheNextRunSucceeds(scenario: FaultScenario, kind: Kind) throws {
        let version = try secretVersion(scenario.number, previous: scenario.hasPrevious)
        let new = try wholeFiles(version, scenario.newLayout)
        var call = 0
        var reachedTheEnd = false
        while !reachedTheEnd {
            call += 1
            reachedTheEnd = try withTemporaryDirectory(under: fastParent) { path in
                try run(scenario, version, new, kind.fault(at: call), "\(kind) at call \(call)", path)
                    < call
            }
        }
        #expect(call > 40)
    }

    /// Meets one fault, looks, and publishes again without. Gives how many calls were made until the first end.
    private func run(
        _ scenario: FaultScenario, _ version: SecretVersion, _ new: [String: [UInt8]],
        _ fault: FaultyFileSystem.Fault, _ place: Comment, _ path: String
    ) throws -> Int {
        let root = "\(path)/secrets"
        let directory = "\(root)/\(resourceName)"
        let old = try prepare(scenario, root)
        let fileSystem = FaultyFileSystem(fault)
        let outcome = Result { () throws(Failure) in
            try SecretsDirectory(path: root, fileSystem: fileSystem).publish(version, layout: scenario.newLayout)
        }
        switch outcome {
        case .success:
            let seen = try Consumer.readAll(directory)
            #expect(seen == new, place)
        case .failure(let error):
            #expect(error.reason == .publishFailed)
            #expect(error.detail.hasPrefix("/"), place)
            #expect(error.detail.contains("\(fault.error)"), place)
            for secret in secretTexts(version) { #expect(!error.detail.contains(secret), place) }
        }
        if scenario.tamper == nil {
            let seen = try Consumer.readAll(directory)
            #expect(seen == old || seen == new, place)
        }
        let again = SecretsDirectory(path: root)
        _ = try again.publish(version, layout: scenario.newLayout)
        #expect(try Consumer.readAll(directory) == new, place)
        let found = try #require(try again.read(resourceName, layout: scenario.newLayout))
        #expect(found.problems == [] && found.leftovers == [], place)
        #expect(try Consumer.names(directory).count { $0.hasPrefix("..") } <= 3, place)
        #expect(try Consumer.names(path) == ["secrets"] && Consumer.names(root) == [resourceName], place)
        return fileSystem.calls.count
    }

    /// A reader looks after every single call of a publication without a fault.
    @Test(arguments: FaultScenario.all.filter { $0.tamper == nil })
    func noStepOfAPublicationCanBeSeen(scenario: FaultScenario) throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let directory = "\(path)/secrets/\(resourceName)"
            let old = try prepare(scenario, "\(path)/secrets")
            let version = try secretVersion(scenario.number, previous: scenario.hasPrevious)
            let new = try wholeFiles(version, scenario.newLayout)
            let wrong = Mutex<[String]>([])
            let fileSystem = FaultyFileSystem { call in
                let seen = (try? Consumer.readAll(directory)) ?? ["unreadable": []]
                if seen != old, seen != new { wrong.withLock { $0.append("\(call): \(seen.keys.sorted())") } }
            }
            _ = try SecretsDirectory(path: "\(path)/secrets", fileSystem: fileSystem)
                .publish(version, layout: scenario.newLayout)
            #expect(wrong.withLock { $0 } == [])
        }
    }

    /// Somebody removed or replaced the link: until the switch nothing changes, for the old version's key may be dead.
    @Test(arguments: [true, false])
    func anOldVersionDoesNotComeBack(isReplaced: Bool) throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            _ = try secrets.publish(secretVersion(1), layout: ResourceLayout())
            let file = "\(path)/\(resourceName)/connection-string"
            let old = try Consumer.read(file)
            try replace(file, with: "put here")
            if !isReplaced { try FileManager.default.removeItem(atPath: file) }
            let seen = Mutex(0)
            let fileSystem = FaultyFileSystem { _ in
                if (try? Consumer.read(file)) == old { seen.withLock { $0 += 1 } }
            }
            _ = try SecretsDirectory(path: path, fileSystem: fileSystem)
                .publish(secretVersion(2), layout: ResourceLayout())
            #expect(seen.withLock { $0 } == 0)
            #expect(try secrets.read(resourceName, layout: ResourceLayout())?.intact == true)
        }
    }

    /// Somebody made the link a plain file: until the switch that file can be read.
    @Test func aReplacedFileIsNeverMissing() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            _ = try secrets.publish(secretVersion(1), layout: ResourceLayout())
            let file = "\(path)/\(resourceName)/previous-connection-string"
            try Data("put here".utf8).write(to: URL(filePath: file))
            let missing = Mutex(0)
            let fileSystem = FaultyFileSystem { _ in
                if access(file, R_OK) != 0 { missing.withLock { $0 += 1 } }
            }
            _ = try SecretsDirectory(path: path, fileSystem: fileSystem)
                .publish(secretVersion(2), layout: ResourceLayout())
            #expect(missing.withLock { $0 } == 0)
            #expect(try secrets.read(resourceName, layout: ResourceLayout())?.intact == true)
        }
    }

    /// What consumers see before, by name.
    private func prepare(_ scenario: FaultScenario, _ root: String) throws -> [String: [UInt8]] {
        guard let before = scenario.before else { return [:] }
        for number in before {
            _ = try SecretsDirectory(path: root).publish(secretVersion(number), layout: scenario.oldLayout)
        }
        let directory = "\(root)/\(resourceName)"
        let old = try Consumer.readAll(directory)
        #expect(old.count >= UsualFile.allCases.count - 1)
        try scenario.tamper?(directory)
        return old
    }

    /// What a publication of its own leaves in an empty directory.
    private func wholeFiles(_ version: SecretVersion, _ layout: ResourceLayout) throws -> [String: [UInt8]] {
        try withTemporaryDirectory(under: fastParent) { path in
            _ = try SecretsDirectory(path: path).publish(version, layout: layout)
            return try Consumer.readAll("\(path)/\(resourceName)")
        }
    }

    @Test(arguments: [
        (ENOSPC, "No space left on device; free some space"), (EDQUOT, "raise the quota"), (EIO, "journalctl -k"),
        (EROFS, "ReadWritePaths="), (EACCES, "Permission denied; "), (EPERM, "SupplementaryGroups="),
    ])
    func errorsSayWhereWhatAndWhatToDo(code: Int32, text: String) throws {
        try withTemporaryDirectory(under: fastParent) { path in
            for number in 1...2 {
                _ = try SecretsDirectory(path: path).publish(secretVersion(number), layout: ResourceLayout())
            }
            // As many calls as the next one will make.
            let trial = FaultyFileSystem()
            _ = try SecretsDirectory(path: path, fileSystem: trial).publish(secretVersion(3), layout: ResourceLayout())
            let write = try #require(trial.calls.firstIndex { $0.name == "write" }) + 1
            let faulty = FaultyFileSystem(.fail(atCall: write, SystemError(code)))
            let error = try #require(throws: Failure.self) {
                try SecretsDirectory(path: path, fileSystem: faulty).publish(secretVersion(4), layout: ResourceLayout())
            }
            #expect(error.detail.contains(text), "\(error.detail)")
            #expect(error.detail.hasPrefix("\(path)/\(resourceName)/"), "\(error.detail)")
        }
    }
}
