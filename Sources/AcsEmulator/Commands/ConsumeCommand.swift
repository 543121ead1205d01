import ArgumentParser
import FoundationEssentials
import UnixSignals

/// `acs-emulator consume`.
struct ConsumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consume",
        abstract: "A consumer to practise with: reads a connection string as an application would, and uses it.",
        discussion: """
            In a loop it reads each file, signs GET /rooms with the key in it and sends it to the endpoint in it. Key \
            changes and refused calls are told on standard error as they happen. On SIGTERM, SIGINT or after --seconds \
            it prints one line of JSON to standard output: calls, refused (401), unreadable (no file, or an empty or \
            partial one), otherErrors (anything else, as when nobody listens), keys (different ones seen) and changes.

            Exit status 0 if nothing was refused or unreadable, else 1.
            """)

    @Option(help: ArgumentHelp("A file with a connection string. Repeatable.", valueName: "path"))
    var file: [String] = []

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Several such files.", valueName: "path"))
    var files: [String] = []

    @Option(help: ArgumentHelp("Time between calls, as 50ms, 2s or 1m.", valueName: "duration"))
    var every = PaceArgument(.milliseconds(50))

    @Option(help: ArgumentHelp("End after that many seconds.", valueName: "N"))
    var seconds: Double?

    @Option(
        help: ArgumentHelp(
            "Begin to count only when all files are there; wait for them at most that long.", valueName: "duration"))
    var wait: PaceArgument?

    @Option(help: ArgumentHelp("Write the summary to this file too.", valueName: "path"))
    var report: String?

    @Option(help: ArgumentHelp("Trust the certificate authority in this file, PEM.", valueName: "path"))
    var caFile: String?

    @Flag(help: "Tell nothing but the summary.")
    var quiet = false

    func validate() throws {
        guard !(file + files).isEmpty else {
            throw ValidationError("name at least one file with --file")
        }
        if let seconds, !(seconds > 0 && seconds <= 31_536_000) {
            throw ValidationError("--seconds must be more than 0 and at most a year")
        }
    }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let tally = ConsumerTally(quiet: quiet)
        let consumer = try Consumer(every: every.duration, authorityFile: caFile, tally: tally)
        let paths = file + files
        let limit = seconds
        let wait = wait?.duration
        await withTaskGroup { group in
            group.addTask { for await _ in signals { break } }
            group.addTask {
                if let wait { await Consumer.waitForFiles(paths, atMost: wait) }
                await withDiscardingTaskGroup { consumers in
                    for path in paths { consumers.addTask { await consumer.consume(path) } }
                    if let limit {
                        try? await Task.sleep(for: .seconds(limit))
                        consumers.cancelAll()
                    }
                }
            }
            await group.next()
            group.cancelAll()
        }
        try await consumer.shutdown()
        let summary = tally.summary
        let line = JSONText.bytes(summary)
        Console.output(String(decoding: line, as: UTF8.self))
        if let report { try AtomicFile.write(line + [UInt8(ascii: "\n")], to: report, mode: 0o644) }
        guard summary.refused == 0, summary.unreadable == 0 else { throw ExitCode(1) }
    }
}

/// A duration on the command line: a whole number and `ms`, `s` or `m`.
struct PaceArgument: ExpressibleByArgument, Sendable {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), number <= 1_000_000_000 else { return nil }
        switch argument.dropFirst(digits.count) {
        case "ms": duration = .milliseconds(number)
        case "s": duration = .seconds(number)
        case "m": duration = .seconds(number * 60)
        default: return nil
        }
    }

    var defaultValueDescription: String {
        let (seconds, attoseconds) = duration.components
        return attoseconds == 0 ? "\(seconds)s" : "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms"
    }
}
