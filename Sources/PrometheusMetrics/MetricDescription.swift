/// What is known in advance about a family of metrics.
package struct MetricDescription: Hashable, Sendable {
    /// As it is exposed, with its unit and `_total`.
    package let name: String
    package let kind: MetricKind
    /// One sentence.
    package let help: String
    /// The upper bounds of a histogram's buckets in ascending order, without the infinite one.
    package let bounds: [Double]

    package init(_ name: String, _ kind: MetricKind, _ help: String, bounds: [Double] = []) {
        self.name = name
        self.kind = kind
        self.help = help
        self.bounds = bounds
    }
}
