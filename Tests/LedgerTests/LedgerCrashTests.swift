import Glibc
import Testing

@testable import Ledger

@Suite(.timeLimit(.minutes(15))) struct LedgerCrashTests {
    /// The log as it was after each commit, and what the ledger held then.
    private struct Recording {
        var database: [UInt8] = []
        var log: [UInt8] = []
        /// How long the log was after each commit; the first is that of the empty ledger.
        var lengths: [Int] = []
    }

    private let commits = 12

    private func record() throws -> Recording {
        let directory = try TemporaryDirectory()
        let ledger = try Ledger.open(directory: directory.path)
        var recording = Recording()
        recording.lengths.append(Int(try directory.status("ledger.sqlite-wal").st_size))
        for number in 1...commits {
            try ledger.save(.sample(phase: "\(number)"), events: [.sample("a\(number)"), .sample("b\(number)")])
            recording.lengths.append(Int(try directory.status("ledger.sqlite-wal").st_size))
        }
        recording.database = try directory.read("ledger.sqlite")
        recording.log = try directory.read("ledger.sqlite-wal")
        ledger.close()
        return recording
    }

    /// How many commits a ledger made of these bytes holds; fails unless it is a whole number of them.
    private func reopen(_ database: [UInt8], _ log: some Sequence<UInt8>, _ comment: Comment) throws -> Int {
        let directory = try TemporaryDirectory()
        try directory.write("ledger.sqlite", database)
        try directory.write("ledger.sqlite-wal", log)
        let ledger = try Ledger.open(directory: directory.path)
        #expect(ledger.setAside == nil, comment)
        let rows = try ledger.rows()
        let kinds = try ledger.history(limit: 1000).map(\.kind)
        let count = rows.first.flatMap { Int($0.phase) } ?? 0
        #expect(rows == (count == 0 ? [] : [.sample(phase: "\(count)")]), comment)
        #expect(kinds == (1...commits).prefix(count).reversed().flatMap { ["b\($0)", "a\($0)"] }, comment)
        return count
    }

    @Test func aLogCutAnywhereHoldsEveryCommitBeforeTheCut() throws {
        let recording = try record()
        var generator = SplitMix64()
        var cuts = Set(recording.lengths.flatMap { [$0 - 1, $0, $0 + 1] } + [0, 1, 31, 32, 33])
        for _ in 0..<30 { cuts.insert(Int.random(in: 0...recording.log.count, using: &generator)) }
        for cut in cuts.filter({ (0...recording.log.count).contains($0) }).sorted() {
            let comment: Comment = "cut at \(cut) of \(recording.log.count), seed \(generator.seed)"
            let expected = max(0, recording.lengths.lastIndex { $0 <= cut } ?? 0)
            #expect(try reopen(recording.database, recording.log.prefix(cut), comment) == expected, comment)
        }
    }

    @Test func aLogWithATornPageHoldsEveryCommitBeforeIt() throws {
        let recording = try record()
        var generator = SplitMix64()
        for _ in 0..<30 {
            let position = Int.random(in: recording.lengths[0]..<recording.log.count, using: &generator)
            var log = recording.log
            for index in position..<min(position + 512, log.count) { log[index] ^= 0xff }
            let comment: Comment = "torn at \(position) of \(recording.log.count), seed \(generator.seed)"
            let expected = max(0, recording.lengths.lastIndex { $0 <= position } ?? 0)
            #expect(try reopen(recording.database, log, comment) == expected, comment)
        }
    }

    @Test func nothingThatWasSavedIsLostByAKill() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let ledger = try Ledger.open(directory: path)
            for number in 1...25 {
                try ledger.save(.sample(phase: "\(number)"), events: [.sample("\(number)")])
            }
            kill(getpid(), SIGKILL)
        }
        #expect(directory.names().contains("ledger.sqlite-wal"))
        let ledger = try Ledger.open(directory: path)
        #expect(ledger.setAside == nil)
        #expect(try ledger.rows() == [.sample(phase: "25")])
        #expect(try ledger.history(limit: 100).map(\.kind) == (1...25).reversed().map(String.init))
    }
}

/// A small seeded generator, so that a failure can be run again.
private struct SplitMix64: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64 = .random(in: 0...UInt64.max)) {
        self.seed = seed
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
