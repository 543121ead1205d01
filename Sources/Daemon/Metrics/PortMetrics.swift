import CoreMetrics
import Rotation

/// Counts and measures what the engine does through its ports.
struct PortMetrics: Sendable {
    enum Outcome: String, CaseIterable {
        case success, failure

        init(_ isSuccess: Bool) {
            self = isSuccess ? .success : .failure
        }

        fileprivate var label: (String, String) { ("outcome", rawValue) }
    }

    /// Series that are not there cannot be seen to go up, so each begins at zero.
    private let regenerates: [RegenerateOutcome.Word: Counter]
    private let probes: [ProbeOutcome.Word: Timer]
    private let publications: [Outcome: Timer]
    private let ledgerSaves: [Outcome: Timer]
    private let deliveries: [Outcome: Counter]
    private let delivery: Timer

    init(factory: any MetricsFactory) {
        func counters<Key: Hashable & RawRepresentable<String>>(_ name: String, _ keys: [Key]) -> [Key: Counter] {
            Dictionary(
                uniqueKeysWithValues: keys.map {
                    ($0, Counter(label: name, dimensions: [("outcome", $0.rawValue)], factory: factory))
                })
        }
        func timers<Key: Hashable & RawRepresentable<String>>(_ name: String, _ keys: [Key]) -> [Key: Timer] {
            Dictionary(
                uniqueKeysWithValues: keys.map {
                    ($0, Timer(label: name, dimensions: [("outcome", $0.rawValue)], factory: factory))
                })
        }
        regenerates = counters(MetricsCatalog.regenerates, RegenerateOutcome.Word.allCases)
        probes = timers(MetricsCatalog.probeDuration, ProbeOutcome.Word.allCases)
        publications = timers(MetricsCatalog.publishDuration, Outcome.allCases)
        ledgerSaves = timers(MetricsCatalog.ledgerDuration, Outcome.allCases)
        deliveries = counters(MetricsCatalog.deliveries, Outcome.allCases)
        delivery = Timer(label: MetricsCatalog.deliveryDuration, factory: factory)
    }

    func regenerated(_ outcome: RegenerateOutcome) {
        regenerates[outcome.word]?.increment()
    }

    func probed(_ outcome: ProbeOutcome, since start: ContinuousClock.Instant) {
        probes[outcome.word]?.record(since: start)
    }

    func published(_ outcome: Outcome, since start: ContinuousClock.Instant) {
        publications[outcome]?.record(since: start)
    }

    func saved(_ outcome: Outcome, since start: ContinuousClock.Instant) {
        ledgerSaves[outcome]?.record(since: start)
    }

    func delivered(_ results: [String: Failure?], since start: ContinuousClock.Instant) {
        let failures = results.values.count { $0 != nil }
        deliveries[.failure]?.increment(by: failures)
        deliveries[.success]?.increment(by: results.count - failures)
        delivery.record(since: start)
    }
}

extension Timer {
    fileprivate func record(since start: ContinuousClock.Instant) {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

extension RegenerateOutcome {
    /// The outcome without what it holds.
    enum Word: String, CaseIterable {
        case regenerated
        case notExecuted = "not-executed"
        case ambiguous
    }

    fileprivate var word: Word {
        switch self {
        case .regenerated: .regenerated
        case .notExecuted: .notExecuted
        case .ambiguous: .ambiguous
        }
    }
}

extension ProbeOutcome {
    /// The outcome without what it holds.
    enum Word: String, CaseIterable {
        case succeeded, denied, inconclusive
    }

    fileprivate var word: Word {
        switch self {
        case .succeeded: .succeeded
        case .denied: .denied
        case .inconclusive: .inconclusive
        }
    }
}
