/// What happened to one resource. Every event but the first two and the operator's answers an `Action`.
package indirect enum Event: Hashable, Sendable {
    /// The daemon (re)started or took the resource up; what was under way is not any more.
    case started
    /// It is later now; perhaps something is due.
    case woke
    /// What the secrets directory holds; nil when it holds nothing for the resource.
    case secretsRead(SecretsView?)
    case secretsReadFailed(Failure)
    /// Both keys, and Azure's clock when the answer told it.
    case keysListed(KeyFingerprints, serverDate: Instant?)
    case listKeysFailed(Failure)
    case probed(ProbeOutcome)
    case regenerateAnswered(RegenerateOutcome)
    case published
    case publishFailed(Failure)
    /// What came of telling each consumer that had not been told; nil is success.
    case delivered([String: Failure?])
    /// An operator asked for a rotation now; `rotationRefusal` was asked before. The reason is the operator's, as below.
    case rotationRequested(actor: String, kind: RotationKind = .ordinary, reason: String? = nil)
    /// Without `until`, until somebody resumes.
    case pauseRequested(actor: String, until: Instant? = nil, reason: String? = nil)
    /// Ends a pause and a hold.
    case resumeRequested(actor: String, reason: String? = nil)
    /// A new configuration.
    case reconfigured(RotationSettings)
}

/// What an operator wants of a rotation by hand.
package enum RotationKind: Hashable, Sendable {
    /// The other key becomes current, under the policy's overlap.
    case ordinary
    /// Keys are known to others: two rotations in a row, so that neither value of today lives on, with the overlap
    /// between them shortened to `Policy.compromisedOverlap`.
    case compromised(reason: String)
}

/// What a resource's configuration means to the rules.
package struct RotationSettings: Hashable, Sendable {
    /// The resource's name in the configuration: the seed of its jitter.
    package var name: String
    package var policy: Policy
    /// Who is to be told of a new version, by stable id.
    package var consumers: [String]
    /// Stands for how the files are to be: another text when another mode, owner, template or file is configured.
    package var files: String
    /// The policy's name: resources that have it in common are peers.
    package var policyName: String
    /// How far apart the resources of its subscription begin that are due together; nothing when they are few.
    package var spread: Duration

    package init(
        name: String, policy: Policy, consumers: [String] = [], files: String = "", policyName: String = "",
        spread: Duration = .zero
    ) {
        self.policyName = policyName
        self.spread = spread
        self.name = name
        self.policy = policy
        self.consumers = consumers
        self.files = files
    }
}

/// What stands in the secrets directory for one resource, read from the files themselves.
package struct SecretsView: Hashable, Sendable {
    /// Of the key in the published connection string; nil when there is none that parses.
    package var fingerprint: Fingerprint?
    /// Of the published connection string.
    package var endpoint: String?
    package var keyType: KeyType?
    package var version: Int?
    package var publishedAt: Instant?
    package var previousGoodUntil: Instant?
    /// Every file, link, owner and mode is as it was published.
    package var intact: Bool

    package init(
        fingerprint: Fingerprint?, endpoint: String? = nil, keyType: KeyType?, version: Int?, publishedAt: Instant?,
        previousGoodUntil: Instant?, intact: Bool
    ) {
        self.fingerprint = fingerprint
        self.endpoint = endpoint
        self.keyType = keyType
        self.version = version
        self.publishedAt = publishedAt
        self.previousGoodUntil = previousGoodUntil
        self.intact = intact
    }
}
