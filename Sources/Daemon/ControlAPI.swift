import Rotation
import RotationEngine

/// What the control socket's POST requests take and answer, as JSON.
package enum ControlAPI {
    package struct Command: Codable, Sendable {
        /// Who asks, for the history: `alice (uid 1000)`.
        package var actor: String
        /// Only say what would happen.
        package var whatIf: Bool?
        /// Of a rotation: why both keys have to go, because they are known to others.
        package var compromised: String?

        package init(actor: String, whatIf: Bool? = nil, compromised: String? = nil) {
            self.actor = actor
            self.whatIf = whatIf
            self.compromised = compromised
        }

        var kind: RotationKind { compromised.map { .compromised(reason: $0) } ?? .ordinary }
    }

    package struct Answer: Codable, Hashable, Sendable {
        /// `accepted`, `refused`, `not-found` or `unavailable`.
        package var outcome: String
        /// A stable word for a refusal: `overlap`, `under-way`, `paused`, `held`, `unpublished`, `ledger-unavailable`.
        package var reason: String?
        package var detail: String?
        /// When it may be tried again, where that is known.
        package var retryAt: Instant?
        /// The key type that a rotation regenerates.
        package var keyType: KeyType?
    }

    /// What is on record of a resource, as `GET /v1/records` lists it. It holds no secret.
    package struct Record: Codable, Sendable {
        /// The ARM resource id.
        package var id: String
        package var record: RotationRecord
    }

    package struct ReloadAnswer: Codable, Hashable, Sendable {
        package var accepted: Bool
        /// Located lines: errors when it was refused, warnings when it was not.
        package var diagnostics: [String]
    }
}

extension ControlAPI.Answer {
    init(_ outcome: CommandOutcome, keyType: KeyType? = nil) {
        switch outcome {
        case .accepted: self.init(outcome: "accepted", keyType: keyType)
        case .gone: self.init(outcome: "not-found", detail: "the running configuration has no such resource")
        case .unavailable(let failure):
            self.init(outcome: "unavailable", reason: failure.reason.rawValue, detail: failure.detail)
        case .refused(let blocker):
            self.init(
                outcome: "refused", reason: blocker.code, detail: blocker.explanation, retryAt: blocker.until,
                keyType: keyType)
        }
    }
}

extension RotationBlocker {
    /// A stable word for programs.
    package var code: String {
        switch self {
        case .unpublished: "unpublished"
        case .held: "held"
        case .paused: "paused"
        case .manual: "manual"
        case .underWay: "under-way"
        case .overlap: "overlap"
        case .notDue: "not-due"
        case .peers: "peers"
        }
    }

    package var until: Instant? {
        switch self {
        case .overlap(let until), .notDue(let until): until
        default: nil
        }
    }

    /// A sentence for the operator: what forbids it and what to do.
    package var explanation: String {
        switch self {
        case .unpublished: "nothing is published for it yet; see 'keyturn status'"
        case .held(let reason): "it is held (\(reason.rawValue)); look into it, then 'keyturn resume'"
        case .paused: "rotations are paused, by 'keyturn pause' or by the policy's mode"
        case .manual: "the policy's mode is manual"
        case .underWay(let phase): "something is under way (\(phase)); see 'keyturn status'"
        case .overlap(let until):
            "consumers may still use the previous connection string, which is promised to work until \(until)"
        case .notDue(let until): "not due before \(until)"
        case .peers: "other resources of its policy come first, or failed; see 'keyturn status'"
        }
    }
}
