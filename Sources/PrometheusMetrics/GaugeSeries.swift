import CoreMetrics
import Synchronization

/// The meters of swift-metrics, and its recorders that keep the last value only.
final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    let identity: SeriesIdentity
    private let value = Mutex(0.0)

    init(_ identity: SeriesIdentity) {
        self.identity = identity
    }

    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func record(_ new: Int64) { set(Double(new)) }
    func record(_ new: Double) { set(new) }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }

    func write(to writer: inout ExpositionWriter) {
        writer.sample(value.withLock { $0 }, identity.labels)
    }
}
