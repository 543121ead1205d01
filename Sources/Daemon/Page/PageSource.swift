import Ledger
import NIOPosix
import Rotation
import RotationEngine
import StatusPage

/// Gathers what the status page shows, when somebody asks: the same that the control API tells, and nothing secret.
struct PageSource: Sendable {
    let engine: RotationEngine
    let reporter: StatusReporter
    let ledger: LedgerAdapter
    /// The machine's name.
    let host: String
    let now: @Sendable () -> Instant

    /// Publications of a resource that its picture shows at most, and events that are looked through for them.
    private static let publications = (shown: 24, within: 500)
    /// How far ahead the plan of one resource looks.
    private static let horizon = Duration.seconds(3 * 366 * 86_400)

    func daemon() async -> DaemonFacts {
        let configuration = reporter.configuration
        let startedAt = reporter.startedAt
        return DaemonFacts(
            version: reporter.version, host: host, startedAt: startedAt,
            configurationPath: configuration.path, loadedAt: configuration.loadedAt,
            reloadErrors: configuration.error?.split(separator: "\n").map(String.init) ?? [],
            isReady: reporter.isReady, unsettled: await engine.unsettledResources(),
            withoutFiles: await engine.resourcesWithoutFiles(),
            discovery: reporter.discovery.map { entry in
                DiscoveryFacts(
                    scope: entry.scope, listedAt: entry.listedAt,
                    failure: entry.failure.map { ($0, entry.failingSince ?? startedAt) })
            })
    }

    /// The overview; nil when it has no such page.
    func overview(_ query: OverviewQuery) async throws -> [UInt8]? {
        let daemon = await daemon()
        let figures = await engine.figures()
        let now = now()
        let overview = try await aside { Overview(figures, query, now: now) }
        guard query.page <= overview.pages else { return nil }
        let views = await engine.views(of: overview.names)
        let range = TimeRange(overview.span, now: now)
        let planned = await planned(views)
        let past = await publications(views.map(\.status.name))
        return try await aside {
            let plan = RotationPlan(planned, from: now, until: range.until, each: Self.publications.shown * 2)
            let rows = Self.facts(views, past, plan)
            return OverviewPage(overview, query, daemon: daemon, rows: rows, now: now).html()
        }
    }

    /// The page of one resource; nil when the running configuration has none of that name.
    ///
    /// - Parameter before: only events with a smaller number.
    func resource(_ name: String, before: Int64?, span: TimeRange.Span?) async throws -> [UInt8]? {
        let views = await engine.views(of: [name])
        guard !views.isEmpty else { return nil }
        let daemon = await daemon()
        let now = now()
        let planned = await planned(views)
        let past = await publications([name])
        let limit = ResourcePage.eventsOfPage
        // One more tells whether there are more.
        let events = await ledger.story(name, limit: limit + 1, before: before)
        return try await aside {
            let plan = RotationPlan(
                planned, from: now, until: now + Self.horizon, each: max(60, ResourcePage.plannedRotations))
            let story = events.map { $0.prefix(limit).map(StoryEvent.init) }
            let hasMore = (try? events.get().count).map { $0 > limit } ?? false
            return Self.facts(views, past, plan).first.map { facts in
                ResourcePage(
                    facts, daemon: daemon, story: story, hasMore: hasMore, isLater: before != nil, span: span, now: now
                ).html()
            }
        }
    }

    /// Of the resources, and of the canaries that they wait for.
    private func planned(_ views: [ResourceView]) async -> [RotationPlan.Resource] {
        let names = Set(views.map(\.status.name))
        let canaries = Set(views.compactMap(\.settings.policy.canary)).subtracting(names)
        let others = await engine.views(of: canaries.sorted())
        return (views + others).map { view in
            RotationPlan.Resource(
                settings: view.settings, subscription: view.status.id.subscription, record: view.record)
        }
    }

    private func publications(_ names: [String]) async -> [String: [PastPublication]] {
        let events = await ledger.latest(
            Note.Kind.published.rawValue, of: names, limit: Self.publications.shown, within: Self.publications.within)
        return events.mapValues { events in
            // By time: the clock may have been set.
            events.compactMap(PastPublication.init).sorted { $0.at < $1.at }
        }
    }

    private static func facts(
        _ views: [ResourceView], _ past: [String: [PastPublication]], _ plan: RotationPlan
    ) -> [ResourceFacts] {
        let rotations = Dictionary(grouping: plan.rotations, by: \.resource)
        return views.map { view in
            let name = view.status.name
            return ResourceFacts(
                view: view, publications: past[name] ?? [], plan: rotations[name] ?? [],
                obstacle: plan.unplanned[name])
        }
    }

    /// On a thread of its own, so that a large page holds up neither the engine nor other answers.
    private func aside<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}

extension PastPublication {
    fileprivate init?(_ event: LedgerEvent) {
        guard let keyType = event.keyType.flatMap(KeyType.init(rawValue:)), let version = event.version,
            let purpose = event.detail.flatMap(Purpose.init(rawValue:))
        else { return nil }
        self.init(at: event.at, keyType: keyType, version: version, purpose: purpose)
    }
}

extension StoryEvent {
    fileprivate init(_ event: LedgerEvent) {
        self.init(
            id: event.id, at: event.at, kind: event.kind, actor: event.actor, reason: event.reason,
            keyType: event.keyType, version: event.version, fingerprint: event.fingerprint, detail: event.detail,
            requestID: event.requestID)
    }
}
