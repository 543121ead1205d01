import FoundationEssentials
import Glibc
import KeyMaterial
import Rotation
import SecretsDirectory
import Testing

@Suite struct RemovalTests {
    @Test func `what was published goes, and what is beside it stays`() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            for version in 1...2 { _ = try secrets.publish(try secretVersion(version), layout: ResourceLayout()) }
            var other = try secretVersion(1)
            other.name = "contoso-mail"
            _ = try secrets.publish(other, layout: ResourceLayout())
            #expect(try secrets.remove(resourceName))
            #expect(!FileManager.default.fileExists(atPath: "\(path)/\(resourceName)"))
            #expect(try secrets.read("contoso-mail", layout: ResourceLayout())?.intact == true)
            // Again, and for what never was there.
            #expect(try secrets.remove(resourceName))
            #expect(try secrets.remove("nobody"))
        }
    }

    @Test func `files of an operator's own keep the directory`() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            _ = try secrets.publish(try secretVersion(1), layout: ResourceLayout())
            let directory = "\(path)/\(resourceName)"
            try Data("mine".utf8).write(to: URL(filePath: "\(directory)/notes"))
            try FileManager.default.createSymbolicLink(
                atPath: "\(directory)/link", withDestinationPath: "/etc/hostname")
            #expect(try !secrets.remove(resourceName))
            #expect(try Consumer.names(directory) == ["link", "notes"])
            #expect(try secrets.read(resourceName, layout: ResourceLayout())?.fingerprint == nil)
        }
    }

    @Test func `nothing outside is followed`() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let outside = "\(path)/outside"
            try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: false)
            try Data("precious".utf8).write(to: URL(filePath: "\(outside)/file"))
            let secrets = SecretsDirectory(path: "\(path)/secrets")
            _ = try secrets.publish(try secretVersion(1), layout: ResourceLayout())
            let directory = "\(path)/secrets/\(resourceName)"
            try FileManager.default.createSymbolicLink(atPath: "\(directory)/..v9", withDestinationPath: outside)
            #expect(try secrets.remove(resourceName))
            #expect(FileManager.default.fileExists(atPath: "\(outside)/file"))
            try FileManager.default.createSymbolicLink(
                atPath: "\(path)/secrets/linked", withDestinationPath: outside)
            #expect(throws: Failure.self) { try secrets.remove("linked") }
            for name in ["..", "../outside", "", ".hidden"] {
                #expect(throws: Failure.self) { try secrets.remove(name) }
            }
            #expect(FileManager.default.fileExists(atPath: "\(outside)/file"))
        }
    }
}
