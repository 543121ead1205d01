/// What a family of metrics is, as `# TYPE` says it.
package enum MetricKind: Hashable, Sendable {
    /// Only goes up, and begins anew with the process. Its name ends in `_total`.
    case counter
    case gauge
    /// Counts of values up to each of some bounds, with their sum and number.
    case histogram
    /// The sum and the number of values only.
    case summary
    /// Always 1: what it says is in its labels. Its name ends in `_info`.
    case info
}
