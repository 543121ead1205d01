import Foundation
import Rotation
import Testing

@Suite struct ResourceIDTests {
    private static let uuid = "01234567-89ab-CDEF-0123-456789abcdef"

    private static func text(_ group: String = "rg-one", _ name: String = "contoso-sms", _ subscription: String = uuid)
        -> String
    {
        "/subscriptions/\(subscription)/resourceGroups/\(group)"
            + "/providers/Microsoft.Communication/communicationServices/\(name)"
    }

    @Test func readsAndKeepsTheSpelling() throws {
        let id = try ResourceID(Self.text("RG-One", "Contoso_SMS-1"))
        #expect(id.subscription == Self.uuid)
        #expect(id.resourceGroup == "RG-One")
        #expect(id.name == "Contoso_SMS-1")
        #expect(id.description == Self.text("RG-One", "Contoso_SMS-1"))
    }

    @Test func fixedWordsInAnyCase() throws {
        let id = try ResourceID(Self.text().lowercased())
        #expect(id.description == Self.text("rg-one", "contoso-sms", Self.uuid.lowercased()))
    }

    @Test func comparedWithoutCase() throws {
        let one = try ResourceID(Self.text())
        let same = try ResourceID(Self.text().uppercased())
        let another = try ResourceID(Self.text("rg-two"))
        #expect(one == same)
        #expect(one.hashValue == same.hashValue)
        #expect(Set([one, same, another]).count == 2)
    }

    @Test(arguments: ["rg", "a", "A.b", "x_(y)-z.1", String(repeating: "g", count: 90), "größe"])
    func goodGroups(group: String) throws {
        #expect(try ResourceID(Self.text(group)).resourceGroup == group)
    }

    @Test(arguments: ["", "rg.", String(repeating: "g", count: 91), "r g", "rg%2F", "rg?"])
    func badGroups(group: String) {
        let error = #expect(throws: ResourceID.Malformed.self) { try ResourceID(Self.text(group)) }
        #expect(error?.description.contains("resource group") == true)
    }

    @Test(arguments: ["", String(repeating: "n", count: 64), "a.b", "ä", "a b", "a\n"])
    func badNames(name: String) {
        let error = #expect(throws: ResourceID.Malformed.self) { try ResourceID(Self.text("rg", name)) }
        #expect(error?.description.contains("name") == true)
    }

    @Test func longestName() throws {
        #expect(try ResourceID(Self.text("rg", String(repeating: "n", count: 63))).name.count == 63)
    }

    @Test(arguments: [
        "", "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdeg",
        "{01234567-89ab-cdef-0123-456789abcdef}", "01234567-89ab-cdef-0123456789abcdef-0",
    ])
    func badSubscriptions(subscription: String) {
        let error = #expect(throws: ResourceID.Malformed.self) { try ResourceID(Self.text("rg", "n", subscription)) }
        #expect(error?.description.contains("UUID") == true)
    }

    @Test func saysWhichWordIsWrong() {
        let text = Self.text().replacing("communicationServices", with: "emailServices")
        let error = #expect(throws: ResourceID.Malformed.self) { try ResourceID(text) }
        #expect(error?.description.contains("'emailServices' should be 'communicationServices'") == true)
    }

    @Test(arguments: [
        "", "contoso-sms", "/subscriptions/x", "//", text() + "/", text() + "/keys", String(text().dropFirst()),
    ])
    func otherShapes(text: String) {
        let error = #expect(throws: ResourceID.Malformed.self) { try ResourceID(text) }
        #expect(error?.description.contains("expected /subscriptions/UUID/") == true)
    }

    @Test func coded() throws {
        let id = try ResourceID(Self.text())
        #expect(try JSONDecoder().decode([ResourceID].self, from: JSONEncoder().encode([id])) == [id])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([ResourceID].self, from: Data(#"["contoso-sms"]"#.utf8))
        }
    }
}
