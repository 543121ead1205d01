import ArgumentParser
import Glibc
import Simulation
import Synchronization

/// `simulate run`: one world after the other, on every core.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run worlds until one breaks a law.")

    @Option(help: "How many worlds.")
    var seeds: UInt64 = 10_000

    @Option(help: "The first one's seed. (default: chosen at random)")
    var first: UInt64?

    @Option(help: "How many years each of them lasts.")
    var years = 5.0

    @Option(help: "No new world is begun after so many seconds; 0: no limit.")
    var limit = 0.0

    @Option(help: "Worlds at a time.")
    var workers = 2

    @Flag(help: "Only the result.")
    var quiet = false

    @Flag(help: "A failing world is not made smaller.")
    var noShrink = false

    func validate() throws {
        guard years > 0, workers > 0, seeds > 0 else { throw ValidationError("nothing to run") }
    }

    func run() async throws {
        let first = first ?? UInt64.random(in: 1...999_999_999)
        print("seeds \(first) to \(first + seeds - 1), \(Self.text(years)) years each")
        let progress = Progress(end: first + seeds, next: first, limit: limit > 0 ? .seconds(limit) : nil)
        await withDiscardingTaskGroup { group in
            for _ in 0..<workers {
                group.addTask { work(progress) }
            }
        }
        print(progress.summary)
        guard let failing = progress.failing else { return }
        report(failing)
        throw ExitCode.failure
    }

    private func work(_ progress: Progress) {
        while let seed = progress.take() {
            let result = Simulation.run(Scenario(seed: seed, years: years))
            if let line = progress.add(result), !quiet { print(line) }
        }
    }

    private func report(_ failing: Simulation.Result) {
        guard let violation = failing.violation else { return }
        print("seed \(failing.scenario.seed): \(violation)")
        print(
            "alone: \(Replay.command(for: failing.scenario, compared: Scenario(seed: failing.scenario.seed, years: years)))"
        )
        guard !noShrink else { return }
        var shrinker = Shrinker()
        let small = shrinker.shrink(failing).scenario
        let traced = Simulation.run(small, traced: true)
        print("smaller: \(Replay.command(for: small, compared: Scenario(seed: small.seed, years: years)))")
        print("its end:")
        for line in traced.trace.suffix(60) { print("  \(line)") }
    }

    static func text(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}

/// What the workers share: which seed is next, and what came of those before.
final class Progress: Sendable {
    private struct State {
        var next: UInt64
        var done: UInt64 = 0
        var resourceYears = 0.0
        var statistics = Statistics()
        var failing: Simulation.Result?
        var lastLine: ContinuousClock.Instant
    }

    private let end: UInt64
    private let limit: Duration?
    private let started = ContinuousClock.now
    private let state: Mutex<State>

    init(end: UInt64, next: UInt64, limit: Duration?) {
        self.end = end
        self.limit = limit
        state = Mutex(State(next: next, lastLine: ContinuousClock.now))
    }

    /// The failing world with the smallest seed.
    var failing: Simulation.Result? { state.withLock { $0.failing } }

    func take() -> UInt64? {
        if let limit, ContinuousClock.now - started >= limit { return nil }
        return state.withLock { state in
            guard state.next < end, state.failing == nil else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    /// A line to print, every few seconds.
    func add(_ result: Simulation.Result) -> String? {
        let isDue = state.withLock { state in
            state.done += 1
            state.resourceYears += result.resourceYears
            state.statistics += result.statistics
            if result.violation != nil, result.scenario.seed < state.failing?.scenario.seed ?? .max {
                state.failing = result
            }
            guard ContinuousClock.now - state.lastLine >= .seconds(5) else { return false }
            state.lastLine = ContinuousClock.now
            return true
        }
        return isDue ? summary : nil
    }

    /// What all threads of the process have had of processors so far: unlike the time that has gone by, it is the same on
    /// a machine that has other things to do.
    private static var processorSeconds: Double {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return .infinity }
        return max(0.001, Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
    }

    var summary: String {
        let state = state.withLock { $0 }
        let counts = state.statistics
        return
            "\(state.done) worlds, \(Int(state.resourceYears)) resource-years"
            + " (\(Int(state.resourceYears / Self.processorSeconds)) a second and core): \(counts.events) events, \(counts.looks) looks, \(counts.strikes) strikes, \(counts.crashes) crashes, \(counts.regenerates) regenerates,"
            + " \(counts.publications) publications, \(counts.consumerCalls) calls (\(counts.refusedCalls) refused after"
            + " another hand or a late landing), \(counts.holds) holds; \(state.failing == nil ? "no law broken" : "A LAW IS BROKEN")"
    }
}
