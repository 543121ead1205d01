import FoundationEssentials
import Glibc
import KeyMaterial
import Rotation
import SecretsDirectory
import Testing

@Suite struct PermissionTests {
    private func permissions(_ path: String) throws -> Permissions {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw TestError("lstat \(path): errno \(errno)") }
        return Permissions(mode: status.st_mode & 0o7777, owner: status.st_uid, group: status.st_gid)
    }

    private func own(_ mode: UInt32) -> Permissions {
        Permissions(mode: mode, owner: geteuid(), group: getegid())
    }

    @Test(arguments: [
        (UInt32(0o640), UInt32(0o750)), (0o600, 0o700), (0o400, 0o700), (0o440, 0o750), (0o644, 0o755), (0o604, 0o705),
    ])
    func directoriesFollowTheModeOfTheFiles(file: UInt32, directory: UInt32) throws {
        try withTemporaryDirectory(under: fastParent) { path in
            _ = try SecretsDirectory(path: path).publish(secretVersion(2), layout: ResourceLayout(mode: file))
            let resource = "\(path)/\(resourceName)"
            #expect(try permissions(resource) == own(directory))
            #expect(try permissions("\(resource)/..v2") == own(directory))
            for name in UsualFile.allCases {
                #expect(try permissions("\(resource)/..v2/\(name.rawValue)") == own(file))
            }
        }
    }

    @Test func aMissingSecretsDirectoryIsMadeForReadersToPass() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            try SecretsDirectory(path: "\(path)/secrets").verify()
            #expect(try permissions("\(path)/secrets") == own(0o751))
        }
    }

    @Test(.enabled(if: isRunByRoot, "only root can give files away"))
    func filesAndDirectoriesGetTheirOwners() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let template = try MustacheTemplate("{{accessKey}}")
            let layout = ResourceLayout(
                mode: 0o640, owner: 1234, group: 2345,
                files: [
                    .init(name: "usual", template: template),
                    .init(name: "other", template: template, mode: 0o600, owner: 3456, group: 4567),
                ])
            let secrets = SecretsDirectory(path: path)
            _ = try secrets.publish(secretVersion(1), layout: layout)
            let resource = "\(path)/\(resourceName)"
            #expect(try permissions(resource) == Permissions(mode: 0o751, owner: geteuid(), group: 2345))
            #expect(try permissions("\(resource)/..v1") == Permissions(mode: 0o751, owner: geteuid(), group: 2345))
            for name in ["connection-string", "metadata.json", "usual"] {
                #expect(
                    try permissions("\(resource)/..v1/\(name)") == Permissions(mode: 0o640, owner: 1234, group: 2345))
            }
            #expect(try permissions("\(resource)/..v1/other") == Permissions(mode: 0o600, owner: 3456, group: 4567))
            #expect(try secrets.read(resourceName, layout: layout)?.intact == true)
        }
    }

    @Test func otherPermissionsAreAReasonToPublishAndCloseTheOldGenerationAtOnce() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            _ = try secrets.publish(secretVersion(1), layout: ResourceLayout(mode: 0o644))
            #expect(try secrets.publish(secretVersion(1), layout: ResourceLayout(mode: 0o600)) == .written(1))
            let generations = try Consumer.names("\(path)/\(resourceName)").filter { $0.hasPrefix("..v") }
            #expect(generations == ["..v1.1"])
        }
    }

    @Test func aFileThatIsNotWantedAnyMoreIsGoneAtOnce() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            let layout = ResourceLayout(files: [.init(name: "app.ini", template: try MustacheTemplate("{{accessKey}}"))]
            )
            _ = try secrets.publish(secretVersion(1), layout: layout)
            _ = try secrets.publish(secretVersion(1), layout: ResourceLayout())
            let names = try Consumer.names("\(path)/\(resourceName)")
            #expect(!names.contains("app.ini") && !names.contains("..v1"))
        }
    }

    @Test func nothingIsOpenBeforeItIsWhole() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let watched = FaultyFileSystem()
            _ = try SecretsDirectory(path: path, fileSystem: watched)
                .publish(secretVersion(1), layout: ResourceLayout(mode: 0o644))
            let calls = watched.calls
            let made = try #require(calls.firstIndex { $0.name == "mkdirat" && $0.argument == "..v1" })
            let generation = try #require(calls[made...].first { $0.opened != nil }?.opened)
            let opened = try #require(calls[made...].firstIndex { $0.name == "fchmod" && $0.descriptor == generation })
            #expect(!calls[opened...].contains { $0.name == "write" })
        }
    }

    @Test(arguments: [
        (UInt32(0o666), "0666"), (0o660, "0660"), (0o620, "0620"), (0o1640, "1640"), (0o040, "0040"),
    ])
    func refusesModesThatMakeNoSense(mode: UInt32, text: String) throws {
        try withTemporaryDirectory(under: fastParent) { path in
            let secrets = SecretsDirectory(path: path)
            let usual = ResourceLayout(mode: mode)
            let extra = ResourceLayout(
                files: [.init(name: "app.ini", template: try MustacheTemplate("x"), mode: mode)])
            for layout in [usual, extra] {
                let error = try #require(throws: Failure.self) { try secrets.publish(secretVersion(1), layout: layout) }
                #expect(error.detail.contains("mode \(text) of "))
                #expect(try Consumer.names(path) == [])
            }
        }
    }

    @Test(arguments: ["connection-string", "app.ini", ".hidden", "a/b", "..data", ""])
    func refusesFileNamesThatAreTakenOrBad(name: String) throws {
        let template = try MustacheTemplate("x")
        let layout = ResourceLayout(
            files: [.init(name: "app.ini", template: template), .init(name: name, template: template)])
        #expect(layout.problems.count == 1)
        #expect(layout.problems.allSatisfy { $0.contains("'\(name)'") })
    }
}
