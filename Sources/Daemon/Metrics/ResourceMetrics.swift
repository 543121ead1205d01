import PrometheusMetrics
import Rotation
import RotationEngine

/// The families with a series or more for each resource, computed anew each time: what is gone leaves no series.
struct ResourceMetrics: Sendable {
    let figures: [ResourceFigures]
    let now: Instant

    private typealias Rows = [(figures: ResourceFigures, labels: LabelSet)]

    func write(to writer: inout ExpositionWriter) {
        let rows = figures.map { ($0, LabelSet(["resource": $0.status.name])) }
        writeCounts(&writer)
        writeStates(rows, &writer)
        writeTimes(rows, &writer)
        writeNumbers(rows, &writer)
    }

    private func writeCounts(_ writer: inout ExpositionWriter) {
        writer.family(MetricDescription("keyturn_resources", .gauge, "Resources of the configuration, by health."))
        let counts = Dictionary(grouping: figures, by: \.status.health.name).mapValues(\.count)
        for health in ["ok", "degraded", "held", "paused"] {
            writer.sample(Double(counts[health] ?? 0), LabelSet(["health": health]))
        }
    }

    /// One series for each resource: the state that it is in. Those of other states are not there.
    private func writeStates(_ rows: Rows, _ writer: inout ExpositionWriter) {
        writer.family(
            MetricDescription(
                "keyturn_resource_info", .info, "What the resource is at Azure, its policy, and the policy's mode."))
        for (figures, labels) in rows {
            let id = figures.status.id
            writer.sample(
                1,
                labels.adding("subscription", id.subscription.lowercased()).adding("resource_group", id.resourceGroup)
                    .adding("azure_resource", id.name).adding("policy", figures.status.policyName)
                    .adding("mode", figures.status.mode.rawValue))
        }
        writer.family(
            MetricDescription(
                "keyturn_resource_health", .gauge,
                "1 for the health that the resource has, with the reason when it is not ok."))
        for (figures, labels) in rows {
            let health = figures.status.health
            writer.sample(1, labels.adding("health", health.name).adding("reason", health.reason?.rawValue ?? ""))
        }
        writer.family(MetricDescription("keyturn_resource_phase", .gauge, "1 for the phase that the resource is in."))
        for (figures, labels) in rows { writer.sample(1, labels.adding("phase", figures.status.phase)) }
        writer.family(MetricDescription("keyturn_resource_key_type", .gauge, "1 for the key type that is published."))
        for (figures, labels) in rows {
            guard let current = figures.status.publication else { continue }
            writer.sample(1, labels.adding("key_type", current.keyType.rawValue))
        }
    }

    private func writeTimes(_ rows: Rows, _ writer: inout ExpositionWriter) {
        func write(_ name: String, _ help: String, _ value: (ResourceFigures) -> Double?) {
            writer.family(MetricDescription(name, .gauge, help))
            for (figures, labels) in rows {
                if let value = value(figures) { writer.sample(value, labels) }
            }
        }
        write("keyturn_resource_last_rotation_timestamp_seconds", "When the published key was first published.") {
            $0.status.publication?.publishedAt.unixTime
        }
        write(
            "keyturn_resource_next_rotation_timestamp_seconds",
            "When the next rotation is due; not there when none is planned."
        ) { $0.status.nextAt?.unixTime }
        write(
            "keyturn_resource_previous_good_until_timestamp_seconds",
            "Until then the superseded connection string works."
        ) { $0.status.previousGoodUntil?.unixTime }
        write(
            "keyturn_resource_paused_until_timestamp_seconds",
            "When an operator's pause ends by itself; not there when there is none, or it has no end."
        ) { $0.status.pausedUntil?.unixTime }
        write("keyturn_resource_key_age_seconds", "How long ago the published key was first published.") {
            $0.status.publication.map { (now - $0.publishedAt).inSeconds }
        }
        write("keyturn_resource_key_age_limit_seconds", "The age at which the published key is too old.") { figures in
            guard let current = figures.status.publication, let limit = figures.status.ageLimit else { return nil }
            return (limit - current.publishedAt).inSeconds
        }
    }

    private func writeNumbers(_ rows: Rows, _ writer: inout ExpositionWriter) {
        writer.family(
            MetricDescription("keyturn_resource_published_version", .gauge, "The version that is published; 0: none."))
        for (figures, labels) in rows { writer.sample(Double(figures.status.publication?.version ?? 0), labels) }
        writer.family(
            MetricDescription(
                "keyturn_resource_regenerates_total", .counter,
                "Regenerates of the resource's keys that were put on record; goes on over restarts."))
        for (figures, labels) in rows { writer.sample(Double(figures.status.regenerations), labels) }
        writer.family(
            MetricDescription(
                "keyturn_resource_undelivered_consumers", .gauge,
                "Units and commands that were not told of the published version yet."))
        for (figures, labels) in rows { writer.sample(Double(figures.status.undelivered), labels) }
        writer.family(
            MetricDescription(
                "keyturn_resource_consecutive_failures", .gauge, "Failures in a row of the step, while it fails."))
        for (figures, labels) in rows {
            for (step, count) in figures.failures.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                writer.sample(Double(count), labels.adding("step", step.rawValue))
            }
        }
    }
}

extension Instant {
    /// Seconds since the epoch, as Prometheus wants timestamps.
    var unixTime: Double { Double(unixMicroseconds) / 1e6 }
}

extension Duration {
    fileprivate var inSeconds: Double { Double(wholeMicroseconds) / 1e6 }
}
