import FoundationEssentials
import Glibc
import KeyMaterial
import Rotation
import SecretsDirectory
import Testing

@Suite struct PublishTests {
    @Test(arguments: parents)
    func laysTheFilesOut(parent: String) throws {
        try withTemporaryDirectory(under: parent) { path in
            let secrets = SecretsDirectory(path: "\(path)/secrets")
            let version = try secretVersion(42)
            #expect(try secrets.publish(version, layout: ResourceLayout()) == .written(42))
            let directory = "\(path)/secrets/\(resourceName)"
            #expect(
                try Consumer.names(directory) == [
                    "..data", "..v42", "access-key", "connection-string", "endpoint", "env", "key-type",
                    "metadata.json",
                    "previous-connection-string",
                ])
            let files = try Consumer.readAll(directory).mapValues { String(decoding: $0, as: UTF8.self) }
            let text = version.current.secret.withExposedText { $0 }
            #expect(files["connection-string"] == text)
            #expect(files["previous-connection-string"] == version.previous?.secret.withExposedText { $0 })
            #expect(files["access-key"] == version.current.accessKey.secret.withExposedText { $0 })
            #expect(files["endpoint"] == "https://contoso-sms.unitedstates.communication.azure.com")
            #expect(files["key-type"] == "Secondary")
            #expect(files["env"] == "AZURE_COMMUNICATION_CONNECTION_STRING=\"\(text)\"\n")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/..data") == "..v42")
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/env") == "..data/env")
        }
    }

    @Test func metadataHasEveryKeyAndNoSecret() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            var version = try secretVersion(1)
            version.publishedAt = Instant(unixSeconds: 1_780_000_000)
            version.nextRotation = nil
            _ = try secrets.publish(version, layout: ResourceLayout())
            let bytes = try #require(try Consumer.read("\(path)/\(resourceName)/metadata.json"))
            #expect(
                String(decoding: bytes, as: UTF8.self) == """
                    {
                      "fingerprint" : "\(version.current.fingerprint)",
                      "keyType" : "Primary",
                      "nextRotation" : null,
                      "previousFingerprint" : null,
                      "previousGoodUntil" : null,
                      "publishedAt" : "2026-05-28T20:26:40Z",
                      "version" : 1
                    }

                    """)
        }
    }

    @Test func readTellsWhatWasPublished() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            #expect(try secrets.read(resourceName, layout: ResourceLayout()) == nil)
            let version = try secretVersion(7)
            _ = try secrets.publish(version, layout: ResourceLayout())
            let found = try #require(try secrets.read(resourceName, layout: ResourceLayout()))
            #expect(found.fingerprint == version.current.fingerprint)
            #expect(found.keyType == .primary)
            #expect(found.version == 7)
            #expect(found.publishedAt == version.publishedAt)
            #expect(found.previousFingerprint == version.previous?.fingerprint)
            #expect(found.previousGoodUntil == version.previousGoodUntil)
            #expect(found.nextRotation == version.nextRotation)
            #expect(found.intact)
            #expect(found.leftovers.isEmpty)
        }
    }

    @Test func theFileOfAPreviousKeyComesAndGoes() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            let file = "\(path)/\(resourceName)/previous-connection-string"
            _ = try secrets.publish(secretVersion(1), layout: ResourceLayout())
            #expect(try Consumer.read(file) == nil)
            _ = try secrets.publish(secretVersion(2), layout: ResourceLayout())
            #expect(try Consumer.read(file) != nil)
            _ = try secrets.publish(secretVersion(3, previous: false), layout: ResourceLayout())
            #expect(try Consumer.read(file) == nil)
            #expect(try Consumer.names("\(path)/\(resourceName)").contains("previous-connection-string") == false)
        }
    }

    @Test func anUnchangedVersionIsNotWritten() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let layout = try ResourceLayout(
                files: [.init(name: "app.ini", template: MustacheTemplate("key={{accessKey}}\n"), mode: 0o600)])
            for number in 1...3 {
                _ = try SecretsDirectory(path: path).publish(secretVersion(number), layout: layout)
            }
            let watched = FaultyFileSystem()
            let secrets = SecretsDirectory(path: path, fileSystem: watched)
            #expect(try secrets.publish(secretVersion(3), layout: layout) == .unchanged)
            #expect(watched.mutations == [])
            #expect(watched.calls.contains { $0.name == "fsync" })
        }
    }

    @Test func aVersionMayBeWrittenAgainWithOtherContent() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            var version = try secretVersion(5)
            _ = try secrets.publish(version, layout: ResourceLayout())
            version.nextRotation = nil
            #expect(try secrets.publish(version, layout: ResourceLayout()) == .written(5))
            #expect(try Consumer.names("\(path)/\(resourceName)").contains("..v5.1"))
            #expect(try secrets.read(resourceName, layout: ResourceLayout())?.intact == true)
        }
    }

    @Test func onlyTheGenerationBeforeIsKept() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            for number in 1...4 {
                _ = try secrets.publish(secretVersion(number), layout: ResourceLayout())
            }
            let generations = try Consumer.names("\(path)/\(resourceName)").filter { $0.hasPrefix("..") }
            #expect(generations == ["..data", "..v3", "..v4"])
        }
    }

    @Test func aLedgerThatStartsAnewMayCountFromOne() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            _ = try secrets.publish(secretVersion(42), layout: ResourceLayout())
            #expect(try secrets.publish(secretVersion(1), layout: ResourceLayout()) == .written(1))
            #expect(try secrets.publish(secretVersion(1), layout: ResourceLayout()) == .unchanged)
            let found = try #require(try secrets.read(resourceName, layout: ResourceLayout()))
            #expect(found.version == 1 && found.intact && found.leftovers.isEmpty)
        }
    }

    @Test func whatIsNotOursIsLeftAlone() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            _ = try secrets.publish(secretVersion(1), layout: ResourceLayout())
            let note = "\(path)/\(resourceName)/README"
            try Data("of the operator".utf8).write(to: URL(filePath: note))
            #expect(try secrets.publish(secretVersion(1), layout: ResourceLayout()) == .unchanged)
            _ = try secrets.publish(secretVersion(2), layout: ResourceLayout())
            #expect(try Consumer.read(note) == Array("of the operator".utf8))
        }
    }

    @Test(arguments: ["", ".", "..", ".hidden", "a/b", "a b", "ä", String(repeating: "a", count: 64)])
    func refusesNamesThatAreNoDirectoryNames(name: String) throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            var version = try secretVersion(1)
            version.name = name
            #expect(throws: Failure.self) { try secrets.publish(version, layout: ResourceLayout()) }
            #expect(throws: Failure.self) { try secrets.read(name, layout: ResourceLayout()) }
            #expect(try Consumer.names(path) == [])
        }
    }

    /// The order that a power failure at any instant requires.
    @Test func everythingIsOnTheDiskBeforeTheSwitchAndTheSwitchBeforeRemovals() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            for number in 1...2 {
                _ = try SecretsDirectory(path: path).publish(secretVersion(number), layout: ResourceLayout())
            }
            let watched = FaultyFileSystem()
            _ = try SecretsDirectory(path: path, fileSystem: watched).publish(
                secretVersion(3), layout: ResourceLayout())
            let calls = watched.calls
            let switched = try #require(calls.firstIndex { $0.name == "renameat" && $0.argument == "..data" })
            let created = calls.indices.filter { calls[$0].name == "openat" && calls[$0].changes }
            #expect(created.count == UsualFile.allCases.count)
            for index in created {
                let file = try #require(calls[index].opened)
                let later = calls[(index + 1)..<switched].prefix { $0.opened != file }
                #expect(later.last { $0.descriptor == file }?.name == "fsync", "\(calls[index].argument)")
            }
            let resource = calls[switched].descriptor
            let made = try #require(calls.firstIndex { $0.name == "mkdirat" && $0.argument == "..v3" })
            let generation = try #require(calls[made...].first { $0.argument == "..v3" && $0.opened != nil }?.opened)
            let last = try #require(created.last)
            for directory in [generation, resource] {
                #expect(calls[last..<switched].contains { $0.name == "fsync" && $0.descriptor == directory })
            }
            let synced = try #require(
                calls[switched...].firstIndex { $0.name == "fsync" && $0.descriptor == resource })
            #expect(!calls[switched..<synced].contains { $0.name == "unlinkat" })
            #expect(calls[synced...].contains { $0.name == "unlinkat" } == false, "..v1 went before, ..v2 is kept")
            #expect(calls[..<made].contains { $0.name == "unlinkat" && $0.argument == "..v1" })
        }
    }
}
