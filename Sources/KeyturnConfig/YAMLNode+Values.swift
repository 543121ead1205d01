import Rotation

/// Readers of single values. Each reports what is wrong, naming the setting, and then returns nil.
extension YAMLNode {
    /// Whether a key stands there without a value, or with `null`.
    var isNothing: Bool {
        if case .scalar(let scalar) = content { scalar.meaning == .null } else { false }
    }

    /// What the node is, for messages.
    var kind: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .refused: "this"
        case .scalar(let scalar):
            switch scalar.meaning {
            case .null: "nothing"
            case .boolean: "true or false"
            case .number: "a number"
            case .text: "text"
            }
        }
    }

    /// A scalar that is not nothing, whatever else YAML takes it for.
    func scalar(_ what: String, _ expected: String, _ diagnostics: DiagnosticCollector) -> YAMLScalar? {
        switch content {
        case .refused: return nil
        case .scalar(let scalar) where scalar.meaning == .null:
            diagnostics.error("\(what) has no value", hint: "expected \(expected)", at: mark)
            return nil
        case .scalar(let scalar): return scalar
        case .sequence, .mapping:
            diagnostics.error("\(what) must be \(expected), not \(kind)", at: mark)
            return nil
        }
    }

    /// Text in one line.
    ///
    /// - Parameter allowsNumbers: takes an unquoted number as its digits.
    func text(
        _ what: String, _ expected: String, allowsNumbers: Bool = false, _ diagnostics: DiagnosticCollector
    ) -> String? {
        guard let scalar = scalar(what, expected, diagnostics) else { return nil }
        if scalar.meaning == .boolean || scalar.meaning == .number && !allowsNumbers {
            diagnostics.error(
                "\(what) must be \(expected), and YAML reads this as \(kind)", hint: "put it in quotes", at: mark)
            return nil
        }
        guard !scalar.text.isEmpty else {
            diagnostics.error("\(what) is empty", hint: "expected \(expected)", at: mark)
            return nil
        }
        guard !scalar.text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) })
        else {
            diagnostics.error("\(what) must be one line without control characters", at: mark)
            return nil
        }
        return scalar.text
    }

    func boolean(_ what: String, _ diagnostics: DiagnosticCollector) -> Bool? {
        guard let scalar = scalar(what, "true or false", diagnostics) else { return nil }
        if scalar.style == .plain, scalar.text == "true" { return true }
        if scalar.style == .plain, scalar.text == "false" { return false }
        let hint = scalar.text == "true" || scalar.text == "false" ? "remove the quotes" : nil
        diagnostics.error("\(what) must be true or false, not '\(clipped(scalar.text))'", hint: hint, at: mark)
        return nil
    }

    func integer(_ what: String, in range: ClosedRange<Int>, _ diagnostics: DiagnosticCollector) -> Int? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let scalar = scalar(what, expected, diagnostics) else { return nil }
        let isDigits = scalar.text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        let hasLeadingZero = scalar.text.utf8.count > 1 && scalar.text.hasPrefix("0")
        guard scalar.style == .plain, isDigits, !hasLeadingZero, let value = Int(scalar.text), range.contains(value)
        else {
            let hint = isDigits && scalar.style != .plain ? "remove the quotes" : nil
            diagnostics.error("\(what) must be \(expected), not '\(clipped(scalar.text))'", hint: hint, at: mark)
            return nil
        }
        return value
    }

    /// One of a few words.
    func word<Word: RawRepresentable & CaseIterable>(
        _ what: String, _ type: Word.Type, _ diagnostics: DiagnosticCollector
    ) -> Word? where Word.RawValue == String {
        let words = type.allCases.map(\.rawValue)
        let expected = Self.alternatives(words)
        guard let scalar = scalar(what, expected, diagnostics) else { return nil }
        if let word = Word(rawValue: scalar.text) { return word }
        diagnostics.error(
            "\(what) must be \(expected), not '\(clipped(scalar.text))'",
            hint: DidYouMean.hint(for: scalar.text, among: words), at: mark)
        return nil
    }

    /// A list; each item is read by the caller.
    func list(_ what: String, _ example: String, _ diagnostics: DiagnosticCollector) -> [YAMLNode]? {
        switch content {
        case .refused: return nil
        case .sequence(let items): return items
        case .scalar(let scalar) where scalar.meaning == .null:
            diagnostics.error("\(what) has no value", hint: "write \(what): \(example), or remove the key", at: mark)
            return nil
        case .scalar, .mapping:
            diagnostics.error("\(what) must be a list, not \(kind)", hint: "write \(what): \(example)", at: mark)
            return nil
        }
    }

    /// The span, and how it was written.
    func timeSpan(
        _ what: String, in range: ClosedRange<Duration>, _ diagnostics: DiagnosticCollector
    ) -> WrittenTimeSpan? {
        guard let scalar = scalar(what, "a time span such as 30d or 12h", diagnostics) else { return nil }
        let span: Duration
        do throws(TimeSpan.Malformed) {
            span = try TimeSpan.parse(scalar.text)
        } catch {
            diagnostics.error("\(what): \(error)", at: mark(at: error.offset, in: scalar))
            return nil
        }
        guard range.contains(span) else {
            let bounds = "\(TimeSpan.describe(range.lowerBound)) to \(TimeSpan.describe(range.upperBound))"
            diagnostics.error("\(what) must be from \(bounds), not \(clipped(scalar.text))", at: mark)
            return nil
        }
        return WrittenTimeSpan(duration: span, text: clipped(scalar.text))
    }

    /// Where a character of the scalar stands, counted from 0.
    func mark(at offset: Int, in scalar: YAMLScalar) -> SourceMark {
        guard scalar.style != .literal && scalar.style != .folded else { return mark }
        let inset = scalar.style == .plain ? 0 : 1
        return SourceMark(file: mark.file, line: mark.line, column: mark.column + inset + offset)
    }

    static func alternatives(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.joined() }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}

/// A time span and the text to name it by.
struct WrittenTimeSpan {
    let duration: Duration
    let text: String
}
