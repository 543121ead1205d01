import FoundationEssentials
import NIOHTTP1
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct ManagedIdentityTests {
    private static let version = "?api-version=2018-02-01&resource=x"

    @Test func `the metadata service knows its identity by each of its names, but by one at a time`() async throws {
        try await EmulatorClient.with { client in
            let id = client.emulator.identityResourceID
            for (query, status) in [
                ("&client_id=\(client.emulator.clientID)", 200), ("&object_id=\(client.emulator.objectID)", 200),
                ("&msi_res_id=\(id)", 200), ("&mi_res_id=\(id)", 200), ("&object_id=\(client.emulator.clientID)", 400),
                ("&msi_res_id=\(id)x", 400),
                ("&client_id=\(client.emulator.clientID)&object_id=\(client.emulator.objectID)", 400),
            ] {
                let answer = try await client.send(
                    .GET, "\(client.emulator.origin)/metadata/identity/oauth2/token\(Self.version)\(query)",
                    headers: [("Metadata", "true")])
                #expect(answer.status == status, "\(query)")
            }
        }
    }

    @Test func `App Service answers whom knows its header, without expires_in`() async throws {
        try await EmulatorClient.with { client in
            let header = ("X-IDENTITY-HEADER", client.emulator.identityHeader)
            let query = "?api-version=2019-08-01&resource=x"
            let answer = try await client.send(
                .GET, "\(client.emulator.appServiceEndpoint)\(query)", headers: [header])
            #expect(answer.status == 200)
            #expect(
                answer.json.keys == ["access_token", "client_id", "expires_on", "resource", "token_type"])
            for (query, headers, status) in [
                (query, [], 403), (query, [("X-IDENTITY-HEADER", "x")], 403),
                ("?api-version=2017-09-01&resource=x", [header], 400), ("?api-version=2019-08-01", [header], 400),
                ("\(query)&msi_res_id=\(client.emulator.identityResourceID)", [header], 400),
            ] as [(String, [(String, String)], Int)] {
                let refused = try await client.send(
                    .GET, "\(client.emulator.appServiceEndpoint)\(query)", headers: headers)
                #expect(refused.status == status, "\(query)")
            }
        }
    }

    @Test func `the agent of Azure Arc challenges, and takes each key once`() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/arc-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await EmulatorClient.with({ $0.arcDirectory = directory }) { client in
            let url = "\(client.emulator.arcEndpoint)?api-version=2020-06-01&resource=x"
            let challenge = try await client.send(.GET, url, headers: [("Metadata", "true")])
            #expect(challenge.status == 401)
            let realm = try #require(challenge.headers.first(name: "www-authenticate"))
            #expect(realm.hasPrefix("Basic realm=\(directory)/") && realm.hasSuffix(".key"))
            let path = String(realm.dropFirst("Basic realm=".count))
            let key = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
            for status in [200, 401] {
                let answer = try await client.send(
                    .GET, url, headers: [("Metadata", "true"), ("Authorization", "Basic \(key)")])
                #expect(answer.status == status)
                #expect(!FileManager.default.fileExists(atPath: path))
            }
            #expect(try await client.send(.GET, url).status == 400)
            let named = try await client.send(.GET, "\(url)&client_id=x", headers: [("Metadata", "true")])
            #expect(named.status == 400)
        }
    }

    @Test func `without a directory there is no agent of Azure Arc`() async throws {
        try await EmulatorClient.with { client in
            let answer = try await client.send(.GET, client.emulator.arcEndpoint, headers: [("Metadata", "true")])
            #expect(answer.status == 404)
        }
    }

    @Test func `federated tokens are checked in each claim`() throws {
        let now = Date(timeIntervalSince1970: 1_772_413_323)
        var mint = TokenMint(origin: "http://127.0.0.1:1")
        let good = mint.issueFederatedToken(now: now, lifetime: 60)
        #expect(mint.checkFederated(good, now: now.addingTimeInterval(59)) == .good)
        #expect(mint.checkFederated(good, now: now.addingTimeInterval(60)) == .expired)
        #expect(mint.checkFederated(good + "A", now: now) == .unsigned)
        #expect(mint.check(good, for: .resourceManager, now: now) == .wrongAudience("api://AzureADTokenExchange"))
        let audience = mint.issueFederatedToken(now: now, lifetime: 60, audience: "x")
        #expect(mint.checkFederated(audience, now: now) == .mismatch("audience 'x'"))
        let subject = mint.issueFederatedToken(now: now, lifetime: 60, subject: "x")
        #expect(mint.checkFederated(subject, now: now) == .mismatch("subject 'x'"))
        let access = mint.issue(audience: "x", tenant: "t", client: "c", now: now, lifetime: 60)
        guard case .mismatch = mint.checkFederated(access, now: now) else {
            Issue.record("an access token is taken for a federated one")
            return
        }
    }
}
