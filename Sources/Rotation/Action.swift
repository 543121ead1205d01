/// What the rules want done next for one resource: at most one thing at a time, and only after the record that came with
/// it is durable. Each is answered by an event.
package indirect enum Action: Hashable, Sendable {
    /// Answered by `.secretsRead` or `.secretsReadFailed`.
    case readSecrets
    /// Answered by `.keysListed` or `.listKeysFailed`.
    case listKeys
    /// One signed call with the key type's key as last listed. Answered by `.probed`.
    case probe(KeyType, Fingerprint)
    /// Answered by `.regenerateAnswered`. Never sent twice.
    case regenerate(Intent)
    /// Answered by `.published` or `.publishFailed`. Doing it twice is the same as once.
    case publish(PublicationOrder)
    /// Tell these consumers. Answered by `.delivered`.
    case deliver(version: Int, consumers: [String])
}

/// What one event led to.
package struct Output: Hashable, Sendable {
    package var action: Action?
    /// What is to be written to the history and the journal, in order.
    package var notes: [Note]
}

/// One line of a resource's history.
package struct Note: Hashable, Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        case adopted
        case rotationRequested = "rotation-requested"
        case regenerateSent = "regenerate-sent"
        case regenerateAnswered = "regenerate-answered"
        case regenerateNotExecuted = "regenerate-not-executed"
        case regenerateUndecided = "regenerate-undecided"
        case regenerateDidNotRun = "regenerate-did-not-run"
        case keyConfirmed = "key-confirmed"
        case keyVerified = "key-verified"
        case keyUnverified = "key-unverified"
        case keyMoved = "key-moved"
        case published
        case delivered
        case failed
        case recovered
        case held
        case resumed
        case paused
        case currentKeyChanged = "current-key-changed"
        case otherKeyChanged = "other-key-changed"
        case endpointChanged = "endpoint-changed"
        case secretsTampered = "secrets-tampered"
        case filesUpdated = "files-updated"
        case keyTooOld = "key-too-old"
        case rescheduled
    }

    package var kind: Kind
    package var actor: String
    package var reason: Reason?
    package var keyType: KeyType?
    package var version: Int?
    package var fingerprint: Fingerprint?
    package var detail: String?
    package var requestID: String?

    package init(
        _ kind: Kind, actor: String = "keyturn", reason: Reason? = nil, keyType: KeyType? = nil, version: Int? = nil,
        fingerprint: Fingerprint? = nil, detail: String? = nil, requestID: String? = nil
    ) {
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
