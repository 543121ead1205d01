import Rotation
import Testing

@testable import KeyturnCommands

@Suite struct DiscoveredNamesTests {
    private static func id(_ name: String, _ group: String = "prod", _ last: String = "1") throws -> ResourceID {
        try ResourceID(
            subscription: "0000000\(last)-0000-0000-0000-000000000000", resourceGroup: group, name: name)
    }

    @Test func `a name is as short as it can be`() throws {
        let ids = [
            try Self.id("sms"), try Self.id("mail", "prod"), try Self.id("mail", "test"),
            try Self.id("chat", "prod", "1"), try Self.id("chat", "prod", "2"),
        ]
        #expect(
            DiscoveredNames.unique(ids, taken: []) == [
                "sms", "prod-mail", "test-mail", "00000001-prod-chat", "00000002-prod-chat",
            ])
    }

    @Test func `a name that is taken is not given`() throws {
        #expect(DiscoveredNames.unique([try Self.id("sms")], taken: ["sms"]) == ["prod-sms"])
        #expect(
            DiscoveredNames.unique([try Self.id("sms")], taken: ["sms", "prod-sms", "00000001-prod-sms", "sms-2"])
                == ["sms-3"])
    }

    @Test func `a name is never too long, and none is there twice`() throws {
        let long = String(repeating: "a", count: 63)
        let ids = try ["1", "2", "3"].map { try Self.id(long, "prod", $0) }
        let names = DiscoveredNames.unique(ids, taken: [])
        #expect(Set(names).count == 3)
        #expect(names.allSatisfy { $0.count <= 63 })
    }

    @Test(arguments: [
        ("contoso-sms", "contoso-sms"), ("42", "'42'"), ("true", "'true'"), ("Null", "'Null'"), ("0x1", "'0x1'"),
        ("-a", "'-a'"), ("a: b", "'a: b'"), ("a'b", "'a''b'"), ("", "''"),
        ("/subscriptions/a/g(1)", "/subscriptions/a/g(1)"),
    ])
    func `what YAML would take for something else is quoted`(text: String, scalar: String) {
        #expect(DiscoveredServices.scalar(text) == scalar)
    }
}
