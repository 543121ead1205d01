import Rotation
import RotationEngine

@testable import StatusPage

extension Instant {
    /// The distant past when the text is no instant, which no test would take for the one it means.
    static func at(_ text: String) -> Instant { Instant(rfc3339: text) ?? .distantPast }
}

/// Resources in the states that tests need, at one moment.
enum Sample {
    /// A Wednesday.
    static let now = Instant.at("2026-11-25T12:00:00Z")
    static let subscription = "00000000-0000-4000-8000-000000000001"

    static func policy(
        _ windows: [String] = [], freeze: (from: String, to: String, reason: String)? = nil,
        every: Duration = .seconds(30 * 86_400), mode: Policy.Mode = .auto
    ) throws -> Policy {
        var policy = Policy(every: every, overlap: .seconds(86_400), mode: mode)
        guard !windows.isEmpty || freeze != nil else { return policy }
        let freezes = try freeze.map { freeze in
            [Freeze(from: try Freeze.Edge(freeze.from), to: try Freeze.Edge(freeze.to), reason: freeze.reason)]
                .compactMap(\.self)
        }
        policy.timing = Timing(openings: Openings(windows: try windows.map { try Window($0) }, freezes: freezes ?? []))
        return policy
    }

    static func fingerprint(_ value: UInt64) -> Fingerprint { Fingerprint(value: value) }

    /// Published twelve days ago, as its second rotation.
    static func facts(
        _ name: String = "contoso-sms", health: Health = .ok, policy: Policy? = nil, policyName: String = "monthly",
        consumers: [String] = [], told: [String] = [], since: Instant = now - .seconds(600), detail: String? = nil,
        change: (inout RotationRecord) -> Void = { _ in }
    ) throws -> ResourceFacts {
        let policy = try policy ?? self.policy()
        let published = now - .seconds(12 * 86_400)
        var record = RotationRecord()
        record.phase = .settled
        record.current = Publication(
            keyType: .primary, fingerprint: fingerprint(0xA1), version: 3, publishedAt: published)
        record.keys = KeyFingerprints(primary: fingerprint(0xA1), secondary: fingerprint(0xB2))
        record.previousGoodUntil = published + policy.overlap
        record.told = told
        record.regenerations = 2
        change(&record)
        let due = published + policy.every
        let isPlanned = policy.mode == .auto && record.hold == nil && record.pausedBy == nil && record.current != nil
        let status = ResourceStatus(
            name: name,
            id: try ResourceID(
                "/subscriptions/\(subscription)/resourceGroups/lab/providers/Microsoft.Communication/communicationServices/\(name)"
            ),
            phase: record.hold == nil ? record.phase.name : "held", publication: record.current,
            previousGoodUntil: record.previousGoodUntil, nextAt: isPlanned ? due : nil,
            nextKeyType: record.current?.keyType.other, health: health, detail: detail, since: since,
            mode: policy.mode, pausedBy: record.pausedBy, regenerations: record.regenerations,
            pausedSince: record.pausedSince, pausedUntil: record.pausedUntil, pauseReason: record.pauseReason)
        let settings = RotationSettings(name: name, policy: policy, consumers: consumers, policyName: policyName)
        let view = ResourceView(
            status: status, settings: settings, record: record,
            ageLimit: record.current.map { $0.publishedAt + policy.effectiveMaxAge }, blocker: nil)
        let past = [
            (42, KeyType.primary, 1, PastPublication.Purpose.adoption), (30, .secondary, 2, .rotation),
            (12, .primary, 3, .rotation),
        ]
        .map { days, keyType, version, purpose in
            PastPublication(
                at: now - .seconds(Int64(days) * 86_400), keyType: keyType, version: version, purpose: purpose)
        }
        let plan = (0..<3).map { index in
            PlannedRotation(
                at: due + policy.every * index, resource: name, keyType: index % 2 == 0 ? .secondary : .primary,
                cause: .every)
        }
        return ResourceFacts(
            view: view, publications: record.current == nil ? [] : past, plan: isPlanned ? plan : [],
            obstacle: isPlanned ? nil : "the policy's mode is \(policy.mode.rawValue)")
    }

    static func figures(_ facts: ResourceFacts) -> ResourceFigures {
        var status = facts.status
        status.policyName = facts.view.settings.policyName
        status.ageLimit = facts.view.ageLimit
        return ResourceFigures(status: status, period: facts.policy.every)
    }

    static func daemon(
        _ change: (inout DaemonFacts) -> Void = { _ in }
    ) -> DaemonFacts {
        var daemon = DaemonFacts(
            version: "1.2.3", host: "srv1", startedAt: now - .seconds(3600),
            configurationPath: "/etc/keyturn/keyturn.yaml", loadedAt: now - .seconds(3600))
        change(&daemon)
        return daemon
    }

    static func query(
        _ filter: String? = nil, page: String? = nil, span: String? = nil
    ) throws -> OverviewQuery { try OverviewQuery(filter: filter, page: page, span: span) }

    /// The overview of these resources.
    static func overview(
        _ rows: [ResourceFacts], _ query: OverviewQuery? = nil, daemon: DaemonFacts? = nil
    ) throws -> String {
        let query = try query ?? self.query()
        let overview = Overview(rows.map(figures), query, now: now)
        let byName = Dictionary(rows.map { ($0.status.name, $0) }, uniquingKeysWith: { first, _ in first })
        let page = OverviewPage(
            overview, query, daemon: daemon ?? self.daemon(), rows: overview.names.compactMap { byName[$0] }, now: now)
        return String(decoding: page.html(), as: UTF8.self)
    }

    static func page(
        _ facts: ResourceFacts, story: Result<[StoryEvent], Failure> = .success([]), hasMore: Bool = false,
        isLater: Bool = false, daemon: DaemonFacts? = nil
    ) -> String {
        let page = ResourcePage(
            facts, daemon: daemon ?? self.daemon(), story: story, hasMore: hasMore, isLater: isLater, span: nil,
            now: now)
        return String(decoding: page.html(), as: UTF8.self)
    }
}

extension String {
    /// What is between the first of one text and the next of another; nil when there is none.
    func between(_ start: String, _ end: String) -> String? {
        guard let from = firstRange(of: start)?.upperBound, let to = self[from...].firstRange(of: end)?.lowerBound
        else { return nil }
        return String(self[from..<to])
    }

    func count(of text: String) -> Int { ranges(of: text).count }
}
