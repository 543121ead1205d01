import FoundationEssentials
import KeyturnConfig
import Testing

/// The configuration files beside this one, with what is to be said about each.
struct CorpusCase: CustomTestStringConvertible, Sendable {
    let name: String
    /// Paths are relative to the directory of the case.
    let sources: [ConfigurationSource]
    let expectedURL: URL

    var testDescription: String { name }

    /// One diagnostic a line; no file is no diagnostic.
    var expected: String {
        (try? String(contentsOf: expectedURL, encoding: .utf8)) ?? ""
    }
}

enum Corpus {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let good = cases("good")
    static let bad = cases("bad")

    /// `x.yaml` with the files of `x.d`, if there is such a directory, as its drop-ins.
    private static func cases(_ group: String) -> [CorpusCase] {
        let directory = directory.appending(path: group)
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.sorted().map { file in
            let name = String(file.dropLast(".yaml".count))
            let dropIns = (try? FileManager.default.contentsOfDirectory(atPath: directory.path + "/\(name).d")) ?? []
            let paths = [file] + dropIns.sorted().map { "\(name).d/\($0)" }
            return CorpusCase(
                name: name, sources: paths.map { source(directory, $0) },
                expectedURL: directory.appending(path: "\(name).expected"))
        }
    }

    private static func source(_ directory: URL, _ path: String) -> ConfigurationSource {
        let data = (try? Data(contentsOf: directory.appending(path: path))) ?? Data()
        return ConfigurationSource(path: path, bytes: Array(data))
    }

    static func text(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map { "\($0)\n" }.joined()
    }
}
