import Rotation
import RotationEngine

/// What `keyturn status NAME` knows of a resource beside what the list has. It holds no secret.
package struct StatusDetails: Codable, Hashable, Sendable {
    package struct Consumer: Codable, Hashable, Sendable {
        /// `reload:contoso-sms.service`, `run:/usr/local/bin/warm-cache`.
        package var id: String
        /// It was told of the published version.
        package var told: Bool
    }

    /// A step that fails and is retried.
    package struct Trouble: Codable, Hashable, Sendable {
        package var step: String
        package var reason: Reason
        package var detail: String
        package var since: Instant
        /// Failures in a row.
        package var count: Int
        package var retryAt: Instant
        /// Azure's id of the last request that failed.
        @Nullable package var requestID: String?
    }

    /// A rotation that an operator asked for and that is not published yet.
    package struct Requested: Codable, Hashable, Sendable {
        package var actor: String
        package var at: Instant
        /// Why both keys have to go; nil: an ordinary rotation.
        @Nullable package var compromised: String?
        /// Rotations that are still to come.
        package var rotationsLeft: Int
    }

    /// A key that is being tried before it is published.
    package struct Probes: Codable, Hashable, Sendable {
        package var keyType: KeyType
        package var succeeded: Int
        package var needed: Int
    }

    /// Of the key that is not published, as it was listed last.
    @Nullable package var otherFingerprint: Fingerprint?
    package var consumers: [Consumer]
    package var troubles: [Trouble]
    @Nullable package var requested: Requested?
    @Nullable package var probes: Probes?
    /// When a hold began; nil: there is none.
    @Nullable package var heldSince: Instant?

    package init(_ details: ResourceDetails) {
        let record = details.record
        otherFingerprint = record.current.flatMap { record.keys?[$0.keyType.other] }
        let told = Set(record.told)
        consumers = details.consumers.map {
            Consumer(id: $0, told: record.current != nil && told.contains($0))
        }
        troubles = record.troubles.sorted { $0.since < $1.since }.map { trouble in
            Trouble(
                step: trouble.step.rawValue, reason: trouble.failure.reason, detail: trouble.failure.detail,
                since: trouble.since, count: trouble.count, retryAt: trouble.retryAt,
                requestID: trouble.failure.requestID)
        }
        requested = record.request.map { request in
            Requested(
                actor: request.actor, at: request.at, compromised: request.compromise?.reason,
                rotationsLeft: request.compromise?.rotationsLeft ?? 1)
        }
        if case .verifying(let candidate) = record.phase, let needed = details.probes {
            probes = Probes(
                keyType: candidate.keyType, succeeded: candidate.successes,
                needed: candidate.isNewKey ? needed : 1)
        } else {
            probes = nil
        }
        heldSince = record.hold?.since
    }
}

extension Candidate {
    /// It was just made, so that every probe of the policy is needed.
    fileprivate var isNewKey: Bool { purpose == .rotation || purpose == .retirement }
}
