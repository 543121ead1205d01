import Glibc
import Testing

@testable import Systemd

@Suite struct JournalStreamTests {
    @Test func comparesDeviceAndInode() throws {
        var status = stat()
        try #require(fstat(STDERR_FILENO, &status) == 0)
        #expect(JournalStream.matches("\(status.st_dev):\(status.st_ino)", descriptor: STDERR_FILENO))
        #expect(!JournalStream.matches("\(status.st_dev):\(status.st_ino + 1)", descriptor: STDERR_FILENO))
        #expect(!JournalStream.matches("\(status.st_dev + 1):\(status.st_ino)", descriptor: STDERR_FILENO))
        #expect(!JournalStream.matches("\(status.st_dev):\(status.st_ino)", descriptor: -1))
    }

    @Test(arguments: [nil, "", ":", "1", "a:b", "1:2:3", "8:-1"])
    func anythingElseIsNoJournal(_ variable: String?) {
        #expect(!JournalStream.matches(variable, descriptor: STDERR_FILENO))
    }

    @Test func readsTheVariable() async {
        await #expect(processExitsWith: .success) {
            var status = stat()
            fstat(STDERR_FILENO, &status)
            unsetenv("JOURNAL_STREAM")
            try #require(!JournalStream.isStandardError)
            setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino)", 1)
            try #require(JournalStream.isStandardError)
            guard case .journal = LogDestination.current else { throw SystemdError("current", result: -EINVAL) }
        }
    }
}
