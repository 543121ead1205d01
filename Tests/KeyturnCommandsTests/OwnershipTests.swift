import Glibc
import Testing

@testable import KeyturnCommands

@Suite struct OwnershipTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test func whatOnlyTheOwnerMayWriteIsGood() throws {
        try scratch.directory("etc")
        let file = try scratch.file("etc/keyturn.yaml")
        #expect(Ownership.problem(of: file) == nil)
        #expect(Ownership.problem(of: scratch.path + "/./etc/../etc/keyturn.yaml") == nil)
        #expect(Ownership.problem(of: scratch.path + "/etc/conf.d") == nil, "what is not there")
        #expect(Ownership.problem(of: "/etc/passwd") == nil)
    }

    @Test(arguments: [0o664, 0o646, 0o666]) func aFileThatOthersMayWriteIsNot(_ mode: Int) throws {
        let file = try scratch.file("keyturn.yaml", mode: mode_t(mode))
        #expect(Ownership.problem(of: file) == "\(file) can be written by others than its owner")
    }

    @Test(arguments: [0o775, 0o757]) func norIsOneInADirectoryThatOthersMayWrite(_ mode: Int) throws {
        let directory = try scratch.directory("etc", mode: mode_t(mode))
        let file = try scratch.file("etc/keyturn.yaml")
        #expect(Ownership.problem(of: file) == "\(directory) can be written by others than its owner")
        #expect(Ownership.problem(of: directory + "/deep/down") != nil)
    }

    @Test func aStickyDirectoryProtectsWhatIsInIt() throws {
        try scratch.directory("tmp", mode: 0o1777)
        #expect(Ownership.problem(of: try scratch.file("tmp/keyturn.yaml")) == nil)
    }

    @Test func linksAreFollowedStepByStep() throws {
        try scratch.directory("etc")
        try scratch.directory("srv")
        let open = try scratch.directory("open", mode: 0o777)
        try scratch.file("srv/keyturn.yaml")
        #expect(Ownership.problem(of: try scratch.link("etc/good.yaml", to: "../srv/keyturn.yaml")) == nil)
        // A link that anybody could point elsewhere, on the way to a good file.
        try scratch.link("open/hop.yaml", to: scratch.path + "/srv/keyturn.yaml")
        let bad = try scratch.link("etc/bad.yaml", to: scratch.path + "/open/hop.yaml")
        #expect(Ownership.problem(of: bad) == "\(open) can be written by others than its owner")
        let loop = try scratch.link("etc/loop", to: "loop")
        #expect(Ownership.problem(of: loop) == "\(loop) leads nowhere")
    }

    @Test(.enabled(if: geteuid() == 0)) func whatBelongsToAnotherIsNot() throws {
        let file = try scratch.file("keyturn.yaml")
        try #require(chown(file, 65_534, 0) == 0)
        #expect(Ownership.problem(of: file)?.contains(" belongs to ") == true)
    }
}
