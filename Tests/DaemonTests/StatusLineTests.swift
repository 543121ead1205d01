import Rotation
import Testing

@testable import Daemon
@testable import RotationEngine

@Suite struct StatusLineTests {
    private let now = Instant(unixSeconds: 1_800_000_000)

    private func resource(
        _ name: String, _ health: Health = .ok, phase: String = "settled", isPublished: Bool = true,
        next: Duration? = nil
    ) throws -> ResourceStatus {
        ResourceStatus(
            name: name,
            id: try ResourceID(
                subscription: "00000000-0000-4000-8000-000000000001", resourceGroup: "lab", name: name),
            phase: phase,
            publication: isPublished
                ? Publication(
                    keyType: .primary, fingerprint: Fingerprint(value: 1), version: 1, publishedAt: now) : nil,
            previousGoodUntil: nil, nextAt: next.map { now + $0 },
            nextKeyType: next == nil ? nil : .secondary, health: health, detail: nil, since: now, mode: .auto,
            pausedBy: nil, regenerations: 0)
    }

    @Test func `how many, what is not well and why, and what comes next`() throws {
        let resources = [
            try resource("contoso-a", next: .seconds(3 * 3600 + 12 * 60 + 59)),
            try resource("contoso-b", .degraded(.probeUnusable)), try resource("contoso-c", .degraded(.timeout)),
            try resource("contoso-d", .held(.bothKeysChanged)), try resource("contoso-e", .paused),
        ]
        #expect(
            StatusLine.text(resources, now: now)
                == "5 resources, 1 held (contoso-d: both-keys-changed), 2 degraded (contoso-b: probe-unusable, …), "
                + "1 paused; next contoso-a Secondary in 3h 12m")
        #expect(StatusLine.text([try resource("contoso-a")], now: now) == "1 resource")
    }

    @Test func `rotations and deliveries under way`() throws {
        let resources = [
            try resource("contoso-a", phase: "verifying"),
            try resource("contoso-new", phase: "verifying", isPublished: false),
            try resource("contoso-b", phase: "delivering"),
            try resource("contoso-c", .degraded(.deliveryFailed), phase: "delivering"),
        ]
        #expect(
            StatusLine.text(resources, now: now)
                == "4 resources, 1 degraded (contoso-c: delivery-failed); rotating contoso-a, "
                + "telling consumers of contoso-b and 1 more")
    }

    @Test func `consumers without a file, and a refused reload`() throws {
        #expect(
            StatusLine.text(
                [try resource("contoso-a")], unsettled: ["contoso-a", "contoso-b"], withoutFiles: ["contoso-a"],
                reloadErrors: ["keyturn.yaml:3:1: error: no", "keyturn.yaml:4:1: error: no"], now: now)
                == "1 resource; still looking at 2 (contoso-a, …); nothing published for 1 (contoso-a); reload refused, the old configuration stays: "
                + "keyturn.yaml:3:1: error: no (and 1 more)")
    }

    @Test(arguments: [
        (0, "now"), (59, "in less than 1m"), (60, "in 1m"), (3599, "in 59m"), (3600, "in 1h"), (86399, "in 23h 59m"),
        (86400, "in 1d"), (26 * 86400 + 3600 + 59, "in 26d 1h"),
    ])
    func `the wait changes at most once a minute`(seconds: Int, text: String) throws {
        let line = StatusLine.text([try resource("contoso-a", next: .seconds(seconds))], now: now)
        #expect(line == "1 resource; next contoso-a Secondary \(text)")
    }
}
