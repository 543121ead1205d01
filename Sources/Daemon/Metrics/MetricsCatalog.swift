import AzureKeys
import PrometheusMetrics

/// The families that are counted while things happen. Those of `ResourceMetrics` and `DaemonMetrics` are computed when
/// somebody asks.
package enum MetricsCatalog {
    static let probeDuration = "keyturn_probe_duration_seconds"
    static let publishDuration = "keyturn_publish_duration_seconds"
    static let ledgerDuration = "keyturn_ledger_save_duration_seconds"
    static let deliveryDuration = "keyturn_delivery_duration_seconds"
    static let deliveries = "keyturn_deliveries_total"
    static let regenerates = "keyturn_regenerates_total"

    /// Seconds; of what goes over the network.
    private static let remote = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
    /// Seconds; of what goes to a disk.
    private static let local = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
    /// Seconds; of what others do when they are told.
    private static let consumers = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

    package static let descriptions = [
        MetricDescription(
            ARMMetrics.requests, .counter,
            "Requests to Azure Resource Manager by operation and HTTP status; none: there was no answer."),
        MetricDescription(
            ARMMetrics.duration, .histogram, "Time that requests to Azure Resource Manager took.", bounds: remote),
        MetricDescription(
            probeDuration, .histogram, "Time that signed calls to the data plane took, by what they showed of the key.",
            bounds: remote),
        MetricDescription(
            publishDuration, .histogram, "Time that writing a version to the secrets directory took, by its outcome.",
            bounds: local),
        MetricDescription(
            ledgerDuration, .histogram, "Time until a change was durable in the ledger, by its outcome.", bounds: local),
        MetricDescription(
            deliveryDuration, .histogram, "Time until all consumers of a resource had answered.", bounds: consumers),
        MetricDescription(
            deliveries, .counter, "Consumers that were told of a version, each try for itself, by its outcome."),
        MetricDescription(
            regenerates, .counter,
            "Regenerates of keys by their outcome; ambiguous: nobody knew at once whether it ran."),
    ]
}
