extension YAMLSyntaxError {
    /// libyaml names what its grammar wanted; this says what the author of the file most likely did.
    func diagnostic(in text: SourceText) -> Diagnostic {
        let lines = text.lines
        let (place, explanation) = explanation(lines)
        return Diagnostic(.error, explanation.message, hint: explanation.hint, at: mark(place, in: lines, text.file))
    }

    private typealias Explanation = (message: String, hint: String?)

    private func explanation(_ lines: [Substring]) -> (YAMLPosition, Explanation) {
        if let address = bareAddress(lines) { return address }
        let since = contextPosition.map { " that begins in line \($0.line + 1)" } ?? ""
        switch problem {
        case "found character that cannot start any token":
            return (position, startOfToken(lines))
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            return (position, Self.tab)
        case "mapping values are not allowed in this context":
            if isFirstColon(lines), let line = keyWithoutColon(lines) { return (line, Self.missingColon) }
            return (
                position,
                ("a ':' cannot stand here", "is one missing in the line before? A value with ': ' in it needs quotes")
            )
        case "could not find expected ':'":
            return (contextPosition ?? position, Self.missingColon)
        case "did not find expected key" where context == "while parsing a block mapping":
            if let line = keyWithoutColon(lines) { return (line, Self.missingColon) }
            if let deeper = deeperSibling(lines) { return deeper }
            return (
                position,
                ("expected a key of the mapping\(since)", "check the indentation, and quotes in the line before")
            )
        case "did not find expected <document start>":
            return topLevel(lines) ?? (position, ("the top level is one mapping of keys to values", nil))
        case "did not find expected '-' indicator":
            return (position, ("expected '-', as in the rest of the list\(since)", "check the indentation"))
        case "found unexpected end of stream" where context == "while scanning a quoted scalar":
            return (contextPosition ?? position, ("this quoted text is never closed", nil))
        case "did not find expected ',' or '}'":
            return unclosed("mapping", "}", lines)
        case "did not find expected ',' or ']'":
            return unclosed("list", "]", lines)
        case "did not find expected node content":
            return (position, ("a value is missing here", nil))
        case "found unknown escape character":
            return (
                position,
                ("unknown escape in double quotes", "write '\\\\' for a backslash, or use single quotes")
            )
        default:
            return (position, ([context, problem].compactMap(\.self).joined(separator: ": "), nil))
        }
    }

    /// `[::1]:9464` without quotes, which YAML takes for a list.
    private func bareAddress(_ lines: [Substring]) -> (YAMLPosition, Explanation)? {
        guard lines.indices.contains(position.line) else { return nil }
        let line = lines[position.line]
        guard let open = line.firstIndex(of: "["), let close = line[open...].firstRange(of: "]:"),
            line[line.index(after: open)..<close.lowerBound].allSatisfy({ $0.isHexDigit || ":.".contains($0) }),
            line[close.upperBound...].first?.isNumber == true
        else { return nil }
        let start = YAMLPosition(line: position.line, column: line[..<open].unicodeScalars.count)
        let address = line[open..<close.upperBound] + line[close.upperBound...].prefix { $0.isNumber }
        return (start, ("a value that begins with '[' is a list", "put the address in quotes: \"\(address)\""))
    }

    private static let missingColon: Explanation = ("expected ':' after this key", "write 'key: value', on one line")

    /// The mistake is most likely where the brackets were opened, unless all of it is on one line.
    private func unclosed(_ what: String, _ bracket: Character, _ lines: [Substring]) -> (YAMLPosition, Explanation) {
        guard let start = contextPosition, start.line < position.line else {
            return (position, ("expected ',' or '\(bracket)' in the \(what)", nil))
        }
        let more = contentLines(lines).contains { $0 >= position.line }
        let end = more ? "line \(position.line + 1)" : "the end of the file"
        return (
            start, ("this \(what) is not closed", "expected ',' or '\(bracket)' before \(end)")
        )
    }

    /// Where the top level begins in a way that what follows cannot belong to it.
    private func topLevel(_ lines: [Substring]) -> (YAMLPosition, Explanation)? {
        guard let first = contentLines(lines).first, first < position.line else { return nil }
        let indentation = lines[first].prefix { $0 == " " }.count
        let start = YAMLPosition(line: first, column: indentation)
        if let line = keyWithoutColon(lines) { return (line, Self.missingColon) }
        guard indentation > position.column else { return nil }
        return (
            start,
            ("this key is indented, line \(position.line + 1) on the same level is not", "remove the blanks before it")
        )
    }

    /// The first key of the mapping, when it is indented more than the key at which reading failed, and in a way that
    /// is rarer in the file.
    private func deeperSibling(_ lines: [Substring]) -> (YAMLPosition, Explanation)? {
        let before = contentLines(lines).filter { $0 < position.line }
        func indentation(_ line: Int) -> Int { lines[line].prefix { $0 == " " }.count }
        guard let parent = before.last(where: { indentation($0) < position.column }),
            let first = before.first(where: { $0 > parent }), indentation(first) > position.column
        else { return nil }
        let all = contentLines(lines).map(indentation)
        let rarer = all.count { $0 == indentation(first) } < all.count { $0 == position.column }
        guard rarer else { return nil }
        let start = YAMLPosition(line: first, column: indentation(first))
        return (
            start,
            (
                "this key is indented by \(start.column) blanks, line \(position.line + 1) of the same mapping by"
                    + " \(position.column)", "indent them alike"
            )
        )
    }

    /// The last line before the error, when it is a word without a colon.
    private func keyWithoutColon(_ lines: [Substring]) -> YAMLPosition? {
        guard let line = contentLines(lines).last(where: { $0 < position.line }) else { return nil }
        let text = lines[line].prefix { $0 != "#" }
        let isKey = !text.contains { ":[{\"'|>".contains($0) } && text.first { $0 != " " } != "-"
        guard isKey else { return nil }
        return YAMLPosition(line: line, column: text.prefix { $0 == " " }.count)
    }

    /// The colon at which reading failed is the first of its line, so the line itself is a good one.
    private func isFirstColon(_ lines: [Substring]) -> Bool {
        guard lines.indices.contains(position.line) else { return false }
        return !lines[position.line].unicodeScalars.prefix(position.column).contains(":")
    }

    /// The lines, from 0, that are neither blank nor comments.
    private func contentLines(_ lines: [Substring]) -> [Int] {
        lines.indices.filter { index in
            guard let first = lines[index].first(where: { !$0.isWhitespace }) else { return false }
            return first != "#"
        }
    }

    private static let tab: Explanation = ("a tab cannot indent", "use spaces")

    private func startOfToken(_ lines: [Substring]) -> Explanation {
        let line = lines.indices.contains(position.line) ? lines[position.line] : ""
        guard let character = line.unicodeScalars.dropFirst(position.column).first else {
            return ("a value cannot begin here", nil)
        }
        if character == "\t" { return Self.tab }
        return ("a value cannot begin with '\(character)'", "put it in quotes")
    }

    /// At the end of the text libyaml may name the line after the last.
    private func mark(_ position: YAMLPosition, in lines: [Substring], _ file: String) -> SourceMark {
        guard position.line >= lines.count, let last = lines.last else {
            return SourceMark(file: file, line: position.line + 1, column: position.column + 1)
        }
        return SourceMark(file: file, line: lines.count, column: last.unicodeScalars.count + 1)
    }
}
