import Crypto
import FoundationEssentials
import KeyMaterial
import Rotation
import Testing

struct AccessKeyTests {
    static func key(bytes count: Int, from first: UInt8 = 0) -> String {
        Data((0..<count).map { UInt8(truncatingIfNeeded: $0) &+ first }).base64EncodedString()
    }

    @Test(arguments: [(32, 44), (63, 84), (64, 88), (128, 172)])
    func `base64 of 32 bytes or more`(bytes: Int, length: Int) {
        let text = Self.key(bytes: bytes)
        #expect(text.utf8.count == length)
        #expect(AccessKey(text) != nil)
    }

    @Test(arguments: ["", "pw==", key(bytes: 31), "not base64 at all, but long enough to be a key of forty-eight"])
    func `not a key`(text: String) {
        #expect(AccessKey(text) == nil)
    }

    @Test
    func `nearly a key`() {
        let key = Self.key(bytes: 64)
        #expect(AccessKey(" " + key) == nil)
        #expect(AccessKey(key + "\n") == nil)
        #expect(AccessKey(String(key.dropLast())) == nil)
        #expect(AccessKey(key.replacing("+", with: "-")) == nil)
    }

    @Test
    func `the fingerprint is the start of SHA-256 over the text`() throws {
        let text = Self.key(bytes: 64)
        let hex = SHA256.hash(data: Data(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
        let key = try #require(AccessKey(text))
        #expect(key.fingerprint.hex == String(hex.prefix(16)))
        #expect(AccessKey(Self.key(bytes: 64, from: 1))?.fingerprint != key.fingerprint)
        #expect(Fingerprint(hex: key.fingerprint.hex) == key.fingerprint)
    }

    @Test
    func `the signing key is the decoded base64`() throws {
        let key = try #require(AccessKey(Self.key(bytes: 63)))
        let bytes = key.withSigningKey { $0.withUnsafeBytes { Array($0) } }
        #expect(bytes == (0..<63).map { UInt8($0) })
    }

    @Test
    func `printing a key shows nothing`() throws {
        let text = Self.key(bytes: 64)
        let key = try #require(AccessKey(text))
        var dumped = ""
        dump(key, to: &dumped)
        for output in ["\(key)", String(reflecting: key), dumped] { #expect(!output.contains(text.prefix(8))) }
    }
}
