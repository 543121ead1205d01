import AcsEmulator
import AsyncHTTPClient
import Crypto
import CryptoExtras
import FoundationEssentials
import NIOCore
import NIOHTTP1
import Testing

/// Assertions as Microsoft's libraries write them: padded base64url, and times with fractions of a second. What those
/// libraries send, the emulator has to take, as Azure does.
@Suite(.timeLimit(.minutes(15)))
struct ForeignAssertionTests {
    private static func base64URL(_ bytes: some Sequence<UInt8>, padded: Bool) -> String {
        let text = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        return padded ? text : String(text.prefix { $0 != "=" })
    }

    private static func assertion(
        _ certificate: TestCertificate, audience: String, client: String, padded: Bool, expiry: String
    ) throws -> String {
        let thumbprint = base64URL(SHA256.hash(data: certificate.der), padded: padded)
        let header = #"{"typ":"JWT","alg":"PS256","x5t#S256":"\#(thumbprint)"}"#
        let claims =
            #"{"jti":"\#(UUID())","aud":"\#(audience)","iss":"\#(client)","sub":"\#(client)","exp":\#(expiry)}"#
        let signed = "\(base64URL(header.utf8, padded: padded)).\(base64URL(claims.utf8, padded: padded))"
        let signature = try certificate.key.signature(for: SHA256.hash(data: Data(signed.utf8)), padding: .PSS)
        return "\(signed).\(base64URL(signature.rawRepresentation, padded: padded))"
    }

    private static func ask(
        _ emulator: RunningEmulator, _ assertion: String, host: String? = nil
    ) async throws -> (status: Int, text: String) {
        var request = HTTPClientRequest(url: "\(emulator.origin)/\(emulator.tenantID)/oauth2/v2.0/token")
        request.method = .POST
        if let host { request.headers.add(name: "Host", value: host) }
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        let scope = "https%3A%2F%2Fmanagement.azure.com%2F.default"
        let type = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        request.body = .bytes(
            ByteBuffer(
                string: "client_id=\(emulator.clientID)&grant_type=client_credentials&scope=\(scope)"
                    + "&client_assertion_type=\(type)&client_assertion=\(assertion.replacing("=", with: "%3D"))"))
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let body = try await answer.body.collect(upTo: 1 << 20)
        return (Int(answer.status.code), String(buffer: body))
    }

    private static func soon(_ fraction: String = "") -> String {
        "\(Int(Date().timeIntervalSince1970) + 600)\(fraction)"
    }

    @Test(arguments: [false, true], ["", ".25"])
    func `padding and fractions of a second are taken`(padded: Bool, fraction: String) async throws {
        let certificate = try TestCertificate()
        try await EmulatorCredentialTests.run({ $0.clientCertificates = [certificate.der] }) { emulator in
            let assertion = try Self.assertion(
                certificate, audience: "\(emulator.origin)/\(emulator.tenantID)/oauth2/v2.0/token",
                client: emulator.clientID, padded: padded, expiry: Self.soon(fraction))
            let answer = try await Self.ask(emulator, assertion)
            #expect(answer.status == 200, "\(answer.text)")
        }
    }

    @Test func `the audience is the address that the client knows the token endpoint by`() async throws {
        let certificate = try TestCertificate()
        try await EmulatorCredentialTests.run({ $0.clientCertificates = [certificate.der] }) { emulator in
            let assertion = try Self.assertion(
                certificate, audience: "http://login.contoso.example/\(emulator.tenantID)/oauth2/v2.0/token",
                client: emulator.clientID, padded: false, expiry: Self.soon())
            #expect(try await Self.ask(emulator, assertion, host: "login.contoso.example").status == 200)
            let elsewhere = try await Self.ask(emulator, assertion)
            #expect(elsewhere.status == 401)
            #expect(elsewhere.text.contains("AADSTS700023"))
        }
    }

    @Test func `too much padding and times gone by are refused`() async throws {
        let certificate = try TestCertificate()
        try await EmulatorCredentialTests.run({ $0.clientCertificates = [certificate.der] }) { emulator in
            let audience = "\(emulator.origin)/\(emulator.tenantID)/oauth2/v2.0/token"
            let good = try Self.assertion(
                certificate, audience: audience, client: emulator.clientID, padded: true, expiry: Self.soon())
            let malformed = try await Self.ask(emulator, good + "=")
            #expect(malformed.text.contains("AADSTS50027"))
            let old = try Self.assertion(
                certificate, audience: audience, client: emulator.clientID, padded: true,
                expiry: "\(Int(Date().timeIntervalSince1970) - 3600).5")
            #expect(try await Self.ask(emulator, old).text.contains("AADSTS700024"))
        }
    }
}
