import KeyturnConfig
import Testing

@Suite struct TemplateFileTests {
    private func file(_ template: String, line: Int = 9) throws -> TemplateFile {
        let text = Samples.minimal + "\n    files:\n      - name: app.conf\n        template: " + template
        let result = Configuration.parse([ConfigurationSource(path: "a.yaml", text: text)], in: .sample)
        let file = try #require(result.configuration?.resources.first?.files.first, "\(result.diagnostics)")
        #expect(file.templateMark == SourceMark(file: "a.yaml", line: line, column: 19))
        return file
    }

    @Test(arguments: ["\n", "\r\n"]) func mapsBlocks(_ newline: String) throws {
        let file = try file(
            ["|  # comment", "", "          ä = 1", "            {{x}}", ""].joined(separator: newline))
        #expect(file.template == "\nä = 1\n  {{x}}\n")
        #expect(file.mark(templateLine: 1).line == 10)
        #expect(file.mark(templateLine: 2, column: 5) == SourceMark(file: "a.yaml", line: 11, column: 15))
        #expect(file.mark(templateLine: 3, column: 3) == SourceMark(file: "a.yaml", line: 12, column: 13))
    }

    @Test func mapsBlocksWithAnIndentationIndicator() throws {
        let file = try file("|2-\n            {{x}}\n          {{y}}")
        #expect(file.template == "  {{x}}\n{{y}}")
        #expect(file.mark(templateLine: 1, column: 3) == SourceMark(file: "a.yaml", line: 10, column: 13))
    }

    @Test func mapsLines() throws {
        #expect(
            try file("\"key={{x}}\"").mark(templateLine: 1, column: 5)
                == SourceMark(file: "a.yaml", line: 9, column: 24))
        #expect(
            try file("key={{x}}").mark(templateLine: 1, column: 5) == SourceMark(file: "a.yaml", line: 9, column: 23))
    }

    @Test(arguments: ["\"a\\nb{{x}}\"", ">\n          a\n          b {{x}}", "\"a\n          {{x}}\""])
    func namesTheTemplateWhereLinesAreNotKept(_ template: String) throws {
        let file = try file(template)
        #expect(file.mark(templateLine: 2, column: 2) == file.templateMark)
    }

    @Test func makesDiagnostics() throws {
        let diagnostic = try file("|\n          {{x").diagnostic("the tag is never closed", templateLine: 1, column: 1)
        #expect(diagnostic.description == "a.yaml:10:11: error: the tag is never closed")
    }

    @Test func isEqualWhereverItStands() throws {
        let moved = try file("|\n          x")
        let text = "# moved\n" + Samples.minimal + "\n    files: [{name: app.conf, template: \"x\"}]"
        let configuration = Configuration.parse([ConfigurationSource(path: "b.yaml", text: text)], in: .sample)
            .configuration
        #expect(try #require(configuration?.resources.first?.files.first) == moved)
    }
}
