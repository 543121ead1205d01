import FoundationEssentials
import NIOHTTP1
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct DataPlaneTests {
    private let id = EmulatorClient.resources[0]
    private let other = EmulatorClient.resources[1]

    @Test func `both keys of a resource are taken`() async throws {
        try await EmulatorClient.with { client in
            for keyType in EmulatedKeyType.allCases {
                let answer = try await client.call(id, key: client.key(keyType, of: id))
                #expect(answer.status == 200)
                #expect(answer.json == .object(["value": .list([])]))
                #expect(answer.headers.first(name: "api-supported-versions")?.contains("2025-03-13") == true)
                #expect(answer.headers.contains(name: "Date"))
            }
        }
    }

    @Test func `phone numbers are listed and identities made`() async throws {
        try await EmulatorClient.with { client in
            let key = client.key(.primary, of: id)
            let numbers = try await client.call(id, key: key, .GET, "/phoneNumbers?skip=0&top=1&api-version=2022-12-01")
            #expect(numbers.json == .object(["phoneNumbers": .list([])]))
            let target = "/identities?api-version=2023-10-01"
            let bare = try await client.call(id, key: key, .POST, target)
            #expect(bare.status == 201)
            #expect(bare.json.keys == ["identity"])
            #expect(bare.json["identity"]["id"].text?.hasPrefix("8:acs:") == true)
            let scopes = #"{"createTokenWithScopes":["chat"]}"#
            let json = [("Content-Type", "application/json")]
            let withToken = try await client.call(id, key: key, .POST, target, body: scopes, headers: json)
            #expect(withToken.status == 201)
            #expect(withToken.json["accessToken"].keys == ["token", "expiresOn"])
            #expect(try await client.call(id, key: key, .POST, target, body: "[", headers: json).status == 400)
        }
    }

    @Test func `each resource has its own address and refuses the other's keys`() async throws {
        try await EmulatorClient.with { client in
            #expect(
                client.emulator.resources.map(\.endpoint)
                    == ["http://127.0.0.2:\(client.emulator.port)/", "http://127.0.0.3:\(client.emulator.port)/"])
            for (mine, theirs) in [(id, other), (other, id)] {
                #expect(try await client.call(mine, key: client.key(.primary, of: mine)).status == 200)
                let refused = try await client.call(mine, key: client.key(.primary, of: theirs))
                #expect(refused.status == 401)
                #expect(refused.errorCode == "Denied")
                #expect(refused.json["error"]["message"].text == "Denied by the resource provider.")
            }
        }
    }

    @Test func `a regenerated key is good at once, and the old one dead`() async throws {
        try await EmulatorClient.with { client in
            let old = client.key(.primary, of: id)
            _ = try await client.regenerate(id, "Primary")
            #expect(try await client.call(id, key: old).status == 401)
            #expect(try await client.call(id, key: client.key(.primary, of: id)).status == 200)
            #expect(try await client.call(id, key: client.key(.secondary, of: id)).status == 200)
        }
    }

    @Test(arguments: [(-300.0, 200), (300, 200), (-301, 401), (301, 401)])
    func `dates off by more than five minutes are refused`(offset: Double, status: Int) async throws {
        // A clock that stands, as a busy machine may take its time for a call.
        let now = Date(timeIntervalSince1970: 1_900_000_000)
        try await EmulatorClient.with(clock: { now }) { client in
            let answer = try await client.call(
                id, key: client.key(.primary, of: id), date: now.addingTimeInterval(offset))
            #expect(answer.status == status)
            if status == 401 {
                #expect(answer.errorCode == "AuthenticationFailed")
                #expect(
                    answer.json["error"]["message"].text
                        == "The given request could not be resolved.\nThe time difference between the originating "
                        + "client and the server is greater than the allowed margin of 5 minutes.")
            }
        }
    }

    @Test func `what was not signed is refused`() async throws {
        try await EmulatorClient.with { client in
            let key = client.key(.primary, of: id)
            let target = "/identities?api-version=2023-10-01"
            let tampered = try await client.call(id, key: key, .POST, target, body: "{}", signedBody: "{ }")
            #expect(tampered.status == 401)
            #expect(
                tampered.json["error"]["message"].text
                    == "Request 'x-ms-content-sha256' differs from generated content hash.")
            let redirected = try await client.call(
                id, key: key, .GET, "/rooms?api-version=2025-03-13", signedTarget: "/rooms?api-version=2023-06-14")
            #expect(redirected.errorCode == "Denied")
            let unsigned = try await client.send(
                .GET, "http://127.0.0.2:\(client.emulator.port)/rooms?api-version=2025-03-13")
            #expect(unsigned.status == 401)
            #expect(try await client.call(id, key: key, dateHeader: "Date").status == 200)
        }
    }

    @Test func `unknown versions, paths and addresses are told`() async throws {
        try await EmulatorClient.with { client in
            let key = client.key(.primary, of: id)
            #expect(try await client.call(id, key: key, .GET, "/rooms?api-version=2020-01-01").status == 400)
            #expect(try await client.call(id, key: key, .GET, "/rooms").status == 400)
            #expect(try await client.call(id, key: key, .GET, "/nothing?api-version=2023-06-14").status == 404)
            #expect(try await client.call(id, key: key, .PUT, "/rooms?api-version=2023-06-14").status == 405)
            let nobody = try await client.send(.GET, "http://127.0.0.9:\(client.emulator.port)/rooms")
            #expect(nobody.status == 404)
            let arm = try await client.send(.GET, "http://127.0.0.2:\(client.emulator.port)/_emulator/log")
            #expect(arm.status == 401)
        }
    }
}
