import Daemon
import Glibc
import Testing

/// `keyturn status --watch`.
@Suite(.serialized, .timeLimit(.minutes(15))) struct WatchTests {
    @Test func `it is drawn in place, through a restart of the daemon, and gives the terminal back`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.onTerminal("status", "--watch") { terminal, child in
                let ending = try await child.waited()
                #expect(ending == .exited(69), "there is no daemon to begin with")
                #expect(!terminal.output.contains("\u{1b}[?1049h"))
            }
            let daemon = try lab.startDaemon()
            try await eventually("published") { (try? await lab.client.resource("contoso-sms"))?.version }
            try await lab.onTerminal("status", "--watch", lines: 12) { terminal, child in
                try await eventually("drawn") { terminal.screen.contains("contoso-sms  ").asFound }
                #expect(terminal.output.contains("\u{1b}[?1049h"), "the other screen")
                #expect(!terminal.isCooked)
                await daemon.end()
                try await eventually("the daemon is away") { terminal.screen.contains("No answer since").asFound }
                #expect(terminal.screen.contains("contoso-sms  "), "what was seen last stays")
                let next = try lab.startDaemon()
                try await eventually("the daemon is back") {
                    let screen = terminal.screen
                    return (screen.contains("contoso-sms  ") && !screen.contains("No answer")).asFound
                }
                terminal.resize(columns: 24, lines: 12)
                try await eventually("drawn for the new size") {
                    (terminal.screen.contains("keyturn stat…") && terminal.screen.contains("1 resource")).asFound
                }
                await next.end()
                terminal.type("q")
                #expect(try await child.waited() == .exited(0))
                expectRestored(terminal)
            }
        }
    }

    @Test(arguments: ["\u{3}", "TERM"]) func `Ctrl-C and SIGTERM give the terminal back`(how: String) async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await lab.onTerminal("status", "contoso-sms", "--watch") { terminal, child in
                    try await eventually("drawn") { terminal.screen.contains("Fingerprints").asFound }
                    if how == "TERM" { child.signal(SIGTERM) } else { terminal.type(how) }
                    #expect(try await child.waited() == .exited(0))
                    expectRestored(terminal)
                }
            }
        }
    }

    private func expectRestored(_ terminal: PseudoTerminal) {
        #expect(terminal.output.hasSuffix("\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"))
        #expect(terminal.isCooked)
    }

    @Test(arguments: ["table", "json"]) func `in a pipe there is a line for each change`(format: String) async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let output = "\(lab.directory)/changes"
                let child = try ChildProcess(
                    Lab.program, ["status", "--watch", "--format", format, "--config", lab.configurationPath],
                    environment: lab.environment(), input: "/dev/null", output: output, errors: "/dev/null")
                let version = format == "table" ? "version " : "\"version\":"
                func lines() -> [Substring] { lab.text(of: output)?.split(separator: "\n") ?? [] }
                do {
                    try await eventually("the first line") {
                        lines().contains { $0.contains("contoso-sms") && $0.contains("\(version)1") }.asFound
                    }
                    try await daemon.rotate()
                    try await eventually("the change") { lines().last?.contains("\(version)2") }
                } catch {
                    await child.end()
                    throw error
                }
                await child.end()
                #expect(!lines().joined().contains("\u{1b}"))
                if format == "json" { for line in lines() { _ = try JSON(String(line)) } }
            }
        }
    }

    @Test func `a dumb terminal gets lines, not drawings`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await lab.onTerminal("status", "--watch", environment: ["TERM": "dumb"]) { terminal, child in
                    try await eventually("a line") { terminal.output.contains("contoso-sms ok settled").asFound }
                    #expect(!terminal.output.contains("\u{1b}"))
                    terminal.type("\u{3}")
                    #expect(try await child.waited() == .killed(by: SIGINT))
                }
            }
        }
    }
}

extension Lab {
    /// A daemon that the test ends itself.
    fileprivate func startDaemon() throws -> ChildProcess {
        let log = "\(directory)/daemon-\(UInt32.random(in: 0 ... .max)).log"
        return try ChildProcess(
            Self.program, ["run", "--config", configurationPath], environment: environment(), input: "/dev/null",
            output: log, errors: log)
    }
}
