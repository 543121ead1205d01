import AzureKeys
import PrometheusMetrics
import Rotation
import RotationEngine

/// Everything that is exposed, gathered when somebody asks. None of it is secret.
struct MetricsSource: Sendable {
    let registry: PrometheusRegistry
    let engine: RotationEngine
    let reporter: StatusReporter
    let fleet: AzureFleet
    let heartbeat: Heartbeat
    let process = ProcessMetrics()
    let now: @Sendable () -> Instant

    func text(_ format: ExpositionFormat) async -> [UInt8] {
        let figures = await engine.figures()
        var writer = ExpositionWriter(format)
        writeDaemon(&writer)
        ResourceMetrics(figures: figures, now: now()).write(to: &writer)
        writeBudgets(Set(figures.map { $0.status.id.subscription.lowercased() }), &writer)
        registry.write(to: &writer)
        process.write(to: &writer)
        return writer.finished()
    }

    private func writeDaemon(_ writer: inout ExpositionWriter) {
        let configuration = reporter.configuration
        writer.family(MetricDescription("keyturn_build_info", .info, "The version that runs."))
        writer.sample(1, LabelSet(["version": KeyturnVersion.current]))
        writer.family(
            MetricDescription("keyturn_ready", .gauge, "1 when every resource was looked at since the start."))
        writer.sample(heartbeat.isReady ? 1 : 0)
        writer.family(
            MetricDescription(
                "keyturn_engine_silence_seconds", .gauge,
                "Time since the engine's loop went round; small when it is well.")
        )
        let silence = heartbeat.silence.components
        writer.sample(Double(silence.seconds) + Double(silence.attoseconds) / 1e18)
        writer.family(
            MetricDescription(
                "keyturn_config_last_reload_successful", .gauge,
                "1 when the configuration was taken over the last time it was read, 0 when it was refused."))
        writer.sample(configuration.error == nil ? 1 : 0)
        writer.family(
            MetricDescription(
                "keyturn_config_last_reload_success_timestamp_seconds", .gauge,
                "When the running configuration was read."))
        writer.sample(configuration.loadedAt.unixTime)
        writeDiscovery(&writer)
    }

    /// Two rules may look in one place for different tags: there it is the worse of the two.
    private func writeDiscovery(_ writer: inout ExpositionWriter) {
        let scopes = Dictionary(grouping: reporter.discovery, by: \.scope).sorted { $0.key < $1.key }
        writer.family(
            MetricDescription(
                "keyturn_discovery_last_look_successful", .gauge,
                "1 when the resources of the scope were listed the last time they were looked for, 0 when that failed.")
        )
        for (scope, entries) in scopes {
            writer.sample(entries.contains { $0.failure != nil } ? 0 : 1, LabelSet(["scope": scope]))
        }
        writer.family(
            MetricDescription(
                "keyturn_discovery_last_success_timestamp_seconds", .gauge,
                "When the resources of the scope were listed last, since the start of the daemon."))
        for (scope, entries) in scopes {
            guard let oldest = entries.map({ $0.listedAt ?? .distantPast }).min(), oldest > .distantPast else {
                continue
            }
            writer.sample(oldest.unixTime, LabelSet(["scope": scope]))
        }
    }

    private func writeBudgets(_ subscriptions: Set<String>, _ writer: inout ExpositionWriter) {
        let budgets = subscriptions.sorted().map { subscription in
            (LabelSet(["subscription": subscription]), fleet.availableWrites(subscription: subscription))
        }
        writer.family(
            MetricDescription(
                "keyturn_azure_writes_available", .gauge,
                "Calls that Azure's limit of writes for the subscription leaves room for at this moment."))
        for (labels, available) in budgets { writer.sample(Double(available.writes), labels) }
        writer.family(
            MetricDescription(
                "keyturn_azure_writes_limit", .gauge, "Calls that Azure takes at once for the subscription at most."))
        for (labels, available) in budgets { writer.sample(Double(available.of), labels) }
    }
}
