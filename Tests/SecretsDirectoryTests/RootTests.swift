import FoundationEssentials
import Glibc
import KeyMaterial
import Rotation
import SecretsDirectory
import Testing

@Suite struct RootTests {
    private func refusal(_ path: String) throws -> String {
        let secrets = SecretsDirectory(path: path)
        let error = try #require(throws: Failure.self) { try secrets.verify() }
        #expect(error.reason == .publishFailed)
        #expect(throws: Failure.self) { try secrets.publish(secretVersion(1), layout: ResourceLayout()) }
        return error.detail
    }

    @Test func aDirectoryThatOthersCanWriteToIsRefused() throws {
        try withTemporaryDirectory { path in
            try changeMode(path, 0o777)
            #expect(try refusal(path) == "\(path): mode 0777 lets others write; run: chmod o-w \(path)")
            try changeMode(path, 0o1777)
            #expect(try refusal(path).contains("lets others write"), "sticky does not help: resources are made in it")
        }
    }

    @Test func aDirectoryBelowOneThatOthersCanWriteToIsRefused() throws {
        try withTemporaryDirectory { path in
            try changeMode(path, 0o777)
            #expect(try refusal("\(path)/secrets") == "\(path): mode 0777 lets others write; run: chmod o-w \(path)")
            try changeMode(path, 0o1777)
            try SecretsDirectory(path: "\(path)/secrets").verify()
        }
    }

    @Test(.enabled(if: isRunByRoot, "only root can give files away"))
    func aGroupThatCanWriteIsRefusedUnlessItIsOurs() throws {
        try withTemporaryDirectory { path in
            try changeMode(path, 0o770)
            try SecretsDirectory(path: path).verify()
            try changeOwner(path, geteuid(), 4321)
            #expect(try refusal(path) == "\(path): mode 0770 lets group 4321 write; run: chmod g-w \(path)")
        }
    }

    @Test(.enabled(if: isRunByRoot, "only root can give files away"))
    func aDirectoryOfSomebodyElseIsRefused() throws {
        try withTemporaryDirectory { path in
            let root = "\(path)/secrets"
            try SecretsDirectory(path: root).verify()
            try changeOwner(root, 4321, getegid())
            #expect(try refusal(root).hasPrefix("\(root): belongs to user 4321"))
            try changeOwner(root, geteuid(), getegid())
            try changeOwner(path, 4321, getegid())
            #expect(try refusal(root).hasPrefix("\(path): belongs to user 4321"))
        }
    }

    @Test func whatIsNoDirectoryIsRefused() throws {
        try withTemporaryDirectory { path in
            try Data().write(to: URL(filePath: "\(path)/file"))
            #expect(try refusal("\(path)/file").hasPrefix("\(path)/file: is not a directory"))
            #expect(try refusal("\(path)/file/secrets").hasPrefix("\(path)/file: is not a directory"))
            #expect(try refusal("secrets").contains("absolute"))
        }
    }

    @Test func onlyTheLastDirectoryIsCreated() throws {
        try withTemporaryDirectory { path in
            #expect(try refusal("\(path)/a/b").hasPrefix("\(path)/a: does not exist; create it"))
            #expect(try Consumer.names(path) == [])
            #expect(try SecretsDirectory(path: "\(path)/a/b").read(resourceName, layout: ResourceLayout()) == nil)
            try SecretsDirectory(path: "\(path)//a/./").verify()
            #expect(try Consumer.names(path) == ["a"])
        }
    }

    /// /var/run is one on every system.
    @Test func linksOfOursOnTheWayAreFollowed() throws {
        try withTemporaryDirectory { path in
            let manager = FileManager.default
            try manager.createDirectory(atPath: "\(path)/real/deep", withIntermediateDirectories: true)
            try manager.createSymbolicLink(atPath: "\(path)/absolute", withDestinationPath: "\(path)/real")
            try manager.createSymbolicLink(atPath: "\(path)/real/relative", withDestinationPath: "../real/deep")
            try SecretsDirectory(path: "\(path)/absolute/relative/secrets").verify()
            #expect(try Consumer.names("\(path)/real/deep") == ["secrets"])
            try changeMode("\(path)/real", 0o777)
            #expect(try refusal("\(path)/absolute/relative/secrets").hasPrefix("\(path)/real: mode 0777"))
        }
    }

    @Test func linksInACircleEnd() throws {
        try withTemporaryDirectory { path in
            try FileManager.default.createSymbolicLink(atPath: "\(path)/loop", withDestinationPath: "loop")
            #expect(try refusal("\(path)/loop").contains("too many symbolic links"))
        }
    }

    @Test(.enabled(if: isRunByRoot, "only root can give files away"))
    func aLinkOfSomebodyElseInAStickyDirectoryIsRefused() throws {
        try withTemporaryDirectory { path in
            try FileManager.default.createDirectory(atPath: "\(path)/real", withIntermediateDirectories: false)
            try changeMode(path, 0o1777)
            try FileManager.default.createSymbolicLink(atPath: "\(path)/link", withDestinationPath: "real")
            try changeOwner("\(path)/link", 4321, 4321)
            #expect(try refusal("\(path)/link").hasPrefix("\(path)/link: belongs to user 4321"))
        }
    }

    @Test(.enabled(if: isRunByRoot, "only root can give files away"))
    func aHalfMadeDirectoryOfSomebodyElseIsNotTaken() throws {
        try withTemporaryDirectory { path in
            try changeMode(path, 0o1777)
            try FileManager.default.createDirectory(atPath: "\(path)/.secrets.new", withIntermediateDirectories: false)
            try changeOwner("\(path)/.secrets.new", 4321, 4321)
            #expect(try refusal("\(path)/secrets").contains("could not be created"))
        }
    }
}
