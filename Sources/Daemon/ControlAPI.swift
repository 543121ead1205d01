import Rotation
import RotationEngine

/// What the control socket's POST requests take and answer, as JSON.
package enum ControlAPI {
    package struct Command: Codable, Sendable {
        /// Whom root asks for, such as `alice by sudo`. The history has the user that the kernel says is connected.
        package var actor: String?
        /// Only say what would happen.
        package var whatIf: Bool?
        /// Of a rotation: why both keys have to go, because they are known to others.
        package var compromised: String?
        /// Why, for the history.
        package var reason: String?
        /// Of a pause: when it ends by itself.
        package var until: Instant?

        package init(
            actor: String? = nil, whatIf: Bool? = nil, compromised: String? = nil, reason: String? = nil,
            until: Instant? = nil
        ) {
            self.actor = actor
            self.whatIf = whatIf
            self.compromised = compromised
            self.reason = reason
            self.until = until
        }

        var kind: RotationKind { compromised.map { .compromised(reason: $0) } ?? .ordinary }

        /// With the texts as they go on record; nil for those that say nothing.
        var tidied: Command {
            var command = self
            command.reason = reason.map(OperatorText.line).flatMap { $0.isEmpty ? nil : $0 }
            command.compromised = compromised.map(OperatorText.line)
            return command
        }

        /// What is wrong with it, as it was sent; nil: nothing.
        func objection(_ verb: String, _ now: Instant) -> String? {
            let longest = max(reason?.count ?? 0, compromised?.count ?? 0)
            if longest > OperatorText.longest { return "a reason has at most \(OperatorText.longest) characters" }
            if compromised != nil, tidied.compromised?.isEmpty != false {
                return "that keys are compromised needs a reason, for the history"
            }
            if let until, verb != "pause" { return "only a pause has an end (\(until))" }
            if let until, until <= now { return "a pause cannot end at \(until), which has passed" }
            return nil
        }
    }

    package struct Answer: Codable, Hashable, Sendable {
        /// `accepted`, `refused`, `not-found`, `unavailable` or `invalid`.
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
    /// - Parameter name: of the resource.
    init(_ outcome: CommandOutcome, _ name: String, keyType: KeyType? = nil) {
        switch outcome {
        case .accepted: self.init(outcome: "accepted", keyType: keyType)
        case .gone: self.init(outcome: "not-found", detail: "the running configuration has no such resource")
        case .unavailable(let failure):
            self.init(outcome: "unavailable", reason: failure.reason.rawValue, detail: failure.detail)
        case .refused(let blocker):
            self.init(
                outcome: "refused", reason: blocker.code, detail: blocker.explanation(name), retryAt: blocker.until,
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
    ///
    /// - Parameter name: of the resource.
    package func explanation(_ name: String) -> String {
        switch self {
        case .unpublished: "nothing is published for it yet; 'keyturn status \(name)' says why"
        case .held(let reason):
            "it is held (\(reason.rawValue)); 'keyturn status \(name)' says what to look into, then"
                + " 'keyturn resume \(name)' goes on"
        case .paused:
            "rotations are paused, by an operator or by the policy's mode; 'keyturn status \(name)' says who, why"
                + " and until when, 'keyturn resume \(name)' ends an operator's pause"
        case .manual: "the policy's mode is manual"
        case .underWay(let phase): "something is under way (\(phase)); 'keyturn status \(name)' shows it"
        case .overlap(let until):
            "consumers may still use the previous connection string, which is promised to work until \(until);"
                + " ask again then"
        case .notDue(let until): "not due before \(until)"
        case .peers: "other resources of its policy come first, or failed; 'keyturn status' shows them"
        }
    }
}
