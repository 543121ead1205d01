import Rotation
import RotationEngine

/// All resources in some numbers.
package struct StatusSummary: Codable, Hashable, Sendable {
    package struct Next: Codable, Hashable, Sendable {
        package var at: Instant
        package var resource: String
        package var keyType: KeyType
    }

    package var total = 0
    /// How many have each health; one that none has is not there.
    package var byHealth: [String: Int] = [:]
    /// How many are degraded or held for each reason.
    package var byReason: [String: Int] = [:]
    /// How many are in the middle of something: a rotation, a publication, a delivery.
    package var underWay = 0
    /// The rotation that comes next.
    @Nullable package var next: Next?

    package init(_ resources: [ResourceStatus]) {
        var first: (at: Instant, name: String, keyType: KeyType)?
        for status in resources {
            total += 1
            byHealth[status.health.name, default: 0] += 1
            if StatusOrder.isProblem(status), let reason = status.health.reason {
                byReason[reason.rawValue, default: 0] += 1
            }
            if StatusOrder.isUnderWay(status) { underWay += 1 }
            if let at = status.nextAt, let keyType = status.nextKeyType,
                first.map({ (at, status.name) < ($0.at, $0.name) }) ?? true
            {
                first = (at, status.name, keyType)
            }
        }
        next = first.map { Next(at: $0.at, resource: $0.name, keyType: $0.keyType) }
    }
}

/// What somebody who is called at night wants to see first: what is held, what is degraded, what is under way, and then
/// what turns next.
enum StatusOrder {
    static func isProblem(_ status: ResourceStatus) -> Bool {
        switch status.health {
        case .held, .degraded: true
        case .ok, .paused: false
        }
    }

    static func isUnderWay(_ status: ResourceStatus) -> Bool { !["settled", "held"].contains(status.phase) }

    static func mostUrgent(_ statuses: [ResourceStatus], _ count: Int) -> [ResourceStatus] {
        let ranked = statuses.map { (rank: rank($0), status: $0) }
        return ranked.sorted { left, right in
            if left.rank != right.rank { return left.rank < right.rank }
            return left.status.name < right.status.name
        }.prefix(max(0, count)).map(\.status)
    }

    private struct Rank: Comparable {
        let group: Int
        let next: Instant

        static func < (left: Rank, right: Rank) -> Bool { (left.group, left.next) < (right.group, right.next) }
    }

    private static func rank(_ status: ResourceStatus) -> Rank {
        switch status.health {
        case .held: Rank(group: 0, next: .distantPast)
        case .degraded: Rank(group: 1, next: .distantPast)
        case .ok, .paused:
            Rank(
                group: isUnderWay(status) ? 2 : 3,
                next: isUnderWay(status) ? .distantPast : status.nextAt ?? .distantFuture)
        }
    }
}
