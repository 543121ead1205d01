import CoreMetrics
import Synchronization

/// A histogram; without bounds a summary.
final class DistributionSeries: Series, RecorderHandler, TimerHandler {
    private struct Values {
        var counts: [UInt64]
        var sum = 0.0
    }

    let identity: SeriesIdentity
    private let bounds: [Double]
    private let values: Mutex<Values>

    init(_ identity: SeriesIdentity, bounds: [Double]) {
        self.identity = identity
        self.bounds = bounds
        values = Mutex(Values(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        values.withLock { values in
            values.counts[index] += 1
            values.sum += value
        }
    }

    func write(to writer: inout ExpositionWriter) {
        let values = values.withLock { $0 }
        if bounds.isEmpty {
            writer.summary(count: values.counts[0], sum: values.sum, identity.labels)
        } else {
            writer.histogram(bounds, values.counts, sum: values.sum, identity.labels)
        }
    }
}
