import CSQLite
import Glibc
import Rotation
import Testing

@testable import Ledger

/// Errors of the system are no damage.
@Suite struct LedgerErrnoTests {
    private let directory: TemporaryDirectory
    private let now = Instant(unixSeconds: 1_772_413_323)

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func open() throws -> Ledger {
        try Ledger.open(directory: directory.path, role: "run", schema: .current, now: now)
    }

    @Test func whatCannotBeReadIsNotSetAside() throws {
        try directory.write("ledger.sqlite", "no database at all".utf8)
        // Nothing is mapped at address 0: EIO.
        let log = directory.path + "/ledger.sqlite-wal"
        #expect(symlink("/proc/self/mem", log) == 0)
        #expect(throws: LedgerError.system(operation: "read", path: log, errno: EIO)) { try open() }
        #expect(directory.names() == ["ledger.lock", "ledger.sqlite", "ledger.sqlite-wal"])
        unlink(log)
        #expect(try open().setAside != nil)
    }

    @Test func aFileThatCannotBeExaminedIsNotTakenForAbsent() throws {
        try open().close()
        let log = directory.path + "/ledger.sqlite-wal"
        #expect(symlink(log, log) == 0)
        #expect(throws: LedgerError.system(operation: "examine", path: log, errno: ELOOP)) { try open() }
        #expect(directory.names() == ["ledger.lock", "ledger.sqlite", "ledger.sqlite-wal"])
        unlink(log)
        #expect(try open().setAside == nil)
    }

    @Test func whatWasSetAsideIsToldEvenWhenTheNewOneCannotBeMade() async throws {
        try directory.write("ledger.sqlite", "no database at all".utf8)
        let path = directory.path
        let now = now
        await #expect(processExitsWith: .success) { [path = path as String, now = now as Instant] in
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 0, rlim_max: 0)
            guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(2) }
            do throws(LedgerError) {
                _ = try Ledger.open(directory: path, role: "run", schema: .current, now: now)
                exit(3)
            } catch {
                guard case .notReplaced(let setAside, _) = error else { exit(4) }
                exit(error.description.contains("set aside as \(setAside.path): every resource is adopted") ? 0 : 5)
            }
        }
        #expect(try directory.read("ledger.sqlite.corrupt-20260302T010203Z") == Array("no database at all".utf8))
    }

    @Test(
        arguments: [
            (SQLITE_FULL, 0, .mayPass), (SQLITE_FULL, ENOSPC, .system(errno: ENOSPC)),
            (SQLITE_IOERR | 1 << 8, EIO, .system(errno: EIO)), (SQLITE_CANTOPEN, EMFILE, .system(errno: EMFILE)),
            (SQLITE_CANTOPEN, 0, .stays), (SQLITE_BUSY, 0, .mayPass), (SQLITE_NOMEM, 0, .mayPass),
            (SQLITE_READONLY, 0, .stays), (SQLITE_ERROR, 0, .stays),
        ] as [(Int32, Int32, LedgerError.Prospect)])
    func whatBecomesOfAnError(code: Int32, errno: Int32, prospect: LedgerError.Prospect) {
        let error = LedgerError.sqlite(operation: "open", path: "/p", message: "m", extendedCode: code, errno: errno)
        #expect(error.prospect == prospect)
        let setAside = Ledger.SetAside(path: "/old", cause: "c")
        #expect(LedgerError.notReplaced(setAside, error).prospect == prospect)
    }

    @Test func aTableThatIsFullIsTheSystemsOrTheUnits() {
        let text = { (errno: Int32) in LedgerError.system(operation: "open", path: "/p", errno: errno).description }
        #expect(text(EMFILE).hasSuffix("raise LimitNOFILE= of the unit"))
        #expect(text(ENFILE).hasSuffix("raise sysctl fs.file-max"))
    }
}
