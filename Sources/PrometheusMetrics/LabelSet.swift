/// The labels of one series, as both formats write them between the braces.
package struct LabelSet: Hashable, Comparable, Sendable {
    package static let none = LabelSet([:])

    /// `resource="contoso-sms",health="ok"`; empty when there are no labels.
    let text: String

    private init(text: String) {
        self.text = text
    }

    /// - Parameter labels: names that are valid as they are, each once; values are escaped here.
    package init(_ labels: KeyValuePairs<String, String>) {
        text = labels.reduce(into: "") { Self.append($1.key, $1.value, to: &$0) }
    }

    /// As libraries give them: names are made valid, and of those that come twice the first one counts.
    init(dimensions: [(String, String)], reserved: Set<String>) {
        var seen = reserved
        text = dimensions.reduce(into: "") { text, dimension in
            let name = MetricName.label(dimension.0)
            if seen.insert(name).inserted { Self.append(name, dimension.1, to: &text) }
        }
    }

    package func adding(_ name: String, _ value: String) -> LabelSet {
        var text = text
        Self.append(name, value, to: &text)
        return LabelSet(text: text)
    }

    private static func append(_ name: String, _ value: String, to text: inout String) {
        if !text.isEmpty { text += "," }
        text += name
        text += "=\""
        text += EscapedText.labelValue(value)
        text += "\""
    }

    package static func < (left: LabelSet, right: LabelSet) -> Bool { left.text < right.text }
}
