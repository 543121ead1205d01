import AcsEmulator
import Daemon
import FoundationEssentials
import NIOHTTP1
import Rotation
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct MetricsTests {
    private static let anywhere = "127.0.0.1:0"

    @Test func `what there is to know of each resource is exposed, and nothing secret`() async throws {
        try await Lab.with(["contoso-a", "contoso-b"]) { lab in
            try lab.emulator.setFaults([EmulatorFault(.forbidden, resource: "contoso-b")])
            try lab.configure(
                Lab.manual, extra: ["contoso-a": "run: [[/bin/false], [/bin/true]]"], listen: Self.anywhere)
            try await lab.withDaemon { daemon in
                try await daemon.wait(for: "a failing hook", of: "contoso-a") { $0.reason == .deliveryFailed }
                try await daemon.wait(for: "refusal", of: "contoso-b") { $0.reason == .forbidden }
                let scrape = try await daemon.scrape()
                #expect(scrape.contentType == "text/plain; version=0.0.4; charset=utf-8")
                let a = #"resource="contoso-a""#
                let exact: [(String, Double)] = [
                    (#"keyturn_resources{health="degraded"}"#, 2), (#"keyturn_resources{health="ok"}"#, 0),
                    (
                        "keyturn_resource_info{\(a),subscription=\"\(Lab.subscription)\",resource_group=\"lab\","
                            + #"azure_resource="contoso-a",policy="only",mode="manual"}"#, 1
                    ),
                    ("keyturn_resource_health{\(a),health=\"degraded\",reason=\"delivery-failed\"}", 1),
                    (#"keyturn_resource_health{resource="contoso-b",health="degraded",reason="forbidden"}"#, 1),
                    ("keyturn_resource_phase{\(a),phase=\"delivering\"}", 1),
                    ("keyturn_resource_key_type{\(a),key_type=\"Primary\"}", 1),
                    ("keyturn_resource_published_version{\(a)}", 1),
                    (#"keyturn_resource_published_version{resource="contoso-b"}"#, 0),
                    ("keyturn_resource_undelivered_consumers{\(a)}", 1),
                    ("keyturn_resource_regenerates_total{\(a)}", 0),
                    ("keyturn_resource_key_age_limit_seconds{\(a)}", 5400),
                    (#"keyturn_deliveries_total{outcome="success"}"#, 1),
                    (#"keyturn_probe_duration_seconds_count{outcome="succeeded"}"#, 1),
                    (#"keyturn_publish_duration_seconds_count{outcome="success"}"#, 1),
                    (#"keyturn_regenerates_total{outcome="ambiguous"}"#, 0),
                    (#"keyturn_build_info{version="\#(KeyturnVersion.current)"}"#, 1),
                    ("keyturn_config_last_reload_successful", 1),
                    ("keyturn_azure_writes_limit{subscription=\"\(Lab.subscription)\"}", 200),
                ]
                for (series, value) in exact { #expect(scrape.value(series) == value, "\(series)") }
                for series in [
                    #"keyturn_deliveries_total{outcome="failure"}"#,
                    "keyturn_resource_consecutive_failures{\(a),step=\"deliver\"}",
                    #"keyturn_azure_requests_total{operation="listKeys",code="403"}"#,
                    #"keyturn_ledger_save_duration_seconds_count{outcome="success"}"#,
                    #"keyturn_azure_request_duration_seconds_bucket{operation="listKeys",le="+Inf"}"#,
                ] { #expect(try #require(scrape.value(series), "\(series)") >= 1) }
                let now = Date.now.timeIntervalSince1970
                let published = try #require(
                    scrape.value("keyturn_resource_last_rotation_timestamp_seconds{\(a)}"))
                #expect(published <= now && published > now - 60)
                let age = try #require(scrape.value("keyturn_resource_key_age_seconds{\(a)}"))
                #expect(age >= 0 && age < 60)
                #expect(try #require(scrape.value("process_start_time_seconds")) > now - 60)
            }
        }
    }

    @Test func `a rotation is counted, and goes on being counted after a restart`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.fast, listen: Self.anywhere)
            let regenerates = #"keyturn_resource_regenerates_total{resource="contoso-sms"}"#
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 2)
                let scrape = try await daemon.scrape()
                #expect(try #require(scrape.value(#"keyturn_regenerates_total{outcome="regenerated"}"#)) >= 1)
                #expect(try #require(scrape.value(regenerates)) >= 1)
                #expect(
                    try #require(scrape.value(#"keyturn_azure_requests_total{operation="regenerateKey",code="200"}"#))
                        >= 1)
                let writes = #"keyturn_azure_writes_available{subscription="\#(Lab.subscription)"}"#
                #expect(try #require(scrape.value(writes)) <= 200)
                // Of a library: the control API was asked for the status.
                #expect(scrape.names.contains("hb_requests_total"))
                #expect(scrape.names.contains("http_server_request_duration_seconds_bucket"))
                try await daemon.killed()
            }
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                #expect(try #require(try await daemon.scrape().value(regenerates)) >= 1)
            }
        }
    }

    @Test func `OpenMetrics for those who ask for it`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual, listen: Self.anywhere)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let scrape = try await daemon.scrape(
                    accept: "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
                #expect(scrape.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8")
                #expect(scrape.text.hasSuffix("\n# EOF\n"))
                #expect(scrape.lines.contains("# TYPE keyturn_regenerates counter"))
                #expect(scrape.lines.contains("# TYPE keyturn_build info"))
                #expect(scrape.lines.contains("# UNIT process_cpu_seconds seconds"))
                let families = scrape.lines.filter { $0.hasPrefix("# TYPE ") }
                #expect(families.count == scrape.families.count, "no family comes twice")
                #expect(scrape.families.count >= 30)
            }
        }
    }

    @Test func `a resource that is gone leaves no series`() async throws {
        try await Lab.with(["contoso-a", "contoso-b"]) { lab in
            try lab.configure(Lab.manual, listen: Self.anywhere)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1, of: "contoso-a")
                try await daemon.settled(version: 1, of: "contoso-b")
                #expect(try await daemon.scrape().text.contains("contoso-b"))
                try lab.configure(Lab.manual, resources: ["contoso-a"], listen: Self.anywhere)
                #expect(try await daemon.client.reload().accepted)
                try await eventually("only contoso-a") {
                    let text = try await daemon.scrape().text
                    #expect(text.contains("contoso-a"))
                    return (!text.contains("contoso-b")).asFound
                }
            }
        }
    }

    @Test func `a refused configuration shows, and another address takes a restart`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual, listen: Self.anywhere)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let successful = "keyturn_config_last_reload_successful"
                let timestamp = "keyturn_config_last_reload_success_timestamp_seconds"
                let before = try #require(try await daemon.scrape().value(timestamp))
                try lab.configure(Lab.manual, listen: "127.0.0.1:9464")
                let refused = try await daemon.client.reload()
                #expect(!refused.accepted)
                #expect(refused.diagnostics.contains { $0.contains("metrics.listen changed, which takes a restart") })
                let failed = try await daemon.scrape()
                #expect(failed.value(successful) == 0 && failed.value(timestamp) == before)
                try lab.configure(Lab.manual, listen: Self.anywhere)
                #expect(try await daemon.client.reload().accepted)
                let taken = try await daemon.scrape()
                #expect(taken.value(successful) == 1)
                #expect(try #require(taken.value(timestamp)) > before)
            }
        }
    }

    @Test func `healthz and readyz tell an engine that runs from one that is ready`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual, listen: Self.anywhere)
            // Long enough for a slow machine to start and be asked meanwhile.
            try lab.emulator.setFaults([EmulatorFault(.latency, 12_000, operation: .listKeys, count: 1)])
            try await lab.withDaemon { daemon in
                #expect(try await daemon.get("/healthz").status == 200)
                let early = try await daemon.get("/readyz")
                #expect(early.status == 503)
                #expect(early.text == "not every resource was looked at yet\n")
                #expect(try await daemon.scrape().value("keyturn_ready") == 0)
                try await daemon.isReady()
                #expect(try await daemon.get("/readyz").status == 200)
                #expect(try await daemon.scrape().value("keyturn_ready") == 1)
                #expect(try await daemon.get("/v1/status").status == 404)
                #expect(try await daemon.get("/metrics", method: .POST).status == 405)
            }
        }
    }
}
