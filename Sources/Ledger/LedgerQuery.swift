import Rotation

/// Which events of the history are wanted; what is nil or empty narrows nothing.
package struct LedgerQuery: Hashable, Sendable {
    package var resource: String?
    package var kinds: Set<String> = []
    /// Part of the actor's text; ASCII letters in any case.
    package var actor: String?
    /// The event's own instant: this one and later.
    package var since: Instant?
    /// The event's own instant: before this one.
    package var until: Instant?
    /// Only events with a greater id, to go on from the newest one shown.
    package var after: Int64?
    /// Only events with a smaller id, to page back from the oldest one shown.
    package var before: Int64?
    /// At most so many, the newest ones.
    package var limit: Int

    package init(
        resource: String? = nil, kinds: Set<String> = [], actor: String? = nil, since: Instant? = nil,
        until: Instant? = nil, after: Int64? = nil, before: Int64? = nil, limit: Int
    ) {
        self.resource = resource
        self.kinds = kinds
        self.actor = actor
        self.since = since
        self.until = until
        self.after = after
        self.before = before
        self.limit = limit
    }

    /// The parameters of `SQL.selectHistory`, and of `SQL.selectHistoryOfResource` with the resource after them.
    var bounds: [SQLiteStatement.Value] {
        [
            .integer(before ?? .max), .integer(Int64(max(0, limit))), .integer(after ?? .min),
            .integer(since?.unixMicroseconds ?? .min), .init(until.map { Int($0.unixMicroseconds) }),
            .init(kinds.isEmpty ? nil : kinds.sorted().reduce("\n") { $0 + $1 + "\n" }), .init(actor),
        ]
    }
}
