import EventCatalog
import Logging
import Rotation
import RotationTestKit
import Testing

@testable import RotationEngine

@Suite struct FailureLogTests {
    private static let start = Instant(unixSeconds: 1_750_000_000)
    private var log = FailureLog()
    private let failed = Note(.failed, reason: .unreachable)
    private let recovered = Note(.recovered, reason: .unreachable)

    private func at(_ seconds: Int) -> Instant { Self.start + .seconds(seconds) }

    private mutating func isLine(_ note: Note, _ name: String, _ seconds: Int) -> Bool {
        log.admission(of: note, name, at(seconds)).isLine
    }

    private func trouble(_ name: String, _ reason: Reason = .unreachable, attempts: Int = 1) -> ResourceTrouble {
        ResourceTrouble(
            name: name, reason: reason, isHeld: false, detail: "no route", since: Self.start, attempts: attempts)
    }

    @Test mutating func `the first few are told at once, the others together`() {
        let names = (0..<6).map { "contoso-\($0)" }
        #expect(names.map { isLine(failed, $0, 0) } == [true, true, true, false, false, false])
        #expect(log.nextAt == at(10))
        #expect(!log.isDue(at(9)) || log.summaries(names.map { trouble($0) }, at(9)).isEmpty)
        let summaries = log.summaries(names.map { trouble($0) }, at(10))
        #expect(summaries.map(\.event) == [.alsoFailing])
        #expect(summaries.first?.names == ["contoso-3", "contoso-4", "contoso-5"])
        #expect(summaries.first?.failing == 6)
    }

    @Test mutating func `names are gathered longer and longer`() {
        var told: [Int] = []
        for second in 0..<7200 {
            // One more every five seconds.
            if second % 5 == 0 { _ = isLine(failed, "contoso-\(second)", second) }
            let summaries = log.isDue(at(second)) ? log.summaries([trouble("contoso-0")], at(second)) : []
            if summaries.contains(where: { $0.event == .alsoFailing }) { told.append(second) }
        }
        #expect(told.count <= 12 && told.count >= 5, "\(told)")
        #expect(zip(told, told.dropFirst()).allSatisfy { $1 - $0 <= 1000 })
    }

    @Test mutating func `what lasts is told again with its count, then once a day`() {
        #expect(isLine(failed, "contoso-sms", 0))
        var told: [Int] = []
        let days = 5
        for minute in 0..<days * 1440 where log.isDue(at(minute * 60)) {
            let summaries = log.summaries([trouble("contoso-sms", attempts: minute)], at(minute * 60))
            for summary in summaries {
                #expect(summary.event == .stillFailing)
                #expect(summary.attempts == minute)
                #expect(summary.since == Self.start)
                told.append(minute)
            }
        }
        #expect(told == [15, 75, 255, 615, 1335, 2775, 4215, 5655, 7095])
    }

    @Test mutating func `the same failure is not told again, another reason is`() {
        #expect(isLine(failed, "contoso-sms", 0))
        let timeout = Note(.failed, reason: .timeout)
        #expect(isLine(timeout, "contoso-sms", 60))
        // Back and forth, as a failing network does.
        for round in 2..<100 { #expect(!isLine(round % 2 == 0 ? failed : timeout, "contoso-sms", round * 60)) }
    }

    @Test mutating func `a recovery says how long it took`() {
        #expect(isLine(failed, "contoso-sms", 0))
        let admission = log.admission(of: recovered, "contoso-sms", at(90))
        #expect(admission == FailureLog.Admission(isLine: true, lasted: .seconds(90)))
        #expect(log.summaries([], at(1000)).isEmpty)
    }

    @Test mutating func `who was gathered as failing has recovered after that was told`() {
        for name in ["a", "b", "c", "d"] { _ = isLine(failed, name, 0) }
        #expect(!isLine(recovered, "d", 5))
        #expect(log.summaries([trouble("a")], at(10)).map(\.event) == [.alsoFailing, .alsoRecovered])
    }

    @Test mutating func `one that fails and recovers all the time does not fill the journal`() {
        var lines = 0
        for minute in 0..<24 * 60 {
            if isLine(failed, "contoso-sms", minute * 60) { lines += 1 }
            if isLine(recovered, "contoso-sms", minute * 60 + 30) { lines += 1 }
            if log.isDue(at(minute * 60 + 40)) { lines += log.summaries([], at(minute * 60 + 40)).count }
        }
        #expect(lines < 24 * 60 / 2, "\(lines)")
    }

    @Test mutating func `a regenerate that is refused again is neither sent nor refused again in the journal`() {
        let sent = Note(.regenerateSent, keyType: .secondary)
        let refused = Note(.regenerateNotExecuted, reason: .locked, keyType: .secondary)
        #expect(isLine(sent, "contoso-sms", 0) && isLine(refused, "contoso-sms", 1))
        for round in 1..<10 {
            #expect(!isLine(sent, "contoso-sms", round * 60) && !isLine(refused, "contoso-sms", round * 60 + 1))
        }
        // An operator who asks sees what becomes of it.
        #expect(isLine(Note(.rotationRequested), "contoso-sms", 700) && isLine(sent, "contoso-sms", 701))
        #expect(isLine(Note(.regenerateAnswered), "contoso-sms", 702) && isLine(sent, "contoso-sms", 9000))
    }

    @Test mutating func `what began before a restart, and a hold, are told again too`() {
        let held = ResourceTrouble(
            name: "contoso-sms", reason: .bothKeysChanged, isHeld: true, since: Self.start, attempts: 0)
        #expect(log.isDue(at(0)))
        #expect(log.summaries([held], at(0)).isEmpty)
        let summaries = log.summaries([held], at(900))
        #expect(summaries.map(\.event) == [.stillFailing])
        #expect(summaries.first?.isHeld == true)
    }

    @Test mutating func `a clock that is set back by a year puts nothing off by a year`() {
        _ = isLine(failed, "contoso-sms", 0)
        _ = log.summaries([trouble("contoso-sms")], at(1))
        let back = -365 * 86400
        #expect(log.isDue(at(back)))
        _ = log.summaries([trouble("contoso-sms")], at(back))
        #expect(log.nextAt.map { $0 <= at(back) + .seconds(86400) } == true)
    }
}
