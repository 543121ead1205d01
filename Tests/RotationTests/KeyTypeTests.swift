import Rotation
import Testing

@Suite struct KeyTypeTests {
    @Test(arguments: [
        ("Primary", KeyType.primary), ("primary", .primary), ("PRIMARY", .primary), ("secondary", .secondary),
        ("sEcOnDaRy", .secondary),
    ])
    func readsAnyCase(text: String, keyType: KeyType) {
        #expect(KeyType(anyCase: text) == keyType)
    }

    @Test(arguments: ["", "prim", "PrimaryKey", " primary", "tertiary", "primary\n"])
    func refuses(text: String) {
        #expect(KeyType(anyCase: text) == nil)
    }

    @Test func isSentCapitalised() {
        #expect(KeyType.allCases.map(\.description) == ["Primary", "Secondary"])
    }

    @Test func otherIsTheOther() {
        for keyType in KeyType.allCases {
            #expect(keyType.other != keyType)
            #expect(keyType.other.other == keyType)
        }
    }
}
