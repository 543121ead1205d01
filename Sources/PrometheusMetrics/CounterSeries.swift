import CoreMetrics
import Synchronization

/// The counters of swift-metrics, those of whole numbers and the others.
final class CounterSeries: Series, CounterHandler, FloatingPointCounterHandler {
    let identity: SeriesIdentity
    private let value = Mutex(0.0)

    init(_ identity: SeriesIdentity) {
        self.identity = identity
    }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        // What goes down is no counter; that also leaves out NaN.
        guard amount > 0, amount.isFinite else { return }
        value.withLock { $0 += amount }
    }

    func reset() { value.withLock { $0 = 0 } }

    func write(to writer: inout ExpositionWriter) {
        writer.sample(value.withLock { $0 }, identity.labels)
    }
}
