import Glibc
import Synchronization
import Testing

@testable import Systemd

private final class RecordingSink: NotificationSink {
    private let sent = Mutex<[String]>([])
    private let answer: Result<Bool, SystemdError>

    init(_ answer: Result<Bool, SystemdError> = .success(true)) {
        self.answer = answer
    }

    func send(_ fields: String) throws(SystemdError) -> Bool {
        sent.withLock { $0.append(fields) }
        return try answer.get()
    }

    var fields: [String] { sent.withLock { $0 } }
}

@Suite(.timeLimit(.minutes(15))) struct NotifierTests {
    @Test func speaksTheProtocol() throws {
        let sink = RecordingSink()
        let notifier = Notifier(sink: sink)
        #expect(try notifier.ready(status: "12 resources"))
        try notifier.ready()
        try notifier.stopping(status: "bye")
        try notifier.stopping()
        try notifier.status("next in 3h")
        try notifier.watchdog()
        try notifier.extendTimeout(.seconds(90))
        try notifier.errno(ENOSPC, status: "disk full")
        #expect(
            sink.fields == [
                "READY=1\nSTATUS=12 resources", "READY=1", "STOPPING=1\nSTATUS=bye", "STOPPING=1", "STATUS=next in 3h",
                "WATCHDOG=1", "EXTEND_TIMEOUT_USEC=90000000", "ERRNO=28\nSTATUS=disk full",
            ])
    }

    @Test func aReloadCarriesTheMonotonicClock() throws {
        let sink = RecordingSink()
        let before = monotonicMicroseconds()
        try Notifier(sink: sink).reloading(status: "reading the configuration")
        let after = monotonicMicroseconds()
        let lines = try #require(sink.fields.first).split(separator: "\n")
        try #require(lines.count == 3)
        #expect(lines[0] == "RELOADING=1")
        #expect(lines[2] == "STATUS=reading the configuration")
        let stamp = try #require(Int64(lines[1].dropFirst("MONOTONIC_USEC=".count)))
        #expect((before...after).contains(stamp))
    }

    @Test(arguments: [
        ("two\nlines", "two lines"), ("a\r\nb", "a  b"), ("nul\0here", "nul here"), ("\u{1b}[31mred", " [31mred"),
        ("sep\u{2028}ar", "sep ar"), ("ünï 😀", "ünï 😀"), ("", ""),
    ])
    func aStatusIsOneLine(_ status: String, _ line: String) throws {
        let sink = RecordingSink()
        try Notifier(sink: sink).status(status)
        #expect(sink.fields == ["STATUS=\(line)"])
    }

    @Test func aStatusTooLongForSystemdIsCut() throws {
        let sink = RecordingSink()
        try Notifier(sink: sink).status(String(repeating: "12é😀", count: 1000))
        let sent = try #require(sink.fields.first)
        #expect(sent.utf8.count <= 2048 + "STATUS=".utf8.count)
        #expect(sent.utf8.count > 2030)
        #expect(sent.hasSuffix("…"))
    }

    @Test(arguments: [
        (Duration.zero, "1"), (.seconds(-5), "1"), (.nanoseconds(1), "1"), (.milliseconds(1500), "1500000"),
        (.seconds(Int64.max), "9223372036854775807"),
    ])
    func anExtensionIsNeverZero(_ duration: Duration, _ microseconds: String) throws {
        let sink = RecordingSink()
        try Notifier(sink: sink).extendTimeout(duration)
        #expect(sink.fields == ["EXTEND_TIMEOUT_USEC=\(microseconds)"])
    }

    @Test func tellsNotWantedFromFailed() throws {
        #expect(try !Notifier(sink: RecordingSink(.success(false))).watchdog())
        let error = SystemdError("sd_notify", result: -ECONNREFUSED)
        #expect(throws: error) { try Notifier(sink: RecordingSink(.failure(error))).ready() }
        #expect(error.description == "sd_notify failed: Connection refused")
    }

    // The variables belong to the process, so each of these runs in one of its own.

    @Test(arguments: [false, true])
    func reachesARealSocket(abstract: Bool) async throws {
        let socket = try DatagramSocket(abstract: abstract)
        let name = socket.name
        await #expect(processExitsWith: .success) { [name = name as String] in
            setenv("NOTIFY_SOCKET", name, 1)
            let notifier = Notifier()
            try #require(try notifier.ready(status: "up"))
            try #require(try notifier.watchdog())
            try #require(getenv("NOTIFY_SOCKET") != nil)
        }
        #expect(socket.received() == ["READY=1\nSTATUS=up", "WATCHDOG=1"])
    }

    @Test func withoutASocketNothingIsSent() async {
        await #expect(processExitsWith: .success) {
            unsetenv("NOTIFY_SOCKET")
            try #require(try !Notifier().ready())
        }
    }

    @Test func aSocketThatIsNotThereIsAnError() async {
        await #expect(processExitsWith: .success) {
            setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1)
            let error = try #require(throws: SystemdError.self) { try Notifier().ready() }
            try #require(error.description == "sd_notify failed: No such file or directory")
        }
    }

    @Test func theWatchdogIsReadFromTheEnvironment() async {
        await #expect(processExitsWith: .success) {
            unsetenv("WATCHDOG_USEC")
            try #require(try WatchdogInterval.current == nil)
            setenv("WATCHDOG_USEC", "30000000", 1)
            try #require(try WatchdogInterval.current == .seconds(30))
            setenv("WATCHDOG_PID", String(getpid()), 1)
            try #require(try WatchdogInterval.current == .seconds(30))
            setenv("WATCHDOG_PID", "1", 1)
            try #require(try WatchdogInterval.current == nil)
            setenv("WATCHDOG_USEC", "soon", 1)
            #expect(throws: SystemdError.self) { try WatchdogInterval.current }
        }
    }

    private func monotonicMicroseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
