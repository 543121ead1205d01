import Ledger
import Rotation

/// `LedgerQuery` as the query of a URL: `GET /v1/history?resource=…&kind=published,held&since=…&limit=…`.
enum HistoryQuery {
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    /// The most events of one answer.
    static let most = 10_000

    static func items(_ query: LedgerQuery) -> [(name: String, value: String)] {
        var items = [("limit", String(query.limit))]
        func add(_ name: String, _ value: (some CustomStringConvertible)?) {
            if let value { items.append((name, value.description)) }
        }
        add("resource", query.resource)
        if !query.kinds.isEmpty { add("kind", query.kinds.sorted().joined(separator: ",")) }
        add("actor", query.actor)
        add("since", query.since)
        add("until", query.until)
        add("after", query.after)
        add("before", query.before)
        return items
    }

    /// - Parameter value: of the item with that name.
    static func query(_ value: (String) -> String?) throws(Malformed) -> LedgerQuery {
        let kinds = value("kind")?.split(separator: ",").map(String.init) ?? []
        let limit = try number("limit", value) ?? 100
        return LedgerQuery(
            resource: value("resource"), kinds: Set(kinds), actor: value("actor"), since: try instant("since", value),
            until: try instant("until", value), after: try number("after", value),
            before: try number("before", value), limit: Int(min(max(limit, 1), Int64(most))))
    }

    private static func number(_ name: String, _ value: (String) -> String?) throws(Malformed) -> Int64? {
        guard let text = value(name) else { return nil }
        guard let number = Int64(text) else { throw Malformed(description: "\(name)=\(text) is no number") }
        return number
    }

    private static func instant(_ name: String, _ value: (String) -> String?) throws(Malformed) -> Instant? {
        guard let text = value(name) else { return nil }
        guard let instant = Instant(rfc3339: text) else {
            throw Malformed(description: "\(name)=\(text) is no instant such as 2026-12-20T03:00:00Z")
        }
        return instant
    }
}
