import Foundation
import Rotation
import Testing

@Suite struct FingerprintTests {
    @Test func readsSixteenLowerCaseHexDigits() {
        #expect(Fingerprint(hex: "0123456789abcdef")?.description == "0123456789abcdef")
    }

    @Test(arguments: [
        "", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg", " 123456789abcdef",
        "０123456789abcde",
    ])
    func refuses(text: String) {
        #expect(Fingerprint(hex: text) == nil)
    }

    @Test func isCodedAsItsDigits() throws {
        let data = try JSONEncoder().encode([fingerprint(0xabc)])
        #expect(String(bytes: data, encoding: .utf8) == #"["0000000000000abc"]"#)
        #expect(try JSONDecoder().decode([Fingerprint].self, from: data) == [fingerprint(0xabc)])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Fingerprint].self, from: Data(#"["0000000000000ABC"]"#.utf8))
        }
    }

    @Test func pairsAreReadAndWrittenByKeyType() {
        var pair = keys(1, 2)
        #expect(pair[.primary] == fingerprint(1))
        #expect(pair[.secondary] == fingerprint(2))
        pair[.secondary] = fingerprint(3)
        #expect(pair == keys(1, 3))
        #expect(pair.keyType(of: fingerprint(3)) == .secondary)
        #expect(pair.keyType(of: fingerprint(2)) == nil)
    }
}
