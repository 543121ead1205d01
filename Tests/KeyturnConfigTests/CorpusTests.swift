import FoundationEssentials
import KeyturnConfig
import Testing

@Suite struct CorpusTests {
    /// `KEYTURN_RECORD_CORPUS=1` writes what is said now beside each file, for review; the tests fail all the same.
    private static let records = ProcessInfo.processInfo.environment["KEYTURN_RECORD_CORPUS"] == "1"

    @Test func corpusIsThere() {
        #expect(Corpus.bad.count >= 100)
        #expect(Corpus.good.count >= 8)
    }

    @Test(arguments: Corpus.bad) func refuses(_ bad: CorpusCase) throws {
        let result = Configuration.parse(bad.sources, in: .sample)
        #expect(result.configuration == nil)
        #expect(result.diagnostics.contains { $0.severity == .error })
        try compare(result, bad)
    }

    @Test(arguments: Corpus.good) func accepts(_ good: CorpusCase) throws {
        let result = Configuration.parse(good.sources, in: .sample)
        #expect(result.configuration != nil)
        #expect(!result.diagnostics.contains { $0.severity == .error })
        try compare(result, good)
    }

    private func compare(_ result: ConfigurationResult, _ corpusCase: CorpusCase) throws {
        let said = Corpus.text(result.diagnostics)
        if Self.records, said != corpusCase.expected {
            try said.write(to: corpusCase.expectedURL, atomically: true, encoding: .utf8)
            Issue.record("recorded \(corpusCase.expectedURL.path)")
        } else {
            #expect(said == corpusCase.expected)
        }
    }

    @Test func saysNothingSecret() {
        for bad in Corpus.bad {
            #expect(!Corpus.text(Configuration.parse(bad.sources, in: .sample).diagnostics).contains("not-to-be-shown"))
        }
    }
}
