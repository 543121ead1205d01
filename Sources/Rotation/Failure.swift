/// What went wrong in one call to the world outside, in a form that may be logged, stored and shown: it never holds a
/// key, a connection string or a token.
package struct Failure: Error, Hashable, Codable, Sendable {
    package var reason: Reason
    /// One sentence for the operator: what was refused or broken, where, and what to do when that is known.
    package var detail: String
    /// How long the other side asked to be left alone (`Retry-After`).
    package var retryAfter: Duration?
    /// Azure's `x-ms-request-id` (or `x-azure-ref`/`ms-cv` of the data plane), to quote to Azure support.
    package var requestID: String?

    package init(_ reason: Reason, _ detail: String, retryAfter: Duration? = nil, requestID: String? = nil) {
        self.reason = reason
        self.detail = detail
        self.retryAfter = retryAfter
        self.requestID = requestID
    }
}

/// How a `regenerateKey` request ended. It kills the old key and cannot be told apart by the server from its repetition,
/// so what is *not known* is a result of its own.
package enum RegenerateOutcome: Hashable, Sendable {
    /// 200 with the regenerated pair.
    case regenerated(KeyType, Fingerprint)
    /// The request provably did not run: no connection was made, or 401, 403, 404, 429, `ScopeLocked`, or a 400.
    case notExecuted(Failure)
    /// It may have run, or may still run: timeout, reset, 408, other 409, 5xx, or an answer that makes no sense.
    case ambiguous(Failure)
}

/// What one signed read-only call to the data plane showed about a key.
package enum ProbeOutcome: Hashable, Sendable {
    /// 200: the key works.
    case succeeded
    /// 401 that is not about the clock: the key (or key authentication as a whole) is refused.
    case denied(Failure)
    /// Nothing about the key was learnt: no connection, 429, 5xx, clock skew, or a status that no key can change.
    case inconclusive(Failure)
}
