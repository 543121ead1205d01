/// The two texts in which metrics are exposed.
package enum ExpositionFormat: Hashable, Sendable, CaseIterable {
    /// Prometheus's own, version 0.0.4.
    case prometheusText
    /// OpenMetrics 1.0.
    case openMetrics

    package var contentType: String {
        switch self {
        case .prometheusText: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// What an `Accept` header (RFC 9110 §12.5.1) prefers. Who takes both alike, and names it, gets OpenMetrics; who takes
    /// neither gets Prometheus's text all the same, because that is what people can read.
    package init(accept: String?) {
        var openMetrics = 0.0
        var text = 0.0
        for range in (accept ?? "").split(separator: ",").map(MediaRange.init) {
            switch range.type {
            case "application/openmetrics-text" where ["", "1.0.0", "0.0.1"].contains(range.version):
                openMetrics = max(openMetrics, range.quality)
            case "text/plain" where ["", "0.0.4"].contains(range.version), "text/*", "*/*":
                text = max(text, range.quality)
            default: break
            }
        }
        self = openMetrics > 0 && openMetrics >= text ? .openMetrics : .prometheusText
    }
}

/// `text/plain;version=0.0.4;q=0.5`.
private struct MediaRange {
    let type: String
    private(set) var version = ""
    private(set) var quality = 1.0

    init(_ text: Substring) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
        type = parts.first?.lowercased() ?? ""
        for parameter in parts.dropFirst() {
            let pair = parameter.split(separator: "=", maxSplits: 1).map(Self.trimmed)
            guard pair.count == 2 else { continue }
            switch pair[0].lowercased() {
            case "version": version = pair[1].filter { $0 != "\"" }
            case "q": quality = Double(pair[1]).map { min(max($0, 0), 1) } ?? 0
            default: break
            }
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        var end = start
        while let last = end.last, last == " " || last == "\t" { end.removeLast() }
        return String(end)
    }
}
