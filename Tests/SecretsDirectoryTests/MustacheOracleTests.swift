import SecretsDirectory
import Testing

@Suite struct MustacheOracleTests {
    @Test func agreesWithSwiftMustache() throws {
        let values = [
            "accessKey": "a+b/c=<&>", "version": "7", "name": "contoso", "keyType": "Primary", "host": "h",
        ]
        for seed in UInt64(0)..<3000 {
            var writer = TemplateWriter(seed: seed)
            let template = writer.template()
            let ours = try MustacheTemplate(template).render { values[$0.rawValue] }
            let theirs = try renderWithSwiftMustache(template, values)
            #expect(ours == theirs, "seed \(seed): \(template.debugDescription)")
        }
    }
}

/// Writes random templates of what both understand alike. Left out is where swift-mustache departs from the
/// specification: a section that begins alone on its line and does not end so (or the reverse), delimiters set inside a
/// section, triple tags with other delimiters, and blanks after a tag at the very end.
private struct TemplateWriter {
    private var random: SeededGenerator
    private var delimiters = ("{{", "}}")

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func template() -> String {
        var text = "."
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            text += "\n" + block(depth: 2)
            if pick([true, false, false, false]) { text += "\n" + indented(changeOfDelimiters()) }
        }
        return text + pick(["", "\n", "\nend", "\n\n"])
    }

    private mutating func block(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 5 : 3), using: &random) {
        case 0: return line()
        case 1: return indented(tag("!", pick([" note ", " two\nlines ", "x"])))
        case 2: return line() + pick(["\n", "\r\n"]) + line()
        default:
            let name = variable()
            let inner = (0..<Int.random(in: 0...2, using: &random)).map { _ in block(depth: depth - 1) + "\n" }.joined()
            return indented(tag(pick(["#", "^"]), name)) + pick(["", " ", "\t"]) + "\n" + inner
                + indented(tag("/", name))
        }
    }

    private mutating func line() -> String {
        let parts = (0..<Int.random(in: 0...4, using: &random)).map { _ in inline() }
        return pick(["", " ", "  \t"]) + "x" + parts.joined() + pick(["y", "", " "])
    }

    private mutating func inline() -> String {
        switch Int.random(in: 0..<7, using: &random) {
        case 0: return tag("", variable())
        case 1: return tag("&", " " + variable())
        case 2: return delimiters.0 == "{{" ? "{{{" + variable() + "}}}" : "plain"
        case 3: return tag("!", "c")
        case 4:
            let name = variable()
            return tag(pick(["#", "^"]), name) + "z" + tag("", variable()) + pick(["", " "]) + tag("/", name) + "w"
        default: return pick([" ", "text", "é🔑", "=", "\"", "$`\\", "&#x3D;"])
        }
    }

    private mutating func changeOfDelimiters() -> String {
        let old = delimiters
        delimiters = pick([("{{", "}}"), ("<%", "%>"), ("[[", "]]")])
        return "\(old.0)=\(delimiters.0) \(delimiters.1)=\(old.1)"
    }

    private func tag(_ sigil: String, _ content: String) -> String {
        delimiters.0 + sigil + content + delimiters.1
    }

    private mutating func variable() -> String {
        pick(["accessKey", "version", "name", "keyType", "host", "previousAccessKey", "nextRotation"])
    }

    private mutating func indented(_ text: String) -> String {
        pick(["", " ", "\t", "   "]) + text
    }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }
}
