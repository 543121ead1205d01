import Glibc
import Testing

@testable import Ledger

@Suite(.timeLimit(.minutes(15))) struct LedgerLockTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func theSecondIsToldWhoIsTheFirst() throws {
        let first = try Ledger.open(directory: directory.path, role: "run")
        let error = try #require(throws: LedgerError.self) { try Ledger.open(directory: directory.path) }
        let holder = LedgerLock.Holder(pid: getpid(), role: "run")
        #expect(error == .alreadyOpen(path: first.path, holder: holder))
        #expect(
            error.description.contains("\(directory.path)/ledger.sqlite is in use by process \(getpid()) (keyturn run)")
        )
        first.close()
        _ = try Ledger.open(directory: directory.path)
    }

    @Test func aOneShotCommandTakesTurnsWithTheDaemon() throws {
        let lock = try Ledger.lock(directory: directory.path, role: "regenerate")
        let error = try #require(throws: LedgerError.self) { try Ledger.open(directory: directory.path) }
        #expect(error.description.contains("(keyturn regenerate)"))
        #expect(directory.names() == ["ledger.lock"])
        lock.release()
        lock.release()
        let ledger = try Ledger.open(directory: directory.path)
        #expect(throws: LedgerError.self) { try Ledger.lock(directory: directory.path, role: "regenerate") }
        ledger.close()
    }

    @Test func theLockEndsWithItsLastReference() throws {
        do {
            let lock = try Ledger.lock(directory: directory.path, role: "regenerate")
            withExtendedLifetime(lock) {}
        }
        _ = try Ledger.lock(directory: directory.path, role: "run")
    }

    @Test func anotherProcessIsKeptOut() async throws {
        let ledger = try Ledger.open(directory: directory.path)
        #expect(try Child.run("flock", "-n", directory.path + "/ledger.lock", "true").wait() == 1 << 8)
        ledger.close()
        #expect(try Child.run("flock", "-n", directory.path + "/ledger.lock", "true").wait() == 0)
    }

    @Test func theLockOfAKilledProcessIsGone() async throws {
        let path = directory.path + "/ledger.lock"
        try directory.write("ledger.lock", "stale content that is no holder".utf8)
        let other = try Child.run("flock", "--no-fork", path, "sleep", "60")
        defer { other.killAndWait() }
        try await eventually { (try? Ledger.lock(directory: directory.path, role: "run")) == nil }
        let error = try #require(throws: LedgerError.self) { try Ledger.open(directory: directory.path) }
        #expect(error == .alreadyOpen(path: directory.path + "/ledger.sqlite", holder: nil))
        #expect(error.description.contains("in use by another process"))
        other.killAndWait()
        _ = try Ledger.open(directory: directory.path)
    }

    @Test func aChildThatOutlivesUsDoesNotKeepTheLock() throws {
        let ledger = try Ledger.open(directory: directory.path)
        let child = try Child.run("sleep", "60")
        defer { child.killAndWait() }
        ledger.close()
        _ = try Ledger.open(directory: directory.path)
        #expect(kill(child.pid, 0) == 0)
    }

    @Test func aMissingDirectoryIsNamed() throws {
        let missing = directory.path + "/missing"
        let error = try #require(throws: LedgerError.self) { try Ledger.open(directory: missing) }
        #expect(error == .system(operation: "open", path: missing + "/ledger.lock", errno: ENOENT))
        #expect(error.description.contains("No such file or directory; create the directory"))
    }

    @Test func aLinkInTheLocksPlaceIsNotFollowed() throws {
        #expect(symlink("elsewhere", directory.path + "/ledger.lock") == 0)
        let error = LedgerError.system(operation: "open", path: directory.path + "/ledger.lock", errno: ELOOP)
        #expect(throws: error) { try Ledger.lock(directory: directory.path, role: "run") }
        #expect(directory.names() == ["ledger.lock"])
    }
}

/// A program run beside the test.
private struct Child {
    let pid: pid_t

    static func run(_ arguments: String...) throws -> Child {
        var pid: pid_t = 0
        let argv = arguments.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        let code = posix_spawnp(&pid, arguments[0], nil, nil, argv, environ)
        guard code == 0 else { throw TemporaryDirectory.Failed(errno: code) }
        return Child(pid: pid)
    }

    /// The wait status: the exit code times 256.
    func wait() -> Int32 {
        var status: Int32 = -1
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return status
    }

    func killAndWait() {
        kill(pid, SIGKILL)
        _ = wait()
    }
}

private func eventually(_ condition: () throws -> Bool) async throws {
    while try !condition() {
        try await Task.sleep(for: .milliseconds(5))
    }
}
