/// Writes families of metrics in one of the two formats.
///
/// OpenMetrics' `_created` samples are left out: Prometheus takes each for a series of its own.
package struct ExpositionWriter: Sendable {
    package let format: ExpositionFormat
    private var text: [UInt8] = []
    private var name = ""

    package init(_ format: ExpositionFormat) {
        self.format = format
    }

    /// Begins a family; its samples follow before the next one. Each family is begun once.
    package mutating func family(_ description: MetricDescription) {
        name = description.name
        var base = name[...]
        var type: String
        switch description.kind {
        case .counter: type = "counter"
        case .gauge: type = "gauge"
        case .histogram: type = "histogram"
        case .summary: type = "summary"
        case .info: type = format == .openMetrics ? "info" : "gauge"
        }
        if format == .openMetrics {
            // There a family is named without what its samples add.
            for suffix in ["_total", "_info"] where type == "counter" || type == "info" {
                if base.hasSuffix(suffix) { base.removeLast(suffix.count) }
            }
        }
        let help = EscapedText.help(description.help, format)
        write("# HELP \(base) \(help)\n# TYPE \(base) \(type)\n")
        guard format == .openMetrics else { return }
        for unit in ["seconds", "bytes"] where base.hasSuffix("_" + unit) { write("# UNIT \(base) \(unit)\n") }
    }

    /// One sample of the family that was begun last.
    package mutating func sample(_ value: Double, _ labels: LabelSet = .none) {
        sample(suffix: "", labels, Self.number(value))
    }

    /// - Parameter counts: of values up to each of the bounds, and not up to the one before, then of those beyond the last.
    mutating func histogram(_ bounds: [Double], _ counts: [UInt64], sum: Double, _ labels: LabelSet) {
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? "\(bounds[index])" : "+Inf"
            sample(suffix: "_bucket", labels.adding("le", bound), "\(total)")
        }
        summary(count: total, sum: sum, labels)
    }

    mutating func summary(count: UInt64, sum: Double, _ labels: LabelSet) {
        sample(suffix: "_sum", labels, Self.number(sum))
        sample(suffix: "_count", labels, "\(count)")
    }

    private mutating func sample(suffix: String, _ labels: LabelSet, _ value: String) {
        write(name)
        write(suffix)
        if !labels.text.isEmpty {
            write("{")
            write(labels.text)
            write("}")
        }
        write(" ")
        write(value)
        write("\n")
    }

    /// Everything that was written, with what OpenMetrics ends with.
    package consuming func finished() -> [UInt8] {
        if format == .openMetrics { write("# EOF\n") }
        return text
    }

    private mutating func write(_ part: String) {
        text.append(contentsOf: part.utf8)
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Up to here every whole number is exact.
        if value.magnitude < 9_007_199_254_740_992, value == value.rounded() { return "\(Int64(value))" }
        return "\(value)"
    }
}
