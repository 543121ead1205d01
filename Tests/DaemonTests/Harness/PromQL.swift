/// Enough of PromQL to tell which metrics an expression is about, and which values it wants labels to have.
struct PromQL {
    private(set) var metrics: Set<String> = []
    /// `health="held"`: each alternative of `=~` for itself.
    private(set) var matchers: [(label: String, value: String)] = []

    private static let words: Set<String> = [
        "and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset",
    ]
    private static let withLabels: Set<String> = ["by", "without", "on", "ignoring", "group_left", "group_right"]

    init(_ expression: String) {
        var rest = expression[...]
        while let first = rest.first {
            if first == "{" {
                let selector = rest.prefix { $0 != "}" }
                readMatchers(selector.dropFirst())
                rest = rest.dropFirst(selector.count + 1)
            } else if first == "[" {
                rest = rest.drop { $0 != "]" }.dropFirst()
            } else if first.isLetter || first == "_" {
                let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" })
                rest = rest.dropFirst(name.count).drop { $0 == " " }
                if Self.withLabels.contains(name), rest.first == "(" { rest = rest.drop { $0 != ")" } }
                let isAggregation = rest.hasPrefix("by ") || rest.hasPrefix("without ")
                if rest.first != "(", !isAggregation, !Self.words.contains(name) { metrics.insert(name) }
            } else if first.isNumber {
                // With its unit or exponent.
                rest = rest.drop { $0.isNumber || $0.isLetter || $0 == "." }
            } else {
                rest = rest.dropFirst()
            }
        }
    }

    private mutating func readMatchers(_ selector: Substring) {
        for matcher in selector.split(separator: ",") {
            let label = matcher.prefix { $0.isLetter || $0 == "_" }
            let value = matcher.drop { $0 != "\"" }.dropFirst().prefix { $0 != "\"" }
            for alternative in value.split(separator: "|") where !alternative.hasPrefix("$") {
                matchers.append((String(label), String(alternative)))
            }
        }
    }
}
