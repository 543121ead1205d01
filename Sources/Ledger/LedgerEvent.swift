import Rotation

/// One line of the history: what happened to a resource, when, by whom and why. Written once, never changed.
package struct LedgerEvent: Hashable, Codable, Sendable {
    /// Ascending in the order of writing. Assigned by the ledger; ignored in an event that is being written.
    package var id: Int64
    package var at: Instant
    package var resource: String
    package var kind: String
    /// Who caused it: the schedule, an operator's user name, Azure.
    package var actor: String
    package var reason: String?
    package var keyType: String?
    /// The published generation it is about.
    package var version: Int?
    package var fingerprint: String?
    package var detail: String?
    /// Azure's id of the request it is about, to quote to Azure support.
    package var requestID: String?

    package init(
        id: Int64 = 0, at: Instant, resource: String, kind: String, actor: String, reason: String? = nil,
        keyType: String? = nil, version: Int? = nil, fingerprint: String? = nil, detail: String? = nil,
        requestID: String? = nil
    ) {
        self.id = id
        self.at = at
        self.resource = resource
        self.kind = kind
        self.actor = actor
        self.reason = reason
        self.keyType = keyType
        self.version = version
        self.fingerprint = fingerprint
        self.detail = detail
        self.requestID = requestID
    }
}
