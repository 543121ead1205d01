import NIOHTTP1
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct LifecycleTests {
    private let id = EmulatorClient.resources[0]
    private static let scope = "/subscriptions/00000000-0000-0000-0000-000000000001"
    private static let json = [("Content-Type", "application/json")]

    private func write(
        _ client: EmulatorClient, _ method: HTTPMethod, _ id: EmulatedResourceID, _ body: String
    ) async throws -> Answer {
        try await client.manage(method, id.description, version: "2025-09-01", headers: Self.json, body: body)
    }

    @Test func `a resource is made, changed and deleted, and its address is nobody else's then`() async throws {
        let new = try #require(EmulatorClient.ids(["contoso-new"]).first)
        try await EmulatorClient.with({ $0.operationTime = 0 }) { client in
            #expect(try await client.get(new).status == 404)
            let body = #"{"location":"global","tags":{"a":"b"},"properties":{"dataLocation":"uk"}}"#
            let made = try await write(client, .PUT, new, body)
            #expect(made.status == 201)
            #expect(made.json["properties"]["dataLocation"].text == "UK")
            #expect(made.json["tags"] == .object(["a": .text("b")]))
            let operation = try #require(made.headers.first(name: "Azure-AsyncOperation"))
            let token = [("Authorization", "Bearer \(try await client.token())")]
            #expect(try await client.send(.GET, operation, headers: token).json["status"].text == "Succeeded")
            #expect(client.emulator.resources.last?.endpoint == "http://127.0.0.4:\(client.emulator.port)/")
            #expect(try await client.call(new, key: client.key(.secondary, of: new)).status == 200)

            let key = client.key(.primary, of: new)
            let same = try await write(client, .PUT, new, body)
            #expect(same.status == 200)
            #expect(client.key(.primary, of: new) == key)

            let deleted = try await client.manage(.DELETE, new.description)
            #expect(deleted.status == 202)
            let result = try #require(deleted.headers.first(name: "Location"))
            #expect(try await client.send(.GET, result, headers: token).status == 204)
            #expect(try await client.manage(.DELETE, new.description).status == 204)
            #expect(try await client.get(new).status == 404)
            let gone = try await client.send(.GET, "http://127.0.0.4:\(client.emulator.port)/rooms")
            #expect(gone.errorCode == "ResourceNotFound")

            #expect(try await write(client, .PUT, new, body).status == 201)
            #expect(client.emulator.resources.last?.endpoint == "http://127.0.0.5:\(client.emulator.port)/")
            #expect(client.key(.primary, of: new) != key)
        }
    }

    @Test func `what takes time is under way at first`() async throws {
        let new = try #require(EmulatorClient.ids(["contoso-new"]).first)
        try await EmulatorClient.with({ $0.operationTime = 3600 }) { client in
            let made = try await write(
                client, .PUT, new, #"{"location":"global","properties":{"dataLocation":"UK"}}"#)
            #expect(made.json["properties"]["provisioningState"].text == "Creating")
            let operation = try #require(made.headers.first(name: "Azure-AsyncOperation"))
            let token = [("Authorization", "Bearer \(try await client.token())")]
            let running = try await client.send(.GET, operation, headers: token)
            #expect(running.json["status"].text == "Running")
            #expect(running.headers.first(name: "Retry-After") == "1")
            let deleted = try await client.manage(.DELETE, new.description)
            let result = try #require(deleted.headers.first(name: "Location"))
            #expect(try await client.send(.GET, result, headers: token).status == 202)
            let theirs = operation.replacing("000000000001", with: "000000000009")
            #expect(try await client.send(.GET, theirs, headers: token).status == 404)
        }
    }

    @Test(arguments: [
        (#"{"properties":{"dataLocation":"UK"}}"#, "LocationRequired"), (#"{"location":"global"}"#, "BadRequest"),
        (#"{"location":"westeurope","properties":{"dataLocation":"UK"}}"#, "LocationNotAvailableForResourceType"),
        (#"{"location":"global","properties":{"dataLocation":"Moon"}}"#, "BadRequest"), ("[", "InvalidRequestContent"),
        (#"{"location":"global","tags":{"a?":""},"properties":{"dataLocation":"UK"}}"#, "InvalidTagNameCharacters"),
        (
            #"{"location":"global","properties":{"dataLocation":"UK","publicNetworkAccess":"No"}}"#, "BadRequest"
        ),
    ])
    func `a resource that makes no sense is not made`(body: String, code: String) async throws {
        let new = try #require(EmulatorClient.ids(["contoso-new"]).first)
        try await EmulatorClient.with { client in
            let refused = try await write(client, .PUT, new, body)
            #expect(refused.status == 400)
            #expect(refused.errorCode == code)
            #expect(try await client.get(new).status == 404)
        }
    }

    @Test func `names are unique in all of Azure`() async throws {
        try await EmulatorClient.with({
            $0.resources += [try? EmulatedResourceID("00000000-0000-0000-0000-000000000002/there/x")].compactMap { $0 }
        }) { client in
            let path = "\(Self.scope)/providers/Microsoft.Communication/checkNameAvailability"
            for (name, expected) in [("X", JSON.truth(false)), ("y", .truth(true))] {
                let answer = try await client.manage(
                    .POST, path, headers: Self.json,
                    body: #"{"name":"\#(name)","type":"Microsoft.Communication/CommunicationServices"}"#)
                #expect(answer.json["nameAvailable"] == expected)
            }
            let taken = try #require(EmulatorClient.ids(["x"]).first)
            let refused = try await write(
                client, .PUT, taken, #"{"location":"global","properties":{"dataLocation":"UK"}}"#)
            #expect(refused.errorCode == "NameNotAvailable")
        }
    }

    @Test func `without local authentication keys are refused and tokens taken`() async throws {
        try await EmulatorClient.with { client in
            let key = client.key(.primary, of: id)
            let token = try await client.token(resource: "https://communication.azure.com/")
            let changed = try await write(client, .PATCH, id, #"{"properties":{"disableLocalAuth":true}}"#)
            #expect(changed.json["properties"]["disableLocalAuth"] == .truth(true))
            #expect(try await client.call(id, key: key).errorCode == "Denied")
            let url = "http://127.0.0.2:\(client.emulator.port)/rooms?api-version=2025-03-13"
            #expect(try await client.send(.GET, url, headers: [("Authorization", "Bearer \(token)")]).status == 200)
            _ = try await write(client, .PATCH, id, #"{"properties":{"disableLocalAuth":false}}"#)
            #expect(try await client.call(id, key: key).status == 200)
        }
    }

    @Test func `calls are counted by kind, and against the limit of all principals`() async throws {
        try await EmulatorClient.with { client in
            let prefix = "x-ms-ratelimit-remaining-"
            let read = try await client.get(id)
            #expect(read.headers.first(name: "\(prefix)subscription-reads") == "249")
            #expect(read.headers.first(name: "\(prefix)subscription-global-reads") == "3749")
            let write = try await client.listKeys(id)
            #expect(write.headers.first(name: "\(prefix)subscription-writes") == "199")
            #expect(write.headers.first(name: "\(prefix)subscription-global-writes") == "2999")
            let delete = try await client.manage(.DELETE, "\(id)x")
            #expect(delete.headers.first(name: "\(prefix)subscription-deletes") == "199")
            let tenant = try await client.manage(.GET, "/subscriptions", version: "2022-12-01")
            #expect(tenant.headers.first(name: "\(prefix)tenant-reads") == "249")
        }
    }
}
