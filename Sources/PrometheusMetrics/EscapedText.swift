/// How the formats write what would end a line or a quotation.
enum EscapedText {
    static func labelValue(_ text: String) -> String {
        escaped(text, quotes: true)
    }

    /// Only OpenMetrics escapes quotation marks in help texts.
    static func help(_ text: String, _ format: ExpositionFormat) -> String {
        escaped(text, quotes: format == .openMetrics)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5c || $0 == 0x0a || $0 == 0x22 && quotes }) else { return text }
        return text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\\": escaped += #"\\"#
            case "\n": escaped += #"\n"#
            case "\"" where quotes: escaped += #"\""#
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
