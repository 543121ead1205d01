import CoreMetrics

/// Counts the requests to Azure Resource Manager, each try for itself.
package struct ARMMetrics: Sendable {
    /// A counter with the labels `operation` and `code`: the status of the answer, or `none` when there was no answer.
    package static let requests = "keyturn_azure_requests_total"
    /// A timer with the label `operation`: from the connection to the last byte of the answer, or to the failure.
    package static let duration = "keyturn_azure_request_duration_seconds"

    let factory: any MetricsFactory

    func ended(_ operation: ARMOperation, status: Int?, after duration: Duration) {
        let name = ("operation", operation.rawValue)
        Counter(label: Self.requests, dimensions: [name, ("code", Self.code(status))], factory: factory).increment()
        Timer(label: Self.duration, dimensions: [name], factory: factory).recordNanoseconds(duration.nanoseconds)
    }

    /// RFC 9110 §15 has statuses of three digits; whatever else stands there gets no series of its own.
    private static func code(_ status: Int?) -> String {
        guard let status else { return "none" }
        return (100...599).contains(status) ? "\(status)" : "other"
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : whole + attoseconds / 1_000_000_000
    }
}
