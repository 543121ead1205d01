import KeyMaterial
import Rotation
import Testing

struct ConnectionStringTests {
    private static let key = AccessKeyTests.key(bytes: 64)

    @Test(arguments: [
        "endpoint=https://contoso.communication.azure.com/;accesskey=\(key)",
        "Endpoint=https://contoso.communication.azure.com;AccessKey=\(key)",
        "accesskey=\(key);endpoint=https://contoso.communication.azure.com/",
        "endpoint=https://contoso.communication.azure.com/;accesskey=\(key);",
    ])
    func `good`(text: String) throws {
        let connectionString = try ConnectionString(text)
        #expect(connectionString.endpoint == "https://contoso.communication.azure.com")
        #expect(connectionString.accessKey == AccessKey(Self.key))
        #expect(connectionString.fingerprint == AccessKey(Self.key)?.fingerprint)
        #expect(connectionString.secret.withExposedText { $0 } == text)
    }

    @Test
    func `a key keeps the equals signs at its end`() throws {
        #expect(Self.key.hasSuffix("=="))
        let connectionString = try ConnectionString("endpoint=https://h/;accesskey=\(Self.key)")
        #expect(connectionString.accessKey.secret.withExposedText { $0 } == Self.key)
    }

    @Test(arguments: [
        "", ";", "endpoint", "endpoint=https://h/", "accesskey=\(key)", "endpoint=h;accesskey=\(key)",
        "endpoint=ftp://h/;accesskey=\(key)", "endpoint=https://h/;accesskey=", "endpoint=https://h/;accesskey=short",
        "endpoint=https://h/;accesskey=\(key);accesskey=\(key)",
        "endpoint=https://h/;Endpoint=https://i/;accesskey=\(key)",
        "endpoint=https://h/;accesskey=\(key);junk", "endpoint=https://h/\n;accesskey=\(key)",
        "endpoint=https://h/ ;accesskey=\(key)", "endpoint=https://h/\";accesskey=\(key)",
        "endpoint=https://ü/;accesskey=\(key)",
        "endpoint=https://h\\/;accesskey=\(key)", "endpoint=https://h/\u{0};accesskey=\(key)",
    ])
    func `bad, and the message does not repeat it`(text: String) {
        let error = #expect(throws: ConnectionString.Malformed.self) { try ConnectionString(text) }
        #expect(error?.description.isEmpty == false)
        #expect(error?.description.contains(Self.key.prefix(8)) == false)
    }

    @Test
    func `printing shows no key`() throws {
        let connectionString = try ConnectionString("endpoint=https://h/;accesskey=\(Self.key)")
        var dumped = ""
        dump(connectionString, to: &dumped)
        for output in ["\(connectionString)", String(reflecting: connectionString), dumped] {
            #expect(!output.contains(Self.key.prefix(8)))
        }
    }

    @Test
    func `a listing by key type`() throws {
        let primary = try ConnectionString("endpoint=https://h/;accesskey=\(Self.key)")
        let secondary = try ConnectionString("endpoint=https://h/;accesskey=\(AccessKeyTests.key(bytes: 63, from: 5))")
        let listing = KeyListing(primary: primary, secondary: secondary, serverDate: nil)
        #expect(listing[.primary] == primary)
        #expect(listing[.secondary] == secondary)
        #expect(
            listing.fingerprints
                == KeyFingerprints(
                    primary: primary.fingerprint, secondary: secondary.fingerprint, endpoint: "https://h"))
        #expect(!"\(listing)".contains(Self.key.prefix(8)))
    }
}
