import KeyturnConfig
import Testing

/// Good files with random damage: whatever happens to one, the answer is a configuration or the places of its errors.
@Suite struct MutationTests {
    private static let snippets = [
        "\n", "\r\n", "\t", ": ", "- ", "{", "}", "[", "]", "\"", "'", "|\n", ">\n", "&a ", "*a", "!!int ", "<<: ",
        "? ", "#",
        "%YAML 1.1\n", "---\n", "...\n", "\u{2028}", "\u{feff}", "\0", "\\x00", "~", "0640", "99999999999999999999d",
        "every: 1s",
    ].map { Array($0.utf8) }

    /// The larger files cost more than they add.
    private static let originals = Corpus.good.flatMap(\.sources).map(\.bytes).filter { $0.count < 1000 }
    private static let everything = Corpus.good.first { $0.name == "everything" }?.sources.first?.bytes ?? []

    @Test(.timeLimit(.minutes(15))) func survivesDamage() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        var refused = 0
        for round in 0..<20_000 {
            var bytes = round % 20 == 0 ? Self.everything : try #require(Self.originals.randomElement(using: &random))
            for _ in 0..<Int.random(in: 1...3, using: &random) { Self.damage(&bytes, &random) }
            let result = Configuration.parse([ConfigurationSource(path: "a.yaml", bytes: bytes)], in: .sample)
            if let problem = Self.problem(result, bytes) {
                Issue.record("\(problem); round \(round) of seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
                return
            }
            refused += result.configuration == nil ? 1 : 0
        }
        #expect(refused > 2000, "seed \(seed)")
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = UInt8.random(in: 0 ... .max, using: &random)
        case 2: bytes.remove(at: place)
        case 3: bytes.insert(contentsOf: snippets.randomElement(using: &random) ?? [], at: place)
        case 4: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
        case 5: bytes.removeSubrange(place...)
        default:
            var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
            lines.swapAt(
                Int.random(in: 0..<lines.count, using: &random), Int.random(in: 0..<lines.count, using: &random))
            bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
        }
    }

    private static func problem(_ result: ConfigurationResult, _ bytes: [UInt8]) -> String? {
        let hasErrors = result.diagnostics.contains { $0.severity == .error }
        if hasErrors == (result.configuration != nil) { return "configuration and errors disagree" }
        let lines = 1 + bytes.count { $0 == UInt8(ascii: "\n") } + bytes.count { $0 == UInt8(ascii: "\r") }
        for diagnostic in result.diagnostics {
            if !(1...lines).contains(diagnostic.line) { return "there is no line \(diagnostic.line)" }
            if !(1...bytes.count + 1).contains(diagnostic.column) { return "there is no column \(diagnostic.column)" }
            if diagnostic.description.contains(where: \.isNewline) { return "two lines in '\(diagnostic)'" }
        }
        return nil
    }
}
