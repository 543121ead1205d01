import FoundationEssentials
import KeyturnConfig
import Rotation
import Testing

/// The files in `config/`.
@Suite struct ShippedFilesTests {
    private func parse(_ name: String, path: String? = nil) throws -> ConfigurationResult {
        let url = Corpus.repository.appending(path: "config/\(name)")
        return Configuration.parse(
            [ConfigurationSource(path: path ?? name, bytes: Array(try Data(contentsOf: url)))], in: .sample)
    }

    @Test func productionFileIsGood() throws {
        let result = try parse("keyturn.yaml")
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics)")
        #expect(try #require(result.configuration).resources.count == 1)
    }

    /// The settings that the production file shows in comments are the defaults, as it says.
    @Test func productionFileShowsTheDefaults() throws {
        let url = Corpus.repository.appending(path: "config/keyturn.yaml")
        let text = try String(contentsOf: url, encoding: .utf8)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let shown = ["mode", "verify", "settle", "retire", "retry", "driftCheck"]
        var found = 0
        for index in lines.indices {
            if shown.contains(where: { lines[index].hasPrefix("    # \($0): ") }) {
                lines[index] = "    " + lines[index].dropFirst(6)
            } else if ["subscriptionWrites", "timeouts"].contains(where: { lines[index].hasPrefix("  # \($0): ") }) {
                lines[index] = "  " + lines[index].dropFirst(4)
            } else {
                continue
            }
            found += 1
        }
        #expect(found == shown.count + 2)
        let source = ConfigurationSource(path: "keyturn.yaml", text: lines.joined(separator: "\n"))
        let result = Configuration.parse([source], in: .sample)
        #expect(try #require(result.configuration) == #require(try parse("keyturn.yaml").configuration))
    }

    @Test func demoFileIsGood() throws {
        let result = try parse("demo.yaml", path: "/src/config/demo.yaml")
        #expect(!result.diagnostics.contains { $0.severity == .error }, "\(result.diagnostics)")
        let configuration = try #require(result.configuration)
        #expect(configuration.resources.map(\.name) == ["contoso-sms", "contoso-mail", "contoso-voice"])
        #expect(configuration.resources.allSatisfy { $0.id.resourceGroup == "demo" && $0.id.name == $0.name })
        #expect(configuration.resources.allSatisfy { $0.policy.every <= .seconds(10) })
        #expect(configuration.resources.contains { !$0.run.isEmpty })
        #expect(configuration.resources.contains { !$0.files.isEmpty })
        #expect(configuration.state.directory == "/src/.demo/state")
        #expect(configuration.secrets.directory == "/src/.demo/secrets")
        #expect(configuration.control.socket == "/src/.demo/control.sock")
    }
}
