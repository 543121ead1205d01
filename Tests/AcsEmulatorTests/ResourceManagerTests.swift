import FoundationEssentials
import NIOHTTP1
import Synchronization
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct ResourceManagerTests {
    private let id = EmulatorClient.resources[0]
    private let other = EmulatorClient.resources[1]

    @Test func `listKeys answers exactly the four fields, with Azure's headers`() async throws {
        try await EmulatorClient.with { client in
            let answer = try await client.listKeys(id)
            #expect(answer.status == 200)
            #expect(
                answer.json.keys == [
                    "primaryKey", "secondaryKey", "primaryConnectionString", "secondaryConnectionString",
                ])
            let key = try #require(answer.json["primaryKey"].text)
            #expect(key.utf8.count == 84)
            #expect(Data(base64Encoded: key)?.count == 63)
            #expect(
                answer.json["primaryConnectionString"].text
                    == "endpoint=http://127.0.0.2:\(client.emulator.port)/;accesskey=\(key)")
            let expected = [
                "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-cache", "Pragma": "no-cache",
                "Expires": "-1", "x-ms-ratelimit-remaining-subscription-writes": "199",
                "X-Content-Type-Options": "nosniff",
            ]
            for (name, value) in expected { #expect(answer.headers.first(name: name) == value) }
            let required = ["x-ms-request-id", "x-ms-correlation-request-id", "x-ms-routing-request-id", "Date"]
            for name in required { #expect(answer.headers.contains(name: name)) }
            for name in ["ETag", "Retry-After", "Location"] { #expect(!answer.headers.contains(name: name)) }
            let date = try #require(answer.headers.first(name: "Date").flatMap(HTTPDate.parse))
            #expect(abs(date.timeIntervalSinceNow) < 60)
        }
    }

    @Test(arguments: EmulatedKeyType.allCases)
    func `regenerateKey answers only the regenerated pair, and leaves the other alone`(keyType: EmulatedKeyType)
        async throws
    {
        try await EmulatorClient.with { client in
            let before = (client.key(keyType, of: id), client.key(keyType.other, of: id))
            let answer = try await client.regenerate(id, keyType.rawValue)
            let name = keyType.rawValue.lowercased()
            #expect(answer.status == 200)
            #expect(answer.json.keys == ["\(name)Key", "\(name)ConnectionString"])
            #expect(answer.json["\(name)Key"].text == client.key(keyType, of: id))
            #expect(answer.json["\(name)Key"].text != before.0)
            #expect(client.key(keyType.other, of: id) == before.1)
            let listed = try await client.listKeys(id).json
            #expect(listed["\(name)Key"] == answer.json["\(name)Key"])
            #expect(listed["\(name)ConnectionString"] == answer.json["\(name)ConnectionString"])
        }
    }

    @Test(arguments: ["primary", "SECONDARY", "Tertiary", ""])
    func `other spellings of a key type are refused and change nothing`(keyType: String) async throws {
        try await EmulatorClient.with { client in
            let before = client.key(.primary, of: id)
            let answer = try await client.regenerate(id, keyType)
            #expect(answer.status == 400)
            #expect(answer.errorCode == "BadRequest")
            #expect(answer.json["error"].keys == ["code", "message"])
            #expect(client.key(.primary, of: id) == before)
        }
    }

    @Test func `bodies that are no key type are refused`() async throws {
        try await EmulatorClient.with { client in
            let json = [("Content-Type", "application/json")]
            let path = "\(id)/regenerateKey"
            #expect(try await client.manage(.POST, path, headers: json, body: "{}").errorCode == "BadRequest")
            let broken = try await client.manage(.POST, path, headers: json, body: "{")
            #expect(broken.status == 400)
            #expect(broken.errorCode == "InvalidRequestContent")
            #expect(try await client.manage(.POST, path, body: #"{"keyType":"Primary"}"#).status == 415)
            let large = #"{"keyType":"Primary","padding":"\#(String(repeating: "x", count: 1 << 20))"}"#
            #expect(try await client.manage(.POST, path, headers: json, body: large).status == 413)
            #expect(client.emulator.log().allSatisfy { $0.changedKeyType == nil })
        }
    }

    @Test func `ids are taken in any case`() async throws {
        try await EmulatorClient.with { client in
            let answer = try await client.manage(.POST, "\(id)/LISTkeys".uppercased())
            #expect(answer.json["primaryKey"].text == client.key(.primary, of: id))
            let resource = try await client.manage(.GET, other.description.lowercased())
            #expect(resource.json["id"].text == other.description)
            #expect(resource.json["name"].text == "Contoso-Mail")
        }
    }

    @Test func `a resource tells its host, and local authentication only in versions that know it`() async throws {
        try await EmulatorClient.with { client in
            let old = try await client.get(id).json
            #expect(old.keys == ["id", "name", "type", "location", "tags", "systemData", "properties"])
            #expect(old["type"].text == "microsoft.communication/communicationservices")
            #expect(
                old["properties"].keys == ["hostName", "immutableResourceId", "dataLocation", "provisioningState"])
            #expect(old["properties"]["hostName"].text == "127.0.0.2:\(client.emulator.port)")
            let new = try await client.manage(.GET, id.description, version: "2025-09-01").json
            #expect(new["properties"]["disableLocalAuth"] == .truth(false))
            #expect(new["properties"]["publicNetworkAccess"].text == "Enabled")
            _ = try await client.regenerate(id, "Primary")
            #expect(try await client.get(id).json["systemData"] == old["systemData"])
        }
    }

    @Test func `api versions are required and checked`() async throws {
        try await EmulatorClient.with { client in
            let missing = try await client.manage(.POST, "\(id)/listKeys", version: nil)
            #expect(missing.status == 400)
            #expect(missing.errorCode == "MissingApiVersionParameter")
            let unknown = try await client.manage(.POST, "\(id)/listKeys", version: "2024-01-01")
            #expect(unknown.status == 400)
            #expect(unknown.errorCode == "NoRegisteredProviderFound")
            #expect(unknown.json["error"]["message"].text?.contains("2023-04-01") == true)
            for version in EmulatorModel.apiVersions {
                #expect(try await client.manage(.GET, id.description, version: version).status == 200)
            }
        }
    }

    @Test func `what does not exist is not found`() async throws {
        try await EmulatorClient.with { client in
            let subscription = "/subscriptions/00000000-0000-0000-0000-000000000001"
            let provider = "providers/Microsoft.Communication/communicationServices"
            let resource = try await client.manage(.POST, "\(id)x/listKeys")
            #expect(resource.status == 404)
            #expect(resource.errorCode == "ResourceNotFound")
            #expect(resource.headers.first(name: "x-ms-failure-cause") == "gateway")
            let group = try await client.manage(.GET, "\(subscription)/resourceGroups/none/\(provider)/x")
            #expect(group.errorCode == "ResourceGroupNotFound")
            let unknown = try await client.manage(
                .GET, "/subscriptions/00000000-0000-0000-0000-000000000009/\(provider)")
            #expect(unknown.status == 404)
            #expect(unknown.errorCode == "SubscriptionNotFound")
            #expect(try await client.manage(.GET, "\(id)/listKeys").status == 405)
            #expect(try await client.manage(.GET, "/tenants").status == 404)
        }
    }

    @Test func `lists come in pages of a hundred`() async throws {
        let ids = try EmulatedResourceID.madeUp(230)
        try await EmulatorClient.with({ $0.resources = ids + EmulatorClient.resources }) { client in
            let scope = "/subscriptions/\(ids[0].subscription)/resourceGroups/LOAD"
            var names: [String] = []
            var sizes: [Int] = []
            var answer = try await client.manage(
                .GET, "\(scope)/providers/Microsoft.Communication/communicationServices")
            while true {
                #expect(answer.status == 200)
                sizes.append(answer.json["value"].elements.count)
                names += answer.json["value"].elements.compactMap { $0["name"].text }
                guard let next = answer.json["nextLink"].text else { break }
                answer = try await client.send(
                    .GET, next, headers: [("Authorization", "Bearer \(try await client.token())")])
            }
            #expect(sizes == [100, 100, 30])
            #expect(names == ids.map(\.name))
            let subscriptions = try await client.manage(.GET, "/subscriptions", version: "2022-12-01")
            #expect(subscriptions.json["value"].elements.count == 2)
        }
    }

    @Test func `the client request id comes back when it is asked for`() async throws {
        try await EmulatorClient.with { client in
            let header = ("x-ms-client-request-id", "11111111-2222-3333-4444-555555555555")
            let silent = try await client.manage(.POST, "\(id)/listKeys", headers: [header])
            #expect(!silent.headers.contains(name: header.0))
            let echoed = try await client.manage(
                .POST, "\(id)/listKeys", headers: [header, ("x-ms-return-client-request-id", "true")])
            #expect(echoed.headers.first(name: header.0) == header.1)
            #expect(client.emulator.log().filter { $0.clientRequestId == header.1 }.count == 2)
            #expect(client.emulator.log().last?.requestId == echoed.headers.first(name: "x-ms-request-id"))
        }
    }

    @Test func `an empty bucket is 429 with Retry-After`() async throws {
        let limit = EmulatorConfiguration.Limit(capacity: 2, refillPerSecond: 1)
        let time = Mutex(Date(timeIntervalSince1970: 1_900_000_000))
        try await EmulatorClient.with({ $0.writeLimit = limit }, clock: { time.withLock { $0 } }) { client in
            var answers: [Answer] = []
            for _ in 0..<3 { answers.append(try await client.listKeys(id)) }
            #expect(answers.map(\.status) == [200, 200, 429])
            let refused = answers[2]
            #expect(refused.errorCode == "SubscriptionRequestsThrottled")
            #expect(refused.headers.first(name: "Retry-After") == "1")
            #expect(answers[0].headers.first(name: "x-ms-ratelimit-remaining-subscription-writes") == "1")
            #expect(try await client.get(id).status == 200)
            time.withLock { $0 += 1 }
            #expect(try await client.listKeys(id).status == 200)
            #expect(try await client.listKeys(id).status == 429)
        }
    }

    @Test func `only tokens of this emulator for Resource Manager are taken`() async throws {
        try await EmulatorClient.with { client in
            let url = "\(client.emulator.origin)\(id)/listKeys?api-version=2023-04-01"
            func code(_ headers: [(String, String)]) async throws -> String? {
                let answer = try await client.send(.POST, url, headers: headers)
                #expect(answer.status == 401)
                #expect(answer.headers.first(name: "WWW-Authenticate")?.hasPrefix("Bearer ") == true)
                return answer.errorCode
            }
            #expect(try await code([]) == "AuthenticationFailed")
            #expect(try await code([("Authorization", "Bearer abc")]) == "InvalidAuthenticationToken")
            let token = try await client.token()
            let forged = ("Authorization", "Bearer \(token.dropLast(4))AAAA")
            #expect(try await code([forged]) == "InvalidAuthenticationToken")
            let vault = try await client.token(resource: "https://vault.azure.net")
            #expect(try await code([("Authorization", "Bearer \(vault)")]) == "InvalidAuthenticationTokenAudience")
            let foreign = try await EmulatorClient.with { try await $0.token() }
            #expect(try await code([("Authorization", "Bearer \(foreign)")]) == "InvalidAuthenticationToken")
        }
    }
}
