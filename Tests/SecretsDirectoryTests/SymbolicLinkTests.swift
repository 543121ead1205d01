import FoundationEssentials
import Glibc
import KeyMaterial
import Rotation
import SecretsDirectory
import Testing

@Suite struct SymbolicLinkTests {
    /// A link planted under one of our names, to a directory that must stay as it is.
    private func withTrap(at name: String, _ body: (SecretsDirectory, _ root: String) throws -> Void) throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let trap = "\(path)/trap"
            let root = "\(path)/secrets"
            try FileManager.default.createDirectory(atPath: trap, withIntermediateDirectories: false)
            try Data("precious".utf8).write(to: URL(filePath: "\(trap)/connection-string"))
            let secrets = SecretsDirectory(path: root)
            try secrets.verify()
            let planted = "\(root)/\(name)"
            try FileManager.default.createDirectory(
                atPath: String(planted.prefix(upTo: try #require(planted.lastIndex(of: "/")))),
                withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: planted, withDestinationPath: trap)
            try body(secrets, root)
            #expect(try Consumer.names(trap) == ["connection-string"])
            #expect(try Consumer.read("\(trap)/connection-string") == Array("precious".utf8))
        }
    }

    @Test(arguments: ["..data", "..data_tmp", "..v1", "..v1.1", "..link_tmp", "..v0"])
    func aPlantedLinkIsReplaced(name: String) throws {
        try withTrap(at: "\(resourceName)/\(name)") { secrets, root in
            #expect(try secrets.publish(secretVersion(1), layout: ResourceLayout()) == .written(1))
            let found = try #require(try secrets.read(resourceName, layout: ResourceLayout()))
            #expect(found.problems == [] && found.leftovers == [])
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: "\(root)/\(resourceName)/..data") == "..v1")
        }
    }

    @Test(arguments: ["connection-string", "metadata.json"])
    func aLinkInAFilesPlaceIsReplaced(name: String) throws {
        try withTrap(at: "\(resourceName)/\(name)") { secrets, _ throws in
            #expect(try secrets.publish(secretVersion(1), layout: ResourceLayout()) == .written(1))
            #expect(try secrets.read(resourceName, layout: ResourceLayout())?.intact == true)
        }
    }

    /// Who reads it for a user with more rights must not be led to what only that user may read.
    @Test func theConnectionStringIsNotReadThroughALinkOfAnother() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: "\(path)/secrets")
            #expect(try secrets.connectionString(resourceName) == nil)
            _ = try secrets.publish(secretVersion(1), layout: ResourceLayout())
            #expect(try secrets.connectionString(resourceName) == connectionString(1))
            let text = try connectionString(2).secret.withExposedText { $0 }
            try Data(text.utf8).write(to: URL(filePath: "\(path)/elsewhere"))
            for name in ["connection-string", "..data/connection-string"] {
                let place = "\(path)/secrets/\(resourceName)/\(name)"
                try FileManager.default.removeItem(atPath: place)
                try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: "\(path)/elsewhere")
                #expect(try secrets.connectionString(resourceName) == nil)
                _ = try secrets.publish(secretVersion(1), layout: ResourceLayout())
                #expect(try secrets.connectionString(resourceName) == connectionString(1))
            }
        }
    }

    @Test func aLinkForTheResourcesDirectoryIsRefused() throws {
        try withTrap(at: resourceName) { secrets, root in
            let error = try #require(throws: Failure.self) {
                try secrets.publish(secretVersion(1), layout: ResourceLayout())
            }
            #expect(error.reason == .publishFailed)
            #expect(error.detail.hasPrefix("\(root)/\(resourceName): ") && error.detail.contains("symbolic link"))
            #expect(try secrets.read(resourceName, layout: ResourceLayout())?.intact == false)
        }
    }
}
