/// A value in a YAML document, with its place.
struct YAMLNode {
    indirect enum Content {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLPair])
        /// Something that was reported already, so that nothing more is said about it.
        case refused
    }

    let content: Content
    let mark: SourceMark
}

/// A key of a mapping and its value. Keys are text and differ from each other.
struct YAMLPair {
    let key: String
    let keyMark: SourceMark
    let value: YAMLNode
}

struct YAMLScalar {
    enum Style {
        case plain, singleQuoted, doubleQuoted, literal, folded
    }

    /// What a scalar means in YAML: only plain ones can be anything but text.
    enum Meaning {
        case null, boolean, number, text
    }

    let text: String
    let style: Style

    /// By the core schema of YAML 1.2, and what YAML 1.1 reads differently (`yes`, `off`, `1_000`, `0o17`), so that no
    /// tool that writes or checks the file takes it for something else.
    var meaning: Meaning {
        guard style == .plain else { return .text }
        switch text.lowercased() {
        case "", "~", "null": return .null
        case "true", "false", "yes", "no", "on", "off", "y", "n": return .boolean
        default: return Self.isNumber(text) ? .number : .text
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        var digits = text.lowercased()[...]
        if digits.first == "-" || digits.first == "+" { digits.removeFirst() }
        if digits == ".inf" || text.lowercased() == ".nan" { return true }
        guard digits.first?.isNumber == true || digits.first == "." && digits.dropFirst().first?.isNumber == true else {
            return false
        }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
            let body = digits.dropFirst(2)
            return !body.isEmpty && body.allSatisfy { $0 == "_" || Int(String($0), radix: radix) != nil }
        }
        return Double(String(digits.filter { $0 != "_" })) != nil
    }
}
