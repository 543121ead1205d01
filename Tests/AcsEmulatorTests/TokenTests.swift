import FoundationEssentials
import HTTPTypes
import NIOHTTP1
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct TokenTests {
    private static let metadataPath = "/metadata/identity/oauth2/token"

    @Test func `the metadata service answers its numbers as text`() async throws {
        try await EmulatorClient.with({ $0.tokenLifetime = 600 }) { client in
            let answer = try await client.send(
                .GET,
                "\(client.emulator.origin)\(Self.metadataPath)?api-version=2018-02-01&resource=https%3A%2F%2Fa.b%2F",
                headers: [("Metadata", "true")])
            #expect(answer.status == 200)
            #expect(
                answer.json.keys == [
                    "access_token", "client_id", "expires_in", "ext_expires_in", "expires_on", "not_before", "resource",
                    "token_type",
                ])
            #expect(answer.json["expires_in"].text == "600")
            #expect(answer.json["resource"].text == "https://a.b/")
            let expiry = try #require(answer.json["expires_on"].text.flatMap { Double($0) })
            #expect(abs(expiry - Date().timeIntervalSince1970 - 600) < 60)
        }
    }

    @Test(arguments: [
        ("?api-version=2018-02-01&resource=x", ""), ("?resource=x", "true"),
        ("?api-version=2017-01-01&resource=x", "true"),
        ("?api-version=2018-02-01", "true"), ("?api-version=2018-02-01&resource=x&client_id=nobody", "true"),
    ])
    func `the metadata service refuses incomplete requests`(query: String, header: String) async throws {
        try await EmulatorClient.with { client in
            let answer = try await client.send(
                .GET, "\(client.emulator.origin)\(Self.metadataPath)\(query)", headers: [("Metadata", header)])
            #expect(answer.status == 400)
            #expect(answer.json["error"].text == "invalid_request")
        }
    }

    private func login(
        _ client: EmulatorClient, tenant: String? = nil, _ fields: [String: String?] = [:]
    ) async throws -> Answer {
        var form: [String: String] = [
            "grant_type": "client_credentials", "client_id": client.emulator.clientID,
            "client_secret": client.emulator.clientSecret, "scope": "https://management.azure.com/.default",
        ]
        for (name, value) in fields { form[name] = value }
        let body = form.map { "\($0.key)=\(Self.encoded($0.value))" }.joined(separator: "&")
        return try await client.send(
            .POST, "\(client.emulator.origin)/\(tenant ?? client.emulator.tenantID)/oauth2/v2.0/token",
            headers: [("Content-Type", "application/x-www-form-urlencoded")], body: body)
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            if character.isLetter || character.isNumber { return String(character) }
            return "%" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }

    @Test func `a client secret gets a token that Resource Manager takes`() async throws {
        try await EmulatorClient.with { client in
            let answer = try await login(client)
            #expect(answer.status == 200)
            #expect(answer.json.keys == ["token_type", "expires_in", "ext_expires_in", "access_token"])
            #expect(answer.json["expires_in"] == .number(3600))
            let token = try #require(answer.json["access_token"].text)
            let listed = try await client.send(
                .POST, "\(client.emulator.origin)\(EmulatorClient.resources[0])/listKeys?api-version=2023-04-01",
                headers: [("Authorization", "Bearer \(token)")])
            #expect(listed.status == 200)
        }
    }

    @Test(
        arguments: [
            (["client_secret": "wrong"], 401, "invalid_client", 7_000_215),
            (["client_secret": nil], 401, "invalid_client", 7_000_218),
            (["client_id": "nobody"], 400, "unauthorized_client", 700_016),
            (["grant_type": "password"], 400, "unsupported_grant_type", 70003),
            (["grant_type": nil], 400, "invalid_request", 900_144),
            (["scope": "https://management.azure.com/"], 400, "invalid_scope", 1_002_012),
        ] as [([String: String?], Int, String, Int)])
    func `other credentials are refused in the words of Entra`(
        fields: [String: String?], status: Int, error: String, code: Int
    ) async throws {
        try await EmulatorClient.with { client in
            let answer = try await login(client, fields)
            #expect(answer.status == status)
            #expect(answer.json["error"].text == error)
            #expect(answer.json["error_codes"] == .list([.number(Double(code))]))
            #expect(answer.json["error_description"].text?.hasPrefix("AADSTS\(code): ") == true)
            #expect(
                answer.json.keys == [
                    "error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri",
                ])
        }
    }

    @Test func `another tenant is not known`() async throws {
        try await EmulatorClient.with { client in
            let answer = try await login(client, tenant: "elsewhere")
            #expect(answer.json["error_codes"] == .list([.number(90002)]))
            let discovery = try await client.send(
                .GET, "\(client.emulator.origin)/\(client.emulator.tenantID)/v2.0/.well-known/openid-configuration")
            #expect(
                discovery.json["token_endpoint"].text
                    == "\(client.emulator.origin)/\(client.emulator.tenantID)/oauth2/v2.0/token")
        }
    }

    @Test func `tokens expire`() {
        let now = Date(timeIntervalSince1970: 1_772_413_323)
        var mint = TokenMint(origin: "http://127.0.0.1:1")
        let token = mint.issue(audience: "http://127.0.0.1:1", tenant: "t", client: "c", now: now, lifetime: 60)
        #expect(mint.check(token, for: .resourceManager, now: now.addingTimeInterval(59)) == .good)
        #expect(
            mint.check(token, for: .resourceManager, now: now.addingTimeInterval(60))
                == .expired(now.addingTimeInterval(60)))
        let user = mint.issueUserToken(identity: "8:acs:x", scopes: ["chat"], now: now, lifetime: 60)
        #expect(mint.check(user, for: .resourceManager, now: now) == .wrongAudience("communication"))
        #expect(mint.issued == [token, user])
    }

    @Test func `an expired token is refused with its own code`() throws {
        let now = Date(timeIntervalSince1970: 1_772_413_323)
        var model = try EmulatorModel(EmulatorConfiguration(resources: EmulatorClient.resources), now: now)
        let token = model.tokens.issue(
            audience: "https://management.azure.com", tenant: "t", client: "c", now: now, lifetime: 60)
        let call = Call(
            method: "GET", target: "\(EmulatorClient.resources[0])?api-version=2023-04-01", authority: "127.0.0.1:1",
            headers: [.authorization: "Bearer \(token)"], body: [], address: .management)
        guard case .answered(.answer(let answer)) = model.admit(call, now: now.addingTimeInterval(61)) else {
            Issue.record("the call was admitted")
            return
        }
        #expect(answer.status == 401)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("ExpiredAuthenticationToken"))
    }
}
