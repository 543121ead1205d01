import Rotation

@testable import Daemon
@testable import RotationEngine

/// Resources as the daemon reports them.
enum Reports {
    static let now = Instant(unixSeconds: 1_800_000_000)  // 2027-01-15T08:00:00Z

    static func status(
        _ name: String, _ health: Health = .ok, phase: String = "settled", age: Int = 12, next: Duration? = nil,
        detail: String? = nil
    ) throws -> ResourceStatus {
        var status = ResourceStatus(
            name: name,
            id: try ResourceID(
                subscription: "00000000-0000-4000-8000-000000000001", resourceGroup: "lab", name: name),
            phase: phase,
            publication: Publication(
                keyType: .primary, fingerprint: Fingerprint(value: 0x1122_3344_5566_7788), version: 7,
                publishedAt: now - .seconds(age * 86_400)),
            previousGoodUntil: nil, nextAt: next.map { now + $0 }, nextKeyType: .secondary, health: health,
            detail: detail, since: now - .seconds(7200), mode: .auto, pausedBy: nil, regenerations: 6)
        status.policyName = "monthly"
        status.ageLimit = now + .seconds((45 - age) * 86_400)
        return status
    }

    /// Most of what there is to see, by name.
    static func usual() throws -> [ResourceStatus] {
        var paused = try status("contoso-fax", .paused, age: 31)
        paused.pausedBy = "alice (uid 1000)"
        paused.pausedSince = now - .seconds(86_400)
        paused.pausedUntil = now + .seconds(3 * 86_400)
        paused.pauseReason = "INC-17 freeze"
        paused.nextAt = now + .seconds(3 * 86_400)
        return [
            try status("contoso-chat", next: .seconds(18 * 86_400)), paused,
            try status(
                "contoso-mail", .degraded(.forbidden), next: .seconds(2 * 86_400), detail: "Azure refuses listKeys"),
            try status(
                "contoso-notifications-for-northern-europe-prod-01", .held(.wrongKeyTypeChanged), phase: "held",
                age: 46, detail: "while Secondary was regenerated, Primary changed"),
            try status("contoso-sms", phase: "verifying", age: 30, next: .seconds(-5)),
            try status("contoso-voice", next: .seconds(3 * 3600 + 720)),
        ]
    }

    static func report(_ statuses: [ResourceStatus], first: Int = .max, error: String? = nil) -> StatusReport {
        StatusReport(
            daemon: .init(
                version: "0.1.0", pid: 1, startedAt: now,
                configuration: .init(path: "/etc/keyturn/keyturn.yaml", loadedAt: now, error: error)),
            summary: StatusSummary(statuses),
            resources: StatusOrder.mostUrgent(statuses, first).map { StatusReport.Resource($0) })
    }
}
