import NIOHTTP1
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct AuthorizationTests {
    private let id = EmulatorClient.resources[0]
    private let other = EmulatorClient.resources[1]

    private func read(_ client: EmulatorClient, _ id: EmulatedResourceID, _ what: String, _ version: String)
        async throws -> Answer
    {
        try await client.manage(.GET, "\(id)/providers/Microsoft.Authorization/\(what)", version: version)
    }

    @Test func `permissions are roles, less what is forbidden`() async throws {
        try await EmulatorClient.with { client in
            let all = try await read(client, id, "permissions", "2022-04-01")
            #expect(all.status == 200)
            #expect(all.json["value"].elements.allSatisfy { $0["notActions"].elements.isEmpty })
            #expect(all.json["value"].elements.contains { $0["actions"].elements.count > 2 })
            try client.emulator.setFaults([
                EmulatorFault(.forbidden, resource: id.name, operation: .regenerateKey, count: 1)
            ])
            // Asking for them is no strike.
            for _ in 0..<3 {
                let less = try await read(client, id, "permissions", "2022-04-01")
                #expect(
                    less.json["value"].elements.flatMap { $0["notActions"].elements.compactMap(\.text) }
                        == ["Microsoft.Communication/CommunicationServices/RegenerateKey/action"])
            }
            let others = try await read(client, other, "permissions", "2022-04-01")
            #expect(others.json == all.json)
        }
    }

    @Test func `a ReadOnly lock is listed where scopeLocked strikes`() async throws {
        try await EmulatorClient.with { client in
            #expect(try await read(client, id, "locks", "2016-09-01").json["value"].elements.isEmpty)
            try client.emulator.setFaults([EmulatorFault(.scopeLocked, resource: id.name)])
            let lock = try #require(try await read(client, id, "locks", "2016-09-01").json["value"].elements.first)
            #expect(lock["properties"]["level"].text == "ReadOnly")
            #expect(lock["id"].text?.hasPrefix("\(id)/providers/Microsoft.Authorization/locks/") == true)
            #expect(try await read(client, other, "locks", "2016-09-01").json["value"].elements.isEmpty)
            try client.emulator.setFaults([EmulatorFault(.scopeLocked)])
            let inherited = try await read(client, other, "locks", "2016-09-01").json["value"].elements.first?["id"]
                .text
            #expect(inherited?.contains("/providers/Microsoft.Communication") == false)
        }
    }

    @Test func `both are checked like every call`() async throws {
        try await EmulatorClient.with { client in
            for what in ["permissions", "locks"] {
                let version = try await read(client, id, what, "2023-04-01")
                #expect(version.status == 400)
                #expect(version.errorCode == "InvalidResourceType")
            }
            let path = "\(id)/providers/Microsoft.Authorization/permissions"
            #expect(try await client.manage(.POST, path, version: "2022-04-01").status == 405)
            let gone = try EmulatedResourceID(
                subscription: id.subscription, resourceGroup: id.resourceGroup, name: "nobody")
            #expect(try await read(client, gone, "permissions", "2022-04-01").status == 404)
            try client.emulator.setFaults([EmulatorFault(.forbidden, operation: .authorization)])
            let forbidden = try await read(client, id, "locks", "2016-09-01")
            #expect(forbidden.status == 403)
            #expect(forbidden.json["error"]["message"].text?.contains("Microsoft.Authorization/locks/read") == true)
        }
    }

    @Test func `without local authentication every key is refused, and a GET says so`() async throws {
        try await EmulatorClient.with { client in
            try client.emulator.setFaults([EmulatorFault(.localAuthDisabled, resource: id.name)])
            let shown = try await client.manage(.GET, id.description, version: "2025-09-01")
            #expect(shown.json["properties"]["disableLocalAuth"] == .truth(true))
            let refused = try await client.call(id, key: client.key(.primary, of: id))
            #expect(refused.status == 401)
            #expect(refused.errorCode == "Denied")
            let token = try await client.token(resource: "https://communication.azure.com/")
            let rooms = "http://127.0.0.2:\(client.emulator.port)/rooms?api-version=2025-03-13"
            #expect(try await client.send(.GET, rooms, headers: [("Authorization", "Bearer \(token)")]).status == 200)
            #expect(try await client.call(other, key: client.key(.primary, of: other)).status == 200)
            #expect(try await client.listKeys(id).status == 200)
        }
    }
}
