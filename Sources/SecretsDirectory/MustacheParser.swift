/// Reads a template in one pass. Works on Unicode scalars: to `Character`, CR LF would be one.
struct MustacheParser {
    typealias Node = MustacheTemplate.Node

    /// A section that is not closed yet, with what stands in front of it.
    private struct OpenSection {
        var variable: TemplateVariable
        var inverted: Bool
        var position: Int
        var before: [Node]
    }

    private let text: [Unicode.Scalar]
    private var index = 0
    private var opening = Array("{{".unicodeScalars)
    private var closing = Array("}}".unicodeScalars)
    private var open: [OpenSection] = []
    private var nodes: [Node] = []

    init(_ text: String) {
        self.text = Array(text.unicodeScalars)
    }

    mutating func parse() throws(MustacheError) -> [Node] {
        var start = index
        while index < text.count {
            guard matches(opening, at: index) else {
                index += 1
                continue
            }
            let tag = index
            let kind = try readTag()
            let end = index
            let alone = kind.canStandAlone ? standsAlone(from: tag, to: end) : nil
            append(text: start..<(alone?.lowerBound ?? tag))
            try apply(kind, at: tag)
            index = alone?.upperBound ?? end
            start = index
        }
        append(text: start..<text.count)
        if let section = open.last {
            throw error(at: section.position, "the section '\(section.variable.rawValue)' is never closed")
        }
        return nodes
    }

    private mutating func append(text range: Range<Int>) {
        guard !range.isEmpty else { return }
        var string = String.UnicodeScalarView()
        string.append(contentsOf: text[range])
        nodes.append(.text(String(string)))
    }

    private mutating func apply(_ tag: MustacheTag, at position: Int) throws(MustacheError) {
        switch tag {
        case .comment:
            break
        case .variable(let variable):
            nodes.append(.variable(variable))
        case .section(let variable, let inverted):
            open.append(OpenSection(variable: variable, inverted: inverted, position: position, before: nodes))
            nodes = []
        case .sectionEnd(let variable):
            guard let section = open.popLast() else {
                throw error(at: position, "no section '\(variable.rawValue)' is open here")
            }
            guard section.variable == variable else {
                throw error(
                    at: position,
                    "the section that is open here is '\(section.variable.rawValue)', not '\(variable.rawValue)'")
            }
            nodes = section.before + [.section(variable, inverted: section.inverted, nodes)]
        case .delimiters(let newOpening, let newClosing):
            opening = newOpening
            closing = newClosing
        }
    }

    /// The whole line of a tag, its end included, when nothing but spaces and tabs is beside it.
    private func standsAlone(from start: Int, to end: Int) -> Range<Int>? {
        var lineStart = start
        while lineStart > 0, isBlank(text[lineStart - 1]) { lineStart -= 1 }
        guard lineStart == 0 || text[lineStart - 1] == "\n" else { return nil }
        var lineEnd = end
        while lineEnd < text.count, isBlank(text[lineEnd]) { lineEnd += 1 }
        if lineEnd == text.count { return lineStart..<lineEnd }
        if text[lineEnd] == "\r", lineEnd + 1 < text.count, text[lineEnd + 1] == "\n" { lineEnd += 1 }
        return text[lineEnd] == "\n" ? lineStart..<(lineEnd + 1) : nil
    }

    private func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t"
    }

    private func matches(_ pattern: [Unicode.Scalar], at position: Int) -> Bool {
        text[position...].starts(with: pattern)
    }

    private func error(at position: Int, _ message: String) -> MustacheError {
        let before = text[..<position]
        let line = before.count { $0 == "\n" } + 1
        let column = position - (before.lastIndex(of: "\n").map { $0 + 1 } ?? 0) + 1
        return MustacheError(line: line, column: column, message: message)
    }
}

/// What stands between delimiters.
private enum MustacheTag {
    case comment
    case variable(TemplateVariable)
    case section(TemplateVariable, inverted: Bool)
    case sectionEnd(TemplateVariable)
    case delimiters([Unicode.Scalar], [Unicode.Scalar])

    var canStandAlone: Bool {
        if case .variable = self { false } else { true }
    }
}

extension MustacheParser {
    /// Reads the tag that begins at `index` and leaves `index` behind it.
    private mutating func readTag() throws(MustacheError) -> MustacheTag {
        let start = index
        let sigilPosition = start + opening.count
        let sigil = sigilPosition < text.count ? text[sigilPosition] : " "
        var inner = sigilPosition
        var end = closing
        switch sigil {
        case "{":
            inner += 1
            end = ["}"] + closing
        case "=":
            inner += 1
            end = ["="] + closing
        case "!", "&", "#", "^", "/", ">", "<", "$", "%":
            inner += 1
        default: break
        }
        index = inner
        while index < text.count, !matches(end, at: index) { index += 1 }
        guard index < text.count else {
            throw error(at: start, "the tag that begins here is never closed with '\(string(end))'")
        }
        let content = inner..<index
        index += end.count
        return try tag(sigil, content, at: start)
    }

    private func tag(_ sigil: Unicode.Scalar, _ content: Range<Int>, at start: Int) throws(MustacheError) -> MustacheTag
    {
        switch sigil {
        case "!": return .comment
        case "=": return try delimiters(content, at: start)
        case "#": return .section(try variable(content, at: start), inverted: false)
        case "^": return .section(try variable(content, at: start), inverted: true)
        case "/": return .sectionEnd(try variable(content, at: start))
        case ">", "<", "$": throw error(at: start, "partials and blocks are not supported; write the text out")
        case "%": throw error(at: start, "pragmas are not supported; nothing is ever escaped")
        default: return .variable(try variable(content, at: start))
        }
    }

    private func variable(_ content: Range<Int>, at start: Int) throws(MustacheError) -> TemplateVariable {
        let words = text[content].split(whereSeparator: \.properties.isWhitespace)
        let known = TemplateVariable.allCases.map(\.rawValue).joined(separator: ", ")
        guard let word = words.first else {
            throw error(at: start, "this tag names no variable; there are \(known)")
        }
        guard words.count == 1, let variable = TemplateVariable(rawValue: string(word)) else {
            let name = words.map(string).joined(separator: " ").prefix(40)
            throw error(at: word.startIndex, "there is no variable '\(name)'; there are \(known)")
        }
        return variable
    }

    private func delimiters(_ content: Range<Int>, at start: Int) throws(MustacheError) -> MustacheTag {
        let words = text[content].split(whereSeparator: \.properties.isWhitespace)
        guard words.count == 2, words.allSatisfy({ !$0.contains("=") }) else {
            throw error(at: start, "a set-delimiter tag has two delimiters without '=' in them, as in {{=<% %>=}}")
        }
        return .delimiters(Array(words[0]), Array(words[1]))
    }

    private func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
