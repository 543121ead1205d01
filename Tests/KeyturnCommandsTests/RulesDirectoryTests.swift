import Glibc
import Systemd
import Testing

@testable import KeyturnCommands

@Suite struct RulesDirectoryTests {
    private let scratch: Scratch
    private let directory: RulesDirectory
    private let one = PolkitRules(user: "keyturn", grants: [.init(unit: "a.service", verb: "restart")])
    private let none = PolkitRules(user: "keyturn", grants: [])

    init() throws {
        scratch = try Scratch()
        directory = RulesDirectory(path: try scratch.directory("rules.d"))
    }

    @Test func theFileIsWrittenWhenItDiffers() throws {
        #expect(try directory.put(one) == .written)
        #expect(scratch.names(in: "rules.d") == ["60-keyturn.rules"])
        #expect(RulesDirectory.text(of: directory.file) == one.text)
        var before = stat()
        try #require(stat(directory.file, &before) == 0)
        #expect(before.st_mode & 0o7777 == 0o644, "whatever the umask is")
        #expect(try directory.put(one) == .unchanged)
        var after = stat()
        try #require(stat(directory.file, &after) == 0)
        #expect(before.st_ino == after.st_ino)
        let two = PolkitRules(user: "keyturn", grants: one.grants + [.init(unit: "b.service", verb: "reload")])
        #expect(try directory.put(two) == .written)
        #expect(RulesDirectory.text(of: directory.file) == two.text)
        #expect(scratch.names(in: "rules.d") == ["60-keyturn.rules"])
    }

    @Test func withoutUnitsThereIsNoFile() throws {
        #expect(try directory.put(none) == .none)
        #expect(try directory.put(one) == .written)
        #expect(try directory.put(none) == .removed)
        #expect(scratch.names(in: "rules.d").isEmpty)
    }

    @Test func aFileOfSomebodyElseIsNotRemoved() throws {
        try scratch.file("rules.d/60-keyturn.rules", "// mine\n")
        #expect(try directory.put(none) == .none)
        #expect(RulesDirectory.text(of: directory.file) == "// mine\n")
    }

    @Test func whatCannotBeWrittenSaysWhy() throws {
        let missing = RulesDirectory(path: scratch.path + "/none")
        #expect(!missing.exists)
        #expect { try missing.put(one) } throws: {
            ($0 as? AtomicFile.Failed)?.cause == "No such file or directory"
        }
    }
}
