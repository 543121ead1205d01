import FoundationEssentials
import Rotation
import Testing

@testable import KeyturnConfig

@Suite struct SchemaTests {
    private func configuration(_ text: String) throws -> Configuration {
        let result = Configuration.parse([ConfigurationSource(path: "a.yaml", text: text)], in: .sample)
        return try #require(result.configuration, "\(text)\n\(result.diagnostics)")
    }

    /// Each setting's default, as the schema names it, written out.
    private func defaults(_ shape: MappingShape, _ write: (String) -> String) throws {
        let settings = shape.settings.filter { $0.standard != nil }
        #expect(!settings.isEmpty)
        for setting in settings {
            let standard = try #require(setting.standard).json().replacing("\n", with: "")
            let written = try configuration(write("\(setting.key): \(standard)"))
            #expect(try written == configuration(write("")), "\(setting.key)")
        }
    }

    @Test func `a default that is written out changes nothing`() throws {
        try defaults(AzureSection.shape) { "azure: {\($0)}\n\(Samples.minimal)" }
        try defaults(AzureSection.subscriptionWritesShape) {
            "azure: {subscriptionWrites: {\($0)}}\n\(Samples.minimal)"
        }
        try defaults(AzureSection.timeoutsShape) { "azure: {timeouts: {\($0)}}\n\(Samples.minimal)" }
        try defaults(DirectorySections.stateShape) { "state: {\($0)}\n\(Samples.minimal)" }
        try defaults(DirectorySections.secretsShape) { "secrets: {\($0)}\n\(Samples.minimal)" }
        try defaults(DirectorySections.controlShape) { "control: {\($0)}\n\(Samples.minimal)" }
        let policy = { (inner: String) in
            Samples.minimal.replacing("every: 30d", with: "every: 30d, maxAge: 60d, \(inner)")
        }
        try defaults(PolicySection.shape, policy)
        try defaults(PolicySection.verificationShape) { policy("verify: {\($0)}") }
    }

    @Test func `every setting has a sentence that says what it is`() {
        func look(_ value: ValueShape) {
            switch value {
            case .mapping(let shape): look(shape)
            case .list(let item, _): look(item)
            case .named(let item, _, _): look(item)
            case .kinds(_, _, let kinds): for kind in kinds { look(kind.shape) }
            case .any(let values): for value in values { look(value) }
            case .text, .timeSpan, .boolean, .integer, .words, .nothing, .word: break
            }
        }
        func look(_ shape: MappingShape) {
            #expect(Set(shape.keys).count == shape.keys.count)
            for setting in shape.settings {
                #expect(setting.summary.hasSuffix(".") && setting.summary.count > 8, "\(setting.key)")
                look(setting.value)
            }
            for key in Array(shape.alternatives.joined().joined()) + Array(shape.exclusive.joined()) {
                #expect(shape.keys.contains(key), "\(key)")
            }
        }
        look(ConfigurationShape.file)
        #expect(Set(ConfigurationShape.dropIn.keys).isSubset(of: ConfigurationShape.file.keys))
    }

    @Test func `the starter is the shipped file, and good`() throws {
        let shipped = try String(contentsOf: Corpus.repository.appending(path: "config/keyturn.yaml"), encoding: .utf8)
        #expect(StarterFile.text == shipped)
        #expect(StarterFile.text.hasPrefix("# yaml-language-server: $schema=\(ConfigurationSchema.installedPath)\n"))
        #expect(try StarterFile.text(resources: []) == shipped)
        #expect(try configuration(shipped).resources.map(\.name) == ["contoso-sms"])
    }

    @Test func `resources of one's own stand in the starter`() throws {
        func id(_ group: String, _ name: String) -> String {
            "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/\(group)"
                + "/providers/Microsoft.Communication/communicationServices/\(name)"
        }
        let ids = [id("prod", "sms"), id("test", "SMS"), id("prod", "mail"), id("a(b)", "-x-")]
        let configuration = try configuration(StarterFile.text(resources: ids))
        #expect(configuration.resources.map(\.id.description) == ids)
        #expect(configuration.resources.map(\.name) == ["prod-sms", "test-SMS", "mail", "x-"])
        #expect(configuration.resources.allSatisfy { $0.reload.isEmpty })
        #expect(try configurationNames([id("a-b", "c"), id("a", "B-c")]) == ["c", "B-c"])
        #expect(try configurationNames([id("a", "c"), id("b", "c"), id("x", "a-c")]) == ["a-c", "b-c", "a-c-2"])
        #expect(throws: StarterFile.Problem.self) { try StarterFile.text(resources: [ids[0], ids[0].uppercased()]) }
        #expect(throws: StarterFile.Problem.self) { try StarterFile.text(resources: ["contoso-sms"]) }
    }

    private func configurationNames(_ ids: [String]) throws -> [String] {
        try configuration(StarterFile.text(resources: ids)).resources.map(\.name)
    }
}
