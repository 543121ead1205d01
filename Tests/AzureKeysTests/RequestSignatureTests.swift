import AzureKeys
import Crypto
import FoundationEssentials
import KeyMaterial
import Testing

@testable import AzureKeys

/// Vectors of the Azure SDKs' own tests, and others made by running the Python SDK's policy.
struct RequestSignatureTests {
    private static func key(_ base64: String) throws -> SymmetricKey {
        SymmetricKey(data: try #require(Data(base64Encoded: base64)))
    }

    @Test(arguments: [
        ("/testPath?testQuery=test", "DGdgwggJWnQyc6EHjR/Vbqg1ES64KpD6U2XwTDDj3tU="),
        ("/testPath", "+6tWkg3lNKVjQHHmxkdGQcJjUgzclsWTMebnuCz1ngU="),
    ])
    func `vectors of the JavaScript SDK`(pathAndQuery: String, expected: String) throws {
        let signature = RequestSignature(
            method: "GET", pathAndQuery: pathAndQuery, host: "example.com", date: "Wed, 13 Apr 2022 18:09:12 GMT",
            contentHash: RequestSignature.emptyContentHash)
        #expect(signature.signature(with: try Self.key("pw==")) == expected)
    }

    @Test
    func `hashes`() throws {
        #expect(RequestSignature.emptyContentHash == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
        #expect(RequestSignature.contentHash(of: "banana".utf8) == "tJPUg2Sv5E0RwBZc9HCkFk0eJgmRHvmYvoaNRq3j3k4=")
        #expect(RequestSignature.contentHash(of: "😀".utf8) == "8EQ6NCxe9UeDoRG1G6Vsk45HTDIyTZDDpgycjjo34tk=")
        let key = try Self.key("pw==")
        #expect(RequestSignature.hmac("banana", with: key) == "88EC05aAS9iXnaimtNO78JLjiPtfWryQB/5QYEzEsu8=")
        #expect(RequestSignature.hmac("😀", with: key) == "1rudJKjn2Zi+3hRrBG29wIF6pD6YyAeQR1ZcFtXoKAU=")
    }

    struct Vector: Sendable {
        var method = "GET"
        var pathAndQuery: String
        var body = ""
        var with64Bytes: String
        var with63Bytes: String
    }

    static let vectors = [
        Vector(
            pathAndQuery: "/rooms?api-version=2025-03-13",
            with64Bytes: "N5z8//kL4kc2ys986qF3SSMz8C2kJHW0PzbbIr3nVMo=",
            with63Bytes: "XAe0BDobzUmN9hWTZN+xEAEu1ql8rrrxsW8WVL5hLhE="),
        Vector(
            pathAndQuery: "/rooms?api-version=2023-06-14",
            with64Bytes: "65g34vnUHdC2fu2edOUa+oqYAWSLpqGKIw+0myewAm4=",
            with63Bytes: "/fN7c1OW18W5kuZYmnyAh6AbbqkJ/u5jF14tpEvnI/0="),
        Vector(
            pathAndQuery: "/phoneNumbers?skip=0&top=1&api-version=2025-06-01",
            with64Bytes: "QYWbaPWp00JX9NJ78KkxNdtw24ylhpsm+vx+H876Vk0=",
            with63Bytes: "+AMfVwjEC+wsOAjyZu6ruNQLfxmkE2ivHfB49aWQi8c="),
        Vector(
            method: "POST", pathAndQuery: "/identities?api-version=2023-10-01",
            body: #"{"createTokenWithScopes":["chat"]}"#,
            with64Bytes: "ya1cLnUrcOQWsvYRSekY6acJLCowypL/Z+QZ8y9u76g=",
            with63Bytes: "c2Txofd2Ge/koufs8CVS2IKpniuk4/A+dMowzWX5dtE="),
    ]

    @Test(arguments: vectors)
    func `vectors of the Python SDK`(vector: Vector) throws {
        let signature = RequestSignature(
            method: vector.method, pathAndQuery: vector.pathAndQuery,
            host: "contoso.unitedstates.communication.azure.com", date: "Mon, 02 Mar 2026 01:02:03 GMT",
            contentHash: RequestSignature.contentHash(of: vector.body.utf8))
        for (count, expected) in [(64, vector.with64Bytes), (63, vector.with63Bytes)] {
            let key = try #require(AccessKey(Data((0..<count).map { UInt8($0) }).base64EncodedString()))
            #expect(key.withSigningKey { signature.signature(with: $0) } == expected)
        }
    }

    @Test
    func `the authorization header`() throws {
        let signature = RequestSignature(
            method: "GET", pathAndQuery: "/testPath", host: "example.com", date: "Wed, 13 Apr 2022 18:09:12 GMT",
            contentHash: RequestSignature.emptyContentHash)
        #expect(
            signature.authorization(with: try Self.key("pw=="))
                == "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256"
                + "&Signature=+6tWkg3lNKVjQHHmxkdGQcJjUgzclsWTMebnuCz1ngU=")
    }

    @Test(arguments: ["", "rooms", "//host/x", "/a b", "/a#b", "/a\r\nb", "/ü"])
    func `probes that cannot be sent`(pathAndQuery: String) {
        #expect(ProbeRequest(pathAndQuery: pathAndQuery) == nil)
    }
}
