import FoundationEssentials
import Glibc
import KeyMaterial
import Rotation
import SecretsDirectory
import Testing

/// One thing that somebody may do to a published resource.
struct Tampering: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// What one of the problems says.
    var problem: String
    var act: @Sendable (String) throws -> Void

    static let all: [Tampering] = files + links + permissions

    private static let files: [Tampering] = [
        Tampering(testDescription: "other content", problem: "..v2/access-key: its content is not") { directory in
            try Data("x".utf8).write(to: URL(filePath: "\(directory)/..v2/access-key"))
        },
        Tampering(testDescription: "same length, other content", problem: "..v2/key-type: its content is not") {
            try Data("Tertiary!".utf8).write(to: URL(filePath: "\($0)/..v2/key-type"))
        },
        Tampering(testDescription: "other key, same metadata", problem: "..v2/metadata.json: its content is not") {
            let other = try connectionString(9).secret.withExposedText { $0 }
            try Data(other.utf8).write(to: URL(filePath: "\($0)/..v2/connection-string"))
        },
        Tampering(testDescription: "empty connection string", problem: "connection-string: no connection string") {
            try Data().write(to: URL(filePath: "\($0)/..v2/connection-string"))
        },
        Tampering(testDescription: "bytes that are no text", problem: "connection-string: no connection string") {
            try Data([0xff, 0xfe, 0x00]).write(to: URL(filePath: "\($0)/..v2/connection-string"))
        },
        Tampering(testDescription: "metadata that is no JSON", problem: "metadata.json: not the metadata") {
            try Data("{".utf8).write(to: URL(filePath: "\($0)/..v2/metadata.json"))
        },
        Tampering(testDescription: "huge file", problem: "metadata.json: not the metadata") {
            try Data(repeating: 0x20, count: 1 << 20).write(to: URL(filePath: "\($0)/..v2/metadata.json"))
        },
        Tampering(testDescription: "lost file", problem: "..v2/endpoint: missing") {
            try FileManager.default.removeItem(atPath: "\($0)/..v2/endpoint")
        },
        Tampering(testDescription: "lost previous", problem: "..v2/metadata.json: its content is not") {
            try FileManager.default.removeItem(atPath: "\($0)/..v2/previous-connection-string")
        },
        Tampering(testDescription: "file too many", problem: "..v2/more: not wanted") {
            try Data("x".utf8).write(to: URL(filePath: "\($0)/..v2/more"))
        },
        Tampering(testDescription: "a FIFO", problem: "..v2/env: not a regular file") {
            try replaceByFIFO("\($0)/..v2/env")
        },
        Tampering(testDescription: "a FIFO that consumers read", problem: "connection-string: no connection string") {
            try replaceByFIFO("\($0)/..v2/connection-string")
        },
        Tampering(testDescription: "a link for a file", problem: "..v2/env: not a regular file") {
            try replaceByLink("\($0)/..v2/env", to: "/etc/passwd")
        },
        Tampering(testDescription: "a hard link", problem: "..v2/env: has 2 names") {
            try FileManager.default.linkItem(atPath: "\($0)/..v2/env", toPath: "\($0)/mine")
        },
    ]

    private static let links: [Tampering] = [
        Tampering(testDescription: "lost link", problem: "env: no link to ..data/env") {
            try FileManager.default.removeItem(atPath: "\($0)/env")
        },
        Tampering(testDescription: "a file for a link", problem: "env: not the link to ..data/env") {
            try replace("\($0)/env", with: "x")
        },
        Tampering(testDescription: "an empty directory for a link", problem: "env: not the link to") {
            try FileManager.default.removeItem(atPath: "\($0)/env")
            try FileManager.default.createDirectory(atPath: "\($0)/env", withIntermediateDirectories: false)
        },
        Tampering(testDescription: "a link elsewhere", problem: "connection-string: no connection string") {
            try replaceByLink("\($0)/connection-string", to: "..v1/connection-string")
        },
        Tampering(testDescription: "..data lost", problem: "connection-string: no connection string") {
            try FileManager.default.removeItem(atPath: "\($0)/..data")
            try replace("\($0)/env", with: "x")
        },
        Tampering(testDescription: "..data elsewhere", problem: "connection-string: no connection string") {
            try replaceByLink("\($0)/..data", to: "/etc")
        },
        Tampering(testDescription: "..data a directory", problem: "connection-string: no connection string") {
            try FileManager.default.removeItem(atPath: "\($0)/..data")
            try FileManager.default.createDirectory(atPath: "\($0)/..data/x", withIntermediateDirectories: true)
        },
        Tampering(testDescription: "generation lost", problem: "connection-string: no connection string") {
            try FileManager.default.removeItem(atPath: "\($0)/..v2")
        },
        Tampering(testDescription: "generation a file", problem: "connection-string: no connection string") {
            try replace("\($0)/..v2", with: "x")
        },
    ]

    private static let permissions: [Tampering] = [
        Tampering(testDescription: "file open to all", problem: "..v2/access-key: mode 0644 instead of 0640") {
            try changeMode("\($0)/..v2/access-key", 0o644)
        },
        Tampering(testDescription: "file closed", problem: "..v2/access-key: mode 0000 instead of 0640") {
            try changeMode("\($0)/..v2/access-key", 0)
        },
        Tampering(testDescription: "generation open to all", problem: "..v2: mode 0755 instead of 0750") {
            try changeMode("\($0)/..v2", 0o755)
        },
        Tampering(testDescription: "directory that all may write to", problem: ".: mode 0777 instead of 0750") {
            try changeMode($0, 0o777)
        },
    ]

    static let byRoot: [Tampering] = [
        Tampering(testDescription: "file of another user", problem: "..v2/env: owner 4321 instead of") {
            try changeOwner("\($0)/..v2/env", 4321, getegid())
        },
        Tampering(testDescription: "file of another group", problem: "..v2/env: group 4321 instead of") {
            try changeOwner("\($0)/..v2/env", geteuid(), 4321)
        },
        Tampering(testDescription: "generation of another group", problem: "..v2: group 4321 instead of") {
            try changeOwner("\($0)/..v2", geteuid(), 4321)
        },
        Tampering(testDescription: "directory of another user", problem: ".: owner 4321 instead of") {
            try changeOwner($0, 4321, getegid())
        },
    ]
}

private func replaceByLink(_ path: String, to target: String) throws {
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
}

private func replaceByFIFO(_ path: String) throws {
    try FileManager.default.removeItem(atPath: path)
    guard mkfifo(path, 0o640) == 0 else { throw TestError("mkfifo: errno \(errno)") }
}

func changeMode(_ path: String, _ mode: mode_t) throws {
    guard chmod(path, mode) == 0 else { throw TestError("chmod \(path): errno \(errno)") }
}

func changeOwner(_ path: String, _ user: uid_t, _ group: gid_t) throws {
    guard lchown(path, user, group) == 0 else { throw TestError("chown \(path): errno \(errno)") }
}

@Suite struct TamperingTests {
    @Test(arguments: Tampering.all)
    func isToldAndPutRight(tampering: Tampering) throws {
        try check(tampering)
    }

    @Test(.enabled(if: isRunByRoot, "only root can give files away"), arguments: Tampering.byRoot)
    func isToldAndPutRightByRoot(tampering: Tampering) throws {
        try check(tampering)
    }

    private func check(_ tampering: Tampering) throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            for number in 1...2 {
                _ = try secrets.publish(secretVersion(number), layout: ResourceLayout())
            }
            let whole = try Consumer.readAll("\(path)/\(resourceName)")
            try tampering.act("\(path)/\(resourceName)")
            let found = try #require(try secrets.read(resourceName, layout: ResourceLayout()))
            #expect(!found.intact)
            #expect(found.problems.contains { $0.hasPrefix(tampering.problem) }, "\(found.problems)")
            let version = try secretVersion(2)
            for secret in secretTexts(version) { #expect(!found.problems.contains { $0.contains(secret) }) }
            #expect(try secrets.publish(version, layout: ResourceLayout()) == .written(2) || !found.intact)
            let mended = try #require(try secrets.read(resourceName, layout: ResourceLayout()))
            #expect(mended.problems == [] && mended.leftovers == [])
            let seen = try Consumer.readAll("\(path)/\(resourceName)")
            #expect(seen.filter { $0.key != "mine" } == whole)
            #expect(try secrets.publish(version, layout: ResourceLayout()) == .unchanged)
        }
    }

    @Test func anOldGenerationThatWasPutBackIsReadAsWhatItIs() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            for number in 1...2 {
                _ = try secrets.publish(secretVersion(number), layout: ResourceLayout())
            }
            try replaceByLink("\(path)/\(resourceName)/..data", to: "..v1")
            let found = try #require(try secrets.read(resourceName, layout: ResourceLayout()))
            #expect(try found.version == 1 && found.fingerprint == connectionString(1).fingerprint)
            #expect(try secrets.publish(secretVersion(2), layout: ResourceLayout()) == .written(2))
            #expect(try secrets.read(resourceName, layout: ResourceLayout())?.version == 2)
        }
    }

    @Test func aPreviousConnectionStringThatWasNotPublishedIsRemoved() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            _ = try secrets.publish(secretVersion(1), layout: ResourceLayout())
            try Data("x".utf8).write(to: URL(filePath: "\(path)/\(resourceName)/previous-connection-string"))
            let found = try #require(try secrets.read(resourceName, layout: ResourceLayout()))
            #expect(found.problems == ["previous-connection-string: not wanted"])
            #expect(try secrets.publish(secretVersion(1), layout: ResourceLayout()) == .unchanged)
            #expect(try secrets.read(resourceName, layout: ResourceLayout())?.intact == true)
        }
    }

    /// What matters is what consumers get: a file that somebody put in the link's place.
    @Test func theFingerprintIsThatOfTheFileConsumersRead() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            _ = try secrets.publish(secretVersion(2), layout: ResourceLayout())
            let other = try connectionString(1)
            try replace("\(path)/\(resourceName)/connection-string", with: other.secret.withExposedText { $0 })
            let found = try #require(try secrets.read(resourceName, layout: ResourceLayout()))
            #expect(found.fingerprint == other.fingerprint)
            #expect(!found.intact)
        }
    }

    /// Not to know is not the same as nothing being there.
    @Test func readFailsWhenTheDiskDoes() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            _ = try SecretsDirectory(path: path).publish(secretVersion(1), layout: ResourceLayout())
            let trial = FaultyFileSystem()
            _ = try SecretsDirectory(path: path, fileSystem: trial).read(resourceName, layout: ResourceLayout())
            for call in 1...trial.calls.count {
                let faulty = FaultyFileSystem(.fail(atCall: call, SystemError(EIO)))
                #expect(throws: Failure.self, "call \(call)") {
                    try SecretsDirectory(path: path, fileSystem: faulty).read(resourceName, layout: ResourceLayout())
                }
            }
        }
    }

    @Test func whatACutShortFirstPublicationLeavesIsNothing() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let trial = FaultyFileSystem()
            _ = try SecretsDirectory(path: "\(path)/a", fileSystem: trial)
                .publish(secretVersion(1), layout: ResourceLayout())
            let switched = try #require(trial.calls.firstIndex { $0.name == "renameat" && $0.argument == "..data" })
            for call in 1...(switched + 1) {
                let root = "\(path)/\(call)"
                let faulty = FaultyFileSystem(.crash(atCall: call))
                #expect(throws: Failure.self) {
                    try SecretsDirectory(path: root, fileSystem: faulty)
                        .publish(secretVersion(1), layout: ResourceLayout())
                }
                #expect(try SecretsDirectory(path: root).read(resourceName, layout: ResourceLayout()) == nil)
            }
        }
    }

    /// Consumers hold what was published, so what takes its place promises them an overlap.
    @Test func whatLostItsLinkAfterASecondPublicationIsNotNothing() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            for version in 1...2 { _ = try secrets.publish(secretVersion(version), layout: ResourceLayout()) }
            try FileManager.default.removeItem(atPath: "\(path)/\(resourceName)/..data")
            let secret = try #require(try secrets.read(resourceName, layout: ResourceLayout()))
            #expect(secret.fingerprint == nil && !secret.intact)
        }
    }

    @Test func aDirectoryWithFilesInALinksPlaceIsNotDeleted() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            _ = try secrets.publish(secretVersion(1), layout: ResourceLayout())
            let link = "\(path)/\(resourceName)/env"
            try FileManager.default.removeItem(atPath: link)
            try FileManager.default.createDirectory(atPath: "\(link)/precious", withIntermediateDirectories: true)
            let error = try #require(throws: Failure.self) {
                try secrets.publish(secretVersion(2), layout: ResourceLayout())
            }
            #expect(error.detail.hasPrefix(link) && error.detail.contains("move it away"), "\(error.detail)")
            #expect(access("\(link)/precious", F_OK) == 0)
        }
    }
}
