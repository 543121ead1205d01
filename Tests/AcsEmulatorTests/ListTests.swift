import NIOHTTP1
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(4))) struct ListTests {
    private let id = EmulatorClient.resources[0]
    private let path =
        "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Communication/communicationServices"

    private func names(_ client: EmulatorClient) async throws -> [String] {
        try await client.manage(.GET, path).json["value"].elements.compactMap { $0["name"].text }
    }

    @Test func `subscriptions come in pages, too`() async throws {
        try await EmulatorClient.with {
            $0.pageSize = 1
        } _: { client in
            client.emulator.put(
                try EmulatedResourceID("00000000-0000-0000-0000-000000000002/practice/contoso-elsewhere"))
            let first = try await client.manage(.GET, "/subscriptions", version: "2020-01-01").json
            #expect(first["value"].elements.count == 1)
            let link = try #require(first["nextLink"].text)
            let second = try await client.manage(
                .GET, String(link.dropFirst(client.emulator.origin.count)), version: nil
            ).json
            #expect(
                second["value"].elements.map { $0["subscriptionId"].text } == ["00000000-0000-0000-0000-000000000002"])
            #expect(second["nextLink"] == .null)
        }
    }

    @Test func `what is unlisted is there all the same`() async throws {
        try await EmulatorClient.with { client in
            try client.emulator.setFaults([EmulatorFault(.unlisted, resource: id.name)])
            #expect(try await names(client) == ["Contoso-Mail"])
            #expect(try await client.get(id).status == 200)
        }
    }

    @Test func `a list can be struck apart from a resource`() async throws {
        try await EmulatorClient.with { client in
            try client.emulator.setFaults([EmulatorFault(.forbidden, operation: .list)])
            #expect(try await client.manage(.GET, path).errorCode == "AuthorizationFailed")
            #expect(try await client.get(id).status == 200)
        }
    }

    @Test func `a resource that is made again is another one`() async throws {
        try await EmulatorClient.with { client in
            let key = client.key(.primary, of: id)
            client.emulator.put(id, tags: ["owner": "anna"])
            #expect(client.key(.primary, of: id) == key)
            #expect(client.emulator.remove(id))
            #expect(!client.emulator.remove(id))
            #expect(try await names(client) == ["Contoso-Mail"])
            let gone = try await client.get(id)
            #expect(gone.errorCode == "ResourceNotFound")
            client.emulator.put(id)
            #expect(client.key(.primary, of: id) != key)
        }
    }
}
