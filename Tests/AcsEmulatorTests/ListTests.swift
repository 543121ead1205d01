import NIOHTTP1
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct ListTests {
    private let id = EmulatorClient.resources[0]
    private let path =
        "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Communication/communicationServices"

    private func names(_ client: EmulatorClient) async throws -> [String] {
        try await client.manage(.GET, path).json["value"].elements.compactMap { $0["name"].text }
    }

    @Test func `resources are made, tagged and deleted by the controls`() async throws {
        try await EmulatorClient.with { client in
            let resources = "\(client.emulator.origin)/_emulator/resources"
            let new = "00000000-0000-0000-0000-000000000001/practice/contoso-new"
            for owner in ["anna", "bert"] {
                let body = #"{"id":"\#(new)","tags":{"owner":"\#(owner)"}}"#
                let made = try await client.send(
                    .PUT, resources, headers: [("Content-Type", "application/json")], body: body)
                #expect(made.status == 200)
                let listed = try await client.manage(.GET, path).json["value"].elements
                #expect(listed.last?["tags"] == .object(["owner": .text(owner)]))
            }
            #expect(try await names(client) == ["contoso-sms", "Contoso-Mail", "contoso-new"])
            let newID = try EmulatedResourceID(new)
            let key = client.key(.primary, of: newID)
            let endpoint = client.emulator.resources.last?.endpoint
            #expect(try await client.call(newID, key: key).status == 200)

            #expect(try await client.send(.DELETE, "\(resources)?id=\(new)").status == 204)
            #expect(try await client.send(.DELETE, "\(resources)?id=\(new)").status == 404)
            #expect(try await names(client) == ["contoso-sms", "Contoso-Mail"])
            #expect(try await client.get(newID).errorCode == "ResourceNotFound")
            #expect(try await client.send(.GET, "\(endpoint ?? "")rooms?api-version=2023-06-14").status == 404)
            // Made again it is another one, with other keys and another address.
            client.emulator.put(newID)
            #expect(client.key(.primary, of: newID) != key)
            #expect(client.emulator.resources.last?.endpoint != endpoint)
            let broken = try await client.send(
                .PUT, resources, headers: [("Content-Type", "application/json")], body: #"{"id":"nothing"}"#)
            #expect(broken.status == 400)
        }
    }

    @Test func `the page size is that of the configuration, for subscriptions, too`() async throws {
        try await EmulatorClient.with {
            $0.pageSize = 1
        } _: { client in
            let first = try await client.manage(.GET, path).json
            #expect(first["value"].elements.count == 1)
            #expect(first["nextLink"].text?.hasPrefix(client.emulator.origin) == true)
            client.emulator.put(
                try EmulatedResourceID("00000000-0000-0000-0000-000000000002/practice/contoso-elsewhere"))
            let subscriptions = try await client.manage(.GET, "/subscriptions", version: "2020-01-01").json
            #expect(subscriptions["value"].elements.count == 1)
            let next = try #require(subscriptions["nextLink"].text)
            let second = try await client.send(
                .GET, next, headers: [("Authorization", "Bearer \(try await client.token())")]
            ).json
            #expect(
                (subscriptions["value"].elements + second["value"].elements).compactMap { $0["subscriptionId"].text }
                    == ["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"])
            #expect(second["nextLink"] == .null)
            // A token is of one kind of list.
            let link = try #require(first["nextLink"].text?.split(separator: "skiptoken=").last)
            let foreign = try await client.manage(.GET, "/subscriptions?$skipToken=\(link)", version: "2020-01-01")
            #expect(foreign.errorCode == "InvalidSkipToken")
        }
    }

    @Test func `what is unlisted is there all the same`() async throws {
        try await EmulatorClient.with { client in
            try client.emulator.setFaults([EmulatorFault(.unlisted, resource: id.name)])
            #expect(try await names(client) == ["Contoso-Mail"])
            #expect(try await client.get(id).status == 200)
        }
    }

    @Test func `a list in pages is struck once for each of its resources`() async throws {
        try await EmulatorClient.with({
            $0.resources = EmulatorClient.ids(["a", "b", "c", "d", "e"])
            $0.pageSize = 2
        }) { client in
            try client.emulator.setFaults([
                EmulatorFault(.unlisted, resource: "b", count: 1), EmulatorFault(.unlisted, resource: "e", count: 1),
            ])
            let first = try await client.manage(.GET, path).json
            #expect(first["value"].elements.compactMap { $0["name"].text } == ["a", "c"])
            let next = try #require(first["nextLink"].text)
            let second = try await client.send(
                .GET, next, headers: [("Authorization", "Bearer \(try await client.token())")]
            ).json
            #expect(second["value"].elements.compactMap { $0["name"].text } == ["d"])
            #expect(second["nextLink"] == .null)
            let again = try await client.manage(.GET, path).json
            #expect(again["value"].elements.compactMap { $0["name"].text } == ["a", "b"])
        }
    }

    @Test func `a list can be struck apart from a resource`() async throws {
        try await EmulatorClient.with { client in
            try client.emulator.setFaults([EmulatorFault(.forbidden, operation: .list)])
            #expect(try await client.manage(.GET, path).errorCode == "AuthorizationFailed")
            #expect(try await client.get(id).status == 200)
        }
    }
}
