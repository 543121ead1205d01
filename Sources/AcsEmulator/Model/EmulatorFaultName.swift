/// The kinds of faults.
package enum EmulatorFaultName: String, Codable, CaseIterable, Sendable {
    /// The call waits before it is executed.
    case latency
    /// The call is not executed, and the connection is closed without an answer.
    case lostRequest
    /// The call is executed, and the connection is closed without an answer.
    case lostReply
    /// The connection is closed without an answer, and the regenerate executes later.
    case lateLanding
    /// 429 with `Retry-After`; not executed.
    case throttled
    /// A 5xx; not executed.
    case serverError
    /// A 5xx although the call was executed.
    case serverErrorAfter
    /// 403 `AuthorizationFailed`; on the data plane 403 `Forbidden`.
    case forbidden
    /// 404 `ResourceNotFound`.
    case notFound
    /// 409 `ScopeLocked`, as a ReadOnly lock gives it.
    case scopeLocked
    /// The other key type changes than was asked for. The answer is the asked one's unchanged pair: only listKeys
    /// tells.
    case wrongKeyType
    /// 200 with the unchanged pair; nothing changes.
    case noChange
    /// The data plane knows the new key only later. The old one is refused at once everywhere, unless `oldKeyLingers`.
    case propagationDelay
    /// The data plane goes on taking the old key for a while after a regenerate.
    case oldKeyLingers
    /// For a while after a regenerate one of the data plane's two front doors, which calls take in turn, knows nothing of
    /// it: it refuses the new key and takes the old one.
    case flapping
    /// The token endpoints answer with this status.
    case tokenFailure
    /// 401 with a challenge (continuous access evaluation) to a token that was not asked for with claims; not executed.
    case claimsChallenge
    /// The connection strings of listKeys have no `accesskey=`.
    case malformedConnectionString
    /// The emulator's clock is off: the `Date` header, the instant that `x-ms-date` is compared with, and the times in
    /// tokens, and those at which tokens and assertions are looked at.
    case clockSkew
    /// The resource is switched to Microsoft Entra tokens only: its data plane refuses every key, and a GET says so.
    case localAuthDisabled
    /// The resource is missing in lists, as it is for a caller who may not read it.
    case unlisted

    /// What the value counts; nil for kinds without a value.
    package var unit: String? {
        switch self {
        case .latency, .lateLanding, .propagationDelay, .oldKeyLingers, .flapping: "milliseconds"
        case .throttled: "seconds to wait"
        case .clockSkew: "seconds, negative for a clock that is behind"
        case .serverError, .serverErrorAfter, .tokenFailure: "HTTP status"
        case .lostRequest, .lostReply, .forbidden, .notFound, .scopeLocked, .wrongKeyType, .noChange,
            .malformedConnectionString, .claimsChallenge, .localAuthDisabled, .unlisted:
            nil
        }
    }

    /// What counts when no value is given; nil when one must be.
    var defaultValue: Int? {
        switch self {
        case .latency, .lateLanding, .propagationDelay, .oldKeyLingers, .flapping, .clockSkew: nil
        case .throttled: 5
        case .serverError, .serverErrorAfter: 500
        case .tokenFailure: 503
        case .lostRequest, .lostReply, .forbidden, .notFound, .scopeLocked, .wrongKeyType, .noChange,
            .malformedConnectionString, .claimsChallenge, .localAuthDisabled, .unlisted:
            1
        }
    }

    /// The values that make sense.
    var values: ClosedRange<Int> {
        switch self {
        case .latency, .lateLanding, .propagationDelay, .oldKeyLingers, .flapping: 0...86_400_000
        case .throttled: 0...86_400
        case .clockSkew: -315_360_000...315_360_000
        case .serverError, .serverErrorAfter: 500...599
        case .tokenFailure: 400...599
        case .lostRequest, .lostReply, .forbidden, .notFound, .scopeLocked, .wrongKeyType, .noChange,
            .malformedConnectionString, .claimsChallenge, .localAuthDisabled, .unlisted:
            1...1
        }
    }

    /// What to write, for a message.
    var expectation: String {
        guard let unit else { return "it takes no value" }
        return "the value is \(unit), from \(values.lowerBound) to \(values.upperBound)"
    }

    /// The operations that this kind can strike, and strikes when none is named.
    package var operations: [EmulatedOperation] {
        switch self {
        case .latency, .lostRequest, .lostReply, .throttled, .serverError, .serverErrorAfter, .clockSkew:
            EmulatedOperation.faultable
        case .claimsChallenge: [.listKeys, .regenerateKey, .get, .list, .authorization, .write]
        case .forbidden: [.listKeys, .regenerateKey, .get, .list, .authorization, .write, .dataPlane]
        case .notFound: [.listKeys, .regenerateKey, .get, .write, .dataPlane]
        case .localAuthDisabled: [.get, .dataPlane]
        case .unlisted: [.list]
        case .scopeLocked: [.listKeys, .regenerateKey, .write]
        case .lateLanding, .wrongKeyType, .noChange, .propagationDelay, .oldKeyLingers, .flapping: [.regenerateKey]
        case .tokenFailure: [.token]
        case .malformedConnectionString: [.listKeys]
        }
    }
}
