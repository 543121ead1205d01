import Rotation
import RotationEngine

/// What one row of the page is drawn from.
package struct ResourceFacts: Sendable {
    package var view: ResourceView
    /// Publications on record, oldest first; the latest ones, when there are many.
    package var publications: [PastPublication]
    /// What is still to come, as far as everything goes well, soonest first.
    package var plan: [PlannedRotation]
    /// Why nothing is planned.
    package var obstacle: String?

    package init(
        view: ResourceView, publications: [PastPublication] = [], plan: [PlannedRotation] = [],
        obstacle: String? = nil
    ) {
        self.view = view
        self.publications = publications
        self.plan = plan
        self.obstacle = obstacle
    }

    var status: ResourceStatus { view.status }
    var record: RotationRecord { view.record }
    var policy: Policy { view.settings.policy }

    /// In which the resource's windows are, or its calendar.
    var zone: TimeZoneRules {
        guard let timing = policy.timing else { return .utc }
        return timing.openings.areAlways ? timing.calendarZone : timing.openings.zone
    }
}

/// One publication of the history.
package struct PastPublication: Hashable, Sendable {
    package var at: Instant
    package var keyType: KeyType
    package var version: Int
    package var purpose: Purpose

    /// Why something was published.
    package enum Purpose: String, Sendable {
        case adoption, rotation, retirement, mending, repair
    }

    package init(at: Instant, keyType: KeyType, version: Int, purpose: Purpose) {
        self.at = at
        self.keyType = keyType
        self.version = version
        self.purpose = purpose
    }
}

/// One line of a resource's story.
package struct StoryEvent: Hashable, Sendable {
    /// Ascending in the order of writing.
    package var id: Int64
    package var at: Instant
    /// The raw value of a `Note.Kind`.
    package var kind: String
    package var actor: String
    package var reason: String?
    package var keyType: String?
    package var version: Int?
    package var fingerprint: String?
    package var detail: String?
    package var requestID: String?

    package init(
        id: Int64, at: Instant, kind: String, actor: String, reason: String? = nil, keyType: String? = nil,
        version: Int? = nil, fingerprint: String? = nil, detail: String? = nil, requestID: String? = nil
    ) {
        self.id = id
        self.at = at
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
