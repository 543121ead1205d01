import Daemon
import EventCatalog
import Rotation

/// One thing that was looked at.
enum OnlineFinding: String, Encodable, Sendable {
    case ok
    case no
    /// It could not be told.
    case unknown
    /// It was not looked at, because of something before it.
    case skipped

    /// For the table.
    var cell: String {
        switch self {
        case .ok: "ok"
        case .no: "no"
        case .unknown: "?"
        case .skipped: "-"
        }
    }
}

/// Something to know about a resource, and what to do about it.
struct OnlineProblem: Error, Encodable, Hashable, Sendable {
    enum Severity: String, Encodable, Sendable {
        /// Keys cannot be rotated like this, or not be used.
        case error
        /// It is well all the same, or it could not be told.
        case warning
    }

    let severity: Severity
    /// nil: it is about what the configuration says.
    @Nullable var reason: Reason?
    let detail: String
    let advice: String
    /// Of all resources with the same one it is told once; nil: it is this resource's own.
    let common: String?

    init(
        _ reason: Reason?, _ detail: String, severity: Severity = .error, advice: String, common: String? = nil
    ) {
        self.severity = severity
        self.reason = reason
        self.detail = detail
        self.advice = advice
        self.common = common
    }

    private enum CodingKeys: String, CodingKey {
        case severity, reason, detail, advice
    }
}

extension OnlineProblem {
    init(_ failure: Failure, severity: Severity = .error, common: String? = nil) {
        let id = failure.requestID.map { " (request id \($0))" } ?? ""
        self.init(
            failure.reason, failure.detail + id, severity: severity, advice: failure.reason.advice, common: common)
    }
}
