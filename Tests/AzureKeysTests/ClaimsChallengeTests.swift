import FoundationEssentials
import KeyMaterial
import NIOHTTP1
import Rotation
import Testing

@testable import AzureKeys

@Suite(.timeLimit(.minutes(15)))
struct ClaimsChallengeTests {
    private static let claims = #"{"access_token":{"nbf":{"essential":true,"value":"1702682181"}}}"#
    private static let encoded = Data(claims.utf8).base64EncodedString()

    @Test(arguments: [
        #"Bearer realm="", authorization_uri="https://l.example/a", error="insufficient_claims", claims="CLAIMS""#,
        #"Bearer claims="CLAIMS", error="insufficient_claims""#,
        #"PoP realm="x, Bearer", nonce=abc, bearer error=insufficient_claims,claims="CLAIMS" , Basic realm="y""#,
        #"Bearer error_description="a \" quote, claims=no", error = "insufficient_claims", claims = "CLAIMS""#,
    ])
    func `challenges that ask for claims`(header: String) {
        for text in [Self.encoded, Self.encoded.filter { $0 != "=" }] {
            let headers: HTTPHeaders = ["WWW-Authenticate": header.replacing("CLAIMS", with: text)]
            #expect(ClaimsChallenge.read(headers) == Self.claims)
        }
    }

    @Test
    func `a challenge in a header of its own`() {
        let headers = HTTPHeaders([
            ("WWW-Authenticate", "Basic realm=x"),
            ("WWW-Authenticate", #"Bearer error="insufficient_claims", claims="\#(Self.encoded)""#),
        ])
        #expect(ClaimsChallenge.read(headers) == Self.claims)
    }

    @Test(arguments: [
        "", "Bearer", #"Bearer error="invalid_token", claims="CLAIMS""#, #"Bearer error="insufficient_claims""#,
        #"Basic error="insufficient_claims", claims="CLAIMS""#, #"Bearer error="insufficient_claims", claims="?""#,
        #"Bearer error="insufficient_claims", claims="W10=""#, #"Bearer error="insufficient_claims", claims="LONG""#,
        #"Bearer error="insufficient_claims", claims="CLAIMS"#, #"error="insufficient_claims", claims="CLAIMS""#,
        "\"", "=,=\"", "Bearer =",
    ])
    func `others do not, and nothing else is made of them`(header: String) {
        let long = Data((#"{"a":""# + String(repeating: "x", count: 9000) + "\"}").utf8).base64EncodedString()
        let text = header.replacing("CLAIMS", with: Self.encoded).replacing("LONG", with: long)
        let expected = header.hasSuffix("CLAIMS") ? Self.claims : nil
        #expect(ClaimsChallenge.read(["WWW-Authenticate": text]) == expected)
    }

    @Test
    func `claims are joined with what this client understands`() {
        let capability = #""xms_cc":{"values":["CP1"]}"#
        #expect(ClaimsChallenge.merged(nil) == #"{"access_token":{\#(capability)}}"#)
        #expect(
            ClaimsChallenge.merged(Self.claims)
                == #"{"access_token":{"nbf":{"essential":true,"value":"1702682181"},\#(capability)}}"#)
        #expect(
            ClaimsChallenge.merged(#"{"id_token":{"n":[1,2.5,null,true]}}"#)
                == #"{"access_token":{\#(capability)},"id_token":{"n":[1,2.5,null,true]}}"#)
        #expect(ClaimsChallenge.merged("nonsense") == ClaimsChallenge.merged(nil))
    }

    @Test
    func `the claims of a challenge are asked for once`() async throws {
        let challenge = #"Bearer error="insufficient_claims", claims="\#(Self.encoded)""#
        try await Fixture.run { request in
            request.headers["authorization"] == ["Bearer \(FakeTokens.text(1))"]
                ? .answer(401, "{}", headers: ["WWW-Authenticate": challenge]) : .answer(200, request.keys().listing)
        } _: { fixture in
            try await fixture.listKeys()
            #expect(fixture.tokens.claims == [nil, Self.claims])
            let token = try await fixture.clients.tokens.token()
            fixture.clients.tokens.invalidate(token)
            try await fixture.listKeys()
            #expect(fixture.tokens.claims == [nil, Self.claims, nil])
        }
    }

    @Test
    func `claims wait for a token service that is away`() async throws {
        let challenge = #"Bearer error="insufficient_claims", claims="\#(Self.encoded)""#
        try await Fixture.run { request in
            request.headers["authorization"] == ["Bearer \(FakeTokens.text(1))"]
                ? .answer(401, "{}", headers: ["WWW-Authenticate": challenge]) : .answer(200, request.keys().listing)
        } _: { fixture in
            _ = try await fixture.clients.tokens.token()
            fixture.tokens.fail(with: Failure(.unreachable, "away"))
            #expect(await fixture.listKeysFailure()?.detail == "away")
            #expect(await fixture.listKeysFailure()?.detail == "away")
            #expect(fixture.tokens.claims == [nil, Self.claims, Self.claims])
        }
    }
}
