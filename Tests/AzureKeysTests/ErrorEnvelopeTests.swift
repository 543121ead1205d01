import FoundationEssentials
import KeyMaterial
import NIOCore
import Testing

@testable import AzureKeys

struct ErrorEnvelopeTests {
    private static func envelope(_ text: String, without secrets: [Secret] = []) -> ErrorEnvelope {
        ErrorEnvelope(ByteBuffer(string: text), without: secrets)
    }

    @Test(arguments: [
        #"{"error":{"code":"C","message":"M","details":[{"code":"x"}]}}"#, #"{"Error":{"Code":"C","Message":"M"}}"#,
        #"{"code":"C","message":"M"}"#, #"{"CODE":"C","MESSAGE":"M"}"#, #"{"error":"C","error_description":"M"}"#,
        "\u{feff}{\"error\":{\"code\":\"C\",\"message\":\"M\"}}",
    ])
    func `the shapes of an error`(text: String) {
        let envelope = Self.envelope(text)
        #expect(envelope.code == "C")
        #expect(envelope.message == "M")
        #expect(envelope.text == "C: M")
    }

    @Test(arguments: ["", "<html>", "[]", "null", "{}", #"{"error":null}"#, #"{"error":{"code":5}}"#, "\u{0}"])
    func `no error in it`(text: String) {
        #expect(Self.envelope(text).text == nil)
    }

    @Test
    func `long messages are cut and stay on one line`() throws {
        let envelope = Self.envelope(
            #"{"code":"C","message":"a\nb\tc\u001b[31m \#(String(repeating: "word ", count: 200))"}"#)
        let message = try #require(envelope.message)
        #expect(message.count == 801)
        #expect(message.hasPrefix("a b c[31m word"))
    }

    @Test(arguments: 32...96)
    func `whatever looks like a key goes`(bytes: Int) {
        let key = Data((0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }).base64EncodedString()
        for text in ["the key '\(key)' is bad", "key=\(key);x", "Bearer \(key)", "\"\(key)\"", key] {
            #expect(!Redaction.clean(text).contains(key.prefix(12)))
        }
    }

    @Test
    func `tokens and known secrets go`() {
        let token = "eyJ0eXAi.\(TestKeys.key(3)).\(TestKeys.key(9))"
        #expect(Redaction.clean("token \(token)!") == "token <redacted>!")
        #expect(Redaction.clean("pw is hunter2.", without: [Secret("hunter2")]) == "pw is <redacted>.")
        #expect(Redaction.clean("nothing", without: [Secret("")]) == "nothing")
    }

    @Test(arguments: [
        "The client 'a' with object id '8f1c3c1e-7c55-4a8e-9d5b-0f1e2d3c4b5a'.",
        "action 'Microsoft.Communication/communicationServices/regenerateKey/action' over scope",
        "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Communication/c/n'",
        "Number of 'read' requests for subscription '11111111-2222-3333-4444-555555555555' exceeded. Try after 5 s.",
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    ])
    func `what helps an operator stays`(text: String) {
        #expect(Redaction.clean(text) == text)
    }

    @Test
    func `percent encoding`() {
        #expect("a b/c~ü(1)".percentEncoded == "a%20b%2Fc~%C3%BC%281%29")
    }
}
