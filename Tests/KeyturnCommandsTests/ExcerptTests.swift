import Testing

@testable import KeyturnCommands

@Suite struct ExcerptTests {
    @Test func `the caret stands below the place`() {
        #expect(Excerpt.text("    evry: 30d", number: 7, column: 5) == "    7 |     evry: 30d\n      |     ^")
        #expect(Excerpt.text("ä: ☃ x", number: 123456, column: 6) == "123456 | ä: ☃ x\n       |      ^")
        #expect(Excerpt.text("a:\tb", number: 1, column: 4) == "    1 | a: b\n      |    ^")
    }

    @Test func `the end of a line can be the place`() {
        #expect(Excerpt.text("a:", number: 1, column: 9) == "    1 | a:\n      |   ^")
        #expect(Excerpt.text("", number: 1, column: 1) == nil)
    }

    @Test func `a long line is cut around the place`() throws {
        let line = String(repeating: "a", count: 150) + "X" + String(repeating: "b", count: 150)
        let lines = try #require(Excerpt.text(line, number: 1, column: 151)).split(separator: "\n")
        #expect(lines[0].count < 120 && lines[0].contains("…a") && lines[0].hasSuffix("b…"))
        let place = try #require(lines[1].firstIndex(of: "^"))
        let offset = lines[1].distance(from: lines[1].startIndex, to: place)
        #expect(lines[0].dropFirst(offset).first == "X")
    }

    @Test(arguments: [
        ("  clientSecret: hunter2", "  clientSecret: …"), ("  clientSecretFile: ./x", nil),
        ("  certificatePassword: hunter2", "  certificatePassword: …"), ("  clientSecretCredential: x", nil),
        ("secrets: {mode: 0640}", nil), ("  accessKey: abc", "  accessKey: …"),
        ("  value: endpoint=https://x/;accesskey=abc", "  value: …"), ("  clientSecret:", nil),
    ])
    func `a secret that does not belong there is not shown`(_ line: String, _ shown: String?) throws {
        let text = try #require(Excerpt.text(line, number: 1, column: 3))
        #expect(text.hasPrefix("    1 | \(shown ?? line)\n"), "\(text)")
    }
}
