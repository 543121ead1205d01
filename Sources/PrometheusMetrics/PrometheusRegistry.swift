import CoreMetrics
import Synchronization

/// Keeps what is counted and measured through swift-metrics, by us and by libraries, until it is asked for.
///
/// A label of swift-metrics becomes a name of Prometheus: what it does not take is replaced by `_`, counters end in
/// `_total`, timers in `_seconds`. Timers are histograms, distributions are summaries unless a description has bounds.
package final class PrometheusRegistry: Sendable {
    /// More series of one family than this are not kept, whatever a library does with its labels.
    package static let seriesLimit = 1000
    /// Of timers that nobody described, in seconds.
    static let timerBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct Family {
        let description: MetricDescription
        var series: [LabelSet: any Series] = [:]
    }

    private let families: Mutex<[String: Family]>

    /// - Parameter descriptions: families that are exposed from the beginning; each name once.
    package init(_ descriptions: [MetricDescription] = []) {
        families = Mutex(
            Dictionary(descriptions.map { ($0.name, Family(description: $0)) }, uniquingKeysWith: { first, _ in first })
        )
    }

    /// Writes all families, in the order of their names.
    package func write(to writer: inout ExpositionWriter) {
        let families = families.withLock { $0 }
        for (_, family) in families.sorted(by: { $0.key < $1.key }) {
            writer.family(family.description)
            for (_, series) in family.series.sorted(by: { $0.key < $1.key }) { series.write(to: &writer) }
        }
    }

    /// The series of that name and those labels, which is made when there is none; nil when there cannot be one: the name
    /// is that of another kind, or the family is full.
    private func series<Kept: Series>(
        _ label: String, _ dimensions: [(String, String)], _ suggested: MetricKind, suffix: String = "",
        bounds: [Double] = [], as make: (SeriesIdentity, MetricDescription) -> Kept
    ) -> Kept? {
        let name = MetricName.exposed(label, suffix: suffix)
        return families.withLock { families in
            var family =
                families[name]
                ?? Family(
                    description: MetricDescription(
                        name, suggested, "Reported by a library as \(label).", bounds: bounds))
            let labels = LabelSet(dimensions: dimensions, reserved: Self.reserved(family.description.kind))
            if let known = family.series[labels] { return known as? Kept }
            guard family.series.count < Self.seriesLimit, Self.fits(suggested, family.description.kind) else {
                return nil
            }
            let made = make(SeriesIdentity(family: name, labels: labels), family.description)
            family.series[labels] = made
            families[name] = family
            return made
        }
    }

    /// Labels that the kind itself writes.
    private static func reserved(_ kind: MetricKind) -> Set<String> {
        switch kind {
        case .histogram: ["le"]
        case .summary: ["quantile"]
        case .counter, .gauge, .info: []
        }
    }

    private static func fits(_ suggested: MetricKind, _ kind: MetricKind) -> Bool {
        let distributions: Set<MetricKind> = [.histogram, .summary]
        return suggested == kind || distributions.isSuperset(of: [suggested, kind])
    }

    private func forget(_ handler: any Sendable) {
        guard let series = handler as? any Series else { return }
        families.withLock { families in
            let identity = series.identity
            guard families[identity.family]?.series[identity.labels] === series else { return }
            families[identity.family]?.series[identity.labels] = nil
        }
    }
}

extension PrometheusRegistry: MetricsFactory {
    private static let nowhere = NOOPMetricsHandler.instance

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter, suffix: "_total") { identity, _ in CounterSeries(identity) } ?? Self.nowhere
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, dimensions, .counter, suffix: "_total") { identity, _ in CounterSeries(identity) } ?? Self.nowhere
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge) { identity, _ in GaugeSeries(identity) } ?? Self.nowhere
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else {
            return series(label, dimensions, .gauge) { identity, _ in GaugeSeries(identity) } ?? Self.nowhere
        }
        return series(label, dimensions, .summary) { identity, description in
            DistributionSeries(identity, bounds: description.bounds)
        } ?? Self.nowhere
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram, suffix: "_seconds", bounds: Self.timerBounds) { identity, description in
            DistributionSeries(identity, bounds: description.bounds)
        } ?? Self.nowhere
    }

    package func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { forget(handler) }
}
