import KeyturnConfig
import Testing

@Suite struct LimitTests {
    private func parse(_ text: String) -> ConfigurationResult {
        Configuration.parse([ConfigurationSource(path: "a.yaml", text: text)], in: .sample)
    }

    @Test func refusesMoreThanAMebibyte() {
        let comment = "\n" + String(repeating: "#", count: (1 << 20) - 1 - Samples.minimal.utf8.count)
        #expect(parse(Samples.minimal + comment).configuration != nil)
        let result = parse(Samples.minimal + comment + "#")
        #expect(result.configuration == nil)
        #expect(
            Corpus.text(result.diagnostics)
                == "a.yaml:1:1: error: the file is larger than 1048576 bytes (1 MiB)\n")
    }

    @Test func refusesHugeTemplates() {
        let file = "\n    files:\n      - name: a\n        template: "
        #expect(parse(Samples.minimal + file + String(repeating: "x", count: 65_536)).configuration != nil)
        let result = parse(Samples.minimal + file + String(repeating: "x", count: 65_537))
        #expect(
            Corpus.text(result.diagnostics)
                == "a.yaml:9:19: error: template has 65537 bytes; the limit is 65536 (64 KiB)\n")
    }

    @Test func stopsListingErrors() {
        let result = parse("policies:\n" + (0..<250).map { "  p\($0): {evry: 30d}\n" }.joined())
        #expect(result.configuration == nil)
        #expect(result.diagnostics.count == 201)
        #expect(result.diagnostics.last?.message == "301 more problems are not shown")
    }

    @Test func manyWarningsAreNoError() {
        let policies = (0..<250).map { "  p\($0): {every: 30d}\n" }.joined()
        let resource = Samples.minimal.split(separator: "\n").dropFirst().joined(separator: "\n")
        let result = parse("policies:\n  monthly: {every: 30d}\n" + policies + resource)
        #expect(result.configuration != nil)
        #expect(result.diagnostics.count == 201)
        #expect(result.diagnostics.allSatisfy { $0.severity == .warning })
    }

    @Test(arguments: ["[", "{", "- ", "? ", "[[", "{a: ", "&a [", "!a ", "\"", "'", "|", "a: ", "*a ", "%", "---\n"])
    func survivesAMebibyteOf(_ token: String) {
        let result = parse(String(repeating: token, count: (1 << 20) / token.utf8.count))
        #expect(result.configuration == nil)
        #expect(result.diagnostics.contains { $0.severity == .error })
        #expect(result.diagnostics.count <= 201)
    }

    @Test func survivesLongKeysAndValues() {
        let long = String(repeating: "k", count: 500_000)
        let result = parse("\(long.prefix(1000)): \(long)\n? \(long)\n: 1\n")
        #expect(result.configuration == nil)
        #expect(result.diagnostics.allSatisfy { $0.description.utf8.count < 400 })
    }

    @Test func manyResourcesAreFine() throws {
        let resources = (0..<3000).map { index in
            """
              - name: r\(index)
                subscription: 00000000-0000-4000-8000-000000000001
                resourceGroup: messaging
                policy: monthly

            """
        }
        let result = parse("policies: {monthly: {every: 30d}}\nresources:\n" + resources.joined())
        #expect(result.diagnostics.isEmpty)
        #expect(try #require(result.configuration).resources.count == 3000)
    }
}
