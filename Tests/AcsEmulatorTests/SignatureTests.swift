import Crypto
import FoundationEssentials
import Testing

@testable import AcsEmulator

@Suite struct SignatureTests {
    private static let key88 = SymmetricKey(data: Data(0..<64))
    private static let key84 = SymmetricKey(data: Data(0..<63))

    /// From azure-sdk-for-js, communicationKeyCredentialPolicy.spec.ts.
    @Test(arguments: [
        ("/testPath?testQuery=test", "DGdgwggJWnQyc6EHjR/Vbqg1ES64KpD6U2XwTDDj3tU="),
        ("/testPath", "+6tWkg3lNKVjQHHmxkdGQcJjUgzclsWTMebnuCz1ngU="),
    ])
    func `signs as the JavaScript SDK does`(target: String, expected: String) {
        let signature = DataPlaneSignature(
            method: "GET", target: target, date: "Wed, 13 Apr 2022 18:09:12 GMT", host: "example.com",
            contentHash: DataPlaneSignature.contentHash(of: []))
        #expect(signature.signature(with: SymmetricKey(data: [0xa7])) == expected)
    }

    /// From a run of the Python SDK's policy with these inputs.
    @Test(arguments: [
        (
            "GET", "/rooms?api-version=2025-03-13", "", "N5z8//kL4kc2ys986qF3SSMz8C2kJHW0PzbbIr3nVMo=",
            "XAe0BDobzUmN9hWTZN+xEAEu1ql8rrrxsW8WVL5hLhE="
        ),
        (
            "GET", "/rooms?api-version=2023-06-14", "", "65g34vnUHdC2fu2edOUa+oqYAWSLpqGKIw+0myewAm4=",
            "/fN7c1OW18W5kuZYmnyAh6AbbqkJ/u5jF14tpEvnI/0="
        ),
        (
            "GET", "/phoneNumbers?skip=0&top=1&api-version=2025-06-01", "",
            "QYWbaPWp00JX9NJ78KkxNdtw24ylhpsm+vx+H876Vk0=", "+AMfVwjEC+wsOAjyZu6ruNQLfxmkE2ivHfB49aWQi8c="
        ),
        (
            "POST", "/identities?api-version=2023-10-01", #"{"createTokenWithScopes":["chat"]}"#,
            "ya1cLnUrcOQWsvYRSekY6acJLCowypL/Z+QZ8y9u76g=", "c2Txofd2Ge/koufs8CVS2IKpniuk4/A+dMowzWX5dtE="
        ),
    ])
    func `signs as the Python SDK does`(
        method: String, target: String, body: String, with88: String, with84: String
    ) {
        let signature = DataPlaneSignature(
            method: method, target: target, date: "Mon, 02 Mar 2026 01:02:03 GMT",
            host: "contoso.unitedstates.communication.azure.com",
            contentHash: DataPlaneSignature.contentHash(of: Array(body.utf8)))
        #expect(signature.signature(with: Self.key88) == with88)
        #expect(signature.signature(with: Self.key84) == with84)
        #expect(signature.isSigned(by: with84, with: Self.key84))
        #expect(!signature.isSigned(by: with84, with: Self.key88))
        #expect(!signature.isSigned(by: "no base64!", with: Self.key84))
    }

    @Test(arguments: [
        ("", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ("banana", "tJPUg2Sv5E0RwBZc9HCkFk0eJgmRHvmYvoaNRq3j3k4="),
        ("😀", "8EQ6NCxe9UeDoRG1G6Vsk45HTDIyTZDDpgycjjo34tk="),
    ])
    func `hashes bodies as the SDKs do`(body: String, expected: String) {
        #expect(DataPlaneSignature.contentHash(of: Array(body.utf8)) == expected)
    }

    @Test func `an authorization header is read back`() throws {
        let parsed = try #require(
            DataPlaneSignature.parse(
                authorization: "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=ab+/cd=="))
        #expect(parsed.signedHeaders == "x-ms-date;host;x-ms-content-sha256")
        #expect(parsed.signature == "ab+/cd==")
        #expect(DataPlaneSignature.parse(authorization: "Bearer x") == nil)
        #expect(DataPlaneSignature.parse(authorization: "HMAC-SHA256 Signature=x") == nil)
    }

    @Test(arguments: [
        (1_577_840_460.0, "Wed, 01 Jan 2020 01:01:00 GMT"), (1_709_168_460, "Thu, 29 Feb 2024 01:01:00 GMT"),
        (1_772_413_323, "Mon, 02 Mar 2026 01:02:03 GMT"),
    ])
    func `dates are written and read as HTTP has them`(seconds: Double, text: String) {
        #expect(HTTPDate.text(Date(timeIntervalSince1970: seconds)) == text)
        #expect(HTTPDate.parse(text) == Date(timeIntervalSince1970: seconds))
    }

    @Test(arguments: [
        "", "Mon, 02 Mar 2026", "Tue, 02 Mar 2026 01:02:03 GMT", "Mon, 02 Mar 2026 24:02:03 GMT",
        "Mon, 2 Mar 2026 01:02:03 GMT", "Sun, 30 Feb 2026 01:02:03 GMT", "2026-03-02T01:02:03Z",
    ])
    func `other dates are refused`(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }
}
