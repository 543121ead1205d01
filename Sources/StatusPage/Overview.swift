import EventCatalog
import Rotation
import RotationEngine

/// How all resources are, and which of them a page of the list shows.
package struct Overview: Sendable {
    /// Resources that are not well for the same reason.
    struct Kind: Sendable {
        let health: Health
        let reason: Reason
        /// The worst of its resources.
        let standing: Standing
        /// By name.
        let names: [String]
        /// Since when the first of them is so.
        let since: Instant
    }

    /// So many rows are a page: more are slow to send again and again, and nobody reads them.
    package static let rowsOfPage = 100

    let total: Int
    let counts: [Standing: Int]
    /// The worst first; paused ones are none of them.
    let kinds: [Kind]
    /// The next rotation of all.
    let next: ResourceStatus?
    /// Resources that the filter leaves.
    let matching: Int
    package let pages: Int
    /// The names on the page that is asked for, problems first; empty past the last page.
    package let names: [String]
    /// What suits the policies.
    package let span: TimeRange.Span

    /// - Parameter figures: of every resource of the running configuration.
    package init(_ figures: [ResourceFigures], _ query: OverviewQuery, now: Instant) {
        // Thousands of them are not copied for each question.
        let standings = figures.map { Standing($0.status, now) }
        total = figures.count
        counts = standings.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        kinds = Self.kinds(figures, standings)
        next = Self.next(figures)
        let filter = TextFilter(query.filter)
        let chosen = figures.indices.filter { filter.matches(figures[$0]) }
            .sorted { (standings[$0], figures[$0].status.name) < (standings[$1], figures[$1].status.name) }
        matching = chosen.count
        pages = max(1, (chosen.count + Self.rowsOfPage - 1) / Self.rowsOfPage)
        names = chosen.dropFirst((query.page - 1) * Self.rowsOfPage).prefix(Self.rowsOfPage)
            .map { figures[$0].status.name }
        let periods = figures.map(\.period).sorted()
        span = query.span ?? TimeRange.Span(fitting: periods.isEmpty ? .zero : periods[periods.count / 2])
    }

    var needSomebody: Int { (counts[.held] ?? 0) + (counts[.failing] ?? 0) }
    var areRetried: Int { counts[.retried] ?? 0 }
    var arePaused: Int { counts[.paused] ?? 0 }

    private static func next(_ figures: [ResourceFigures]) -> ResourceStatus? {
        var first: (at: Instant, index: Int)?
        for index in figures.indices {
            guard let at = figures[index].status.nextAt else { continue }
            if let known = first, (known.at, figures[known.index].status.name) < (at, figures[index].status.name) {
                continue
            }
            first = (at, index)
        }
        return first.map { figures[$0.index].status }
    }

    private static func kinds(_ figures: [ResourceFigures], _ standings: [Standing]) -> [Kind] {
        let troubled = figures.indices.filter { standings[$0] < .paused }
        return Dictionary(grouping: troubled) { figures[$0].status.health }.compactMap { health, indices in
            guard let reason = health.reason else { return nil }
            return Kind(
                health: health, reason: reason, standing: indices.map { standings[$0] }.min() ?? .retried,
                names: indices.map { figures[$0].status.name }.sorted(),
                since: indices.map { figures[$0].status.since }.min() ?? .distantFuture)
        }.sorted { left, right in
            (left.standing, -left.names.count, left.reason.rawValue)
                < (right.standing, -right.names.count, right.reason.rawValue)
        }
    }
}

/// Finds a text in what a resource is called, whatever its case.
struct TextFilter {
    private let wanted: [UInt8]

    init(_ text: String) {
        wanted = Array(text.lowercased().utf8)
    }

    func matches(_ figures: ResourceFigures) -> Bool {
        guard !wanted.isEmpty else { return true }
        let status = figures.status
        return isIn(status.name) || isIn(status.policyName) || isIn(status.health.name)
            || isIn(status.health.reason?.rawValue ?? "") || isIn(status.mode.rawValue) || isIn(status.id.description)
    }

    private func isIn(_ text: String) -> Bool {
        let bytes = Array(text.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 })
        guard bytes.count >= wanted.count else { return false }
        return (0...bytes.count - wanted.count).contains { bytes[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }
}
