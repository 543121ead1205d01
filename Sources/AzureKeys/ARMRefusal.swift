import KeyMaterial
import NIOHTTP1
import Rotation

/// An answer of the resource manager that is not 200, read.
struct ARMRefusal: Sendable {
    let status: Int
    let code: String?
    /// What the next token has to fulfil, as JSON; nil when the answer says nothing about it.
    let claims: String?
    let failure: Failure

    init(_ answer: HTTPAnswer, to operation: ARMOperation, on scope: ARMScope, token: AccessToken, now: Instant) {
        let envelope = ErrorEnvelope(answer.body, without: [token.secret])
        let code = envelope.code
        let reason = Self.reason(status: answer.status, code: code)
        var notes: [String] = []
        if let text = envelope.text { notes.append(text) }
        if let cause = answer.headers.first(name: "x-ms-failure-cause") {
            notes.append("x-ms-failure-cause: \(Redaction.clean(cause, limit: 40))")
        }
        let sentence = Self.sentence(
            reason, status: answer.status, code: code, operation: operation, scope: scope)
        status = answer.status
        self.code = code
        claims = answer.status == 401 ? ClaimsChallenge.read(answer.headers) : nil
        failure = Failure(
            reason, sentence + (notes.isEmpty ? "" : " [\(notes.joined(separator: "; "))]"),
            retryAfter: RetryAfter.read(answer.headers, now: now), requestID: answer.requestID)
    }

    /// Whether the answer proves that a regenerate did not run: it was turned down before anything was done.
    var provesNotExecuted: Bool {
        switch status {
        case 400, 401, 403, 404, 429: true
        case 409: failure.reason == .locked
        default: false
        }
    }

    /// Whether a read may succeed when it is simply repeated.
    var isTransient: Bool { status == 408 || status == 429 || status >= 500 }

    /// Whether there were too many calls to the subscription, not only something else under way on the resource.
    var isAboutLimit: Bool { status == 429 && code != ErrorEnvelope.anotherOperation }

    private static func reason(status: Int, code: String?) -> Reason {
        switch status {
        case 401: .unauthenticated
        case 403: .forbidden
        case 404: .notFound
        case 408: .timeout
        case 409: code?.lowercased() == "scopelocked" ? .locked : .conflict
        case 429: .throttled
        case 500...: .azureUnavailable
        default: .badResponse
        }
    }

    private static func sentence(
        _ reason: Reason, status: Int, code: String?, operation: ARMOperation, scope: ARMScope
    ) -> String {
        switch reason {
        case .unauthenticated: "Azure refuses the access token for \(operation.rawValue) of \(scope.name)"
        case .forbidden where code == nil || code?.lowercased().hasSuffix("authorizationfailed") == true:
            "Azure refuses \(operation.action) on \(scope); assign a role that allows it"
                + " (a new assignment takes some minutes)"
        case .forbidden: "Azure refuses \(operation.action) on \(scope)"
        case .notFound: "Azure does not find \(scope)"
        case .locked: "a lock forbids \(operation.rawValue) of \(scope); a ReadOnly lock forbids listKeys as well"
        case .conflict: "another operation on \(scope.name) is under way"
        case .throttled: "Azure asks for fewer calls (429 to \(operation.rawValue) of \(scope.name))"
        default: "Azure answered \(status) to \(operation.rawValue) of \(scope.name)"
        }
    }
}
