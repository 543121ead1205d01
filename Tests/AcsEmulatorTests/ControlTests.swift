import FoundationEssentials
import NIOHTTP1
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct ControlTests {
    private let id = EmulatorClient.resources[0]

    @Test func `faults are set as texts or objects, shown and cleared`() async throws {
        try await EmulatorClient.with { client in
            let url = "\(client.emulator.origin)/_emulator/faults"
            let body = """
                {"faults":["throttled=3,operation=listKeys,count=1",
                           {"name":"lostReply","resource":"contoso-sms","operation":"regenerateKey"}]}
                """
            #expect(try await client.send(.PUT, url, body: body).status == 200)
            #expect(try await client.listKeys(id).headers.first(name: "Retry-After") == "3")
            #expect(try await client.listKeys(id).status == 200)
            let shown = try await client.send(.GET, url).json["faults"].elements
            #expect(shown.map { $0["name"].text } == ["throttled", "lostReply"])
            #expect(shown.map { $0["strikes"] } == [.number(1), .number(0)])
            #expect(try await client.send(.DELETE, url).status == 204)
            #expect(try await client.send(.GET, url).json["faults"].elements.isEmpty)
        }
    }

    @Test(arguments: [
        (#"{"faults":["latency"]}"#, "latency needs a value"), (#"{"faults":["lag=3"]}"#, "'lag' is no fault"),
        (#"{"faults":[{"name":"latency","value":1,"resourc":"x"}]}"#, "'resourc' is unknown"),
        (#"{"faults":[{"value":1}]}"#, "'name' is missing"),
        (#"{"faults":["latency=1,resource=none"]}"#, "no resource 'none'"),
        (#"{"faults":["scopeLocked,operation=get"]}"#, "cannot strike get"), ("{}", "'faults' is missing"),
        (#"{"faults":["serverError=200"]}"#, "from 500 to 599"), (#"{"faults":["noChange,count=0"]}"#, "1 or more"),
        (#"{"faults":["noChange,operation=delete"]}"#, "no operation"),
        (#"{"faults":["noChange,when=now"]}"#, "'when'"),
    ])
    func `malformed faults are refused with a reason, and change nothing`(body: String, reason: String) async throws {
        try await EmulatorClient.with({ $0.faults = [EmulatorFault(.noChange)] }) { client in
            let url = "\(client.emulator.origin)/_emulator/faults"
            let answer = try await client.send(.PUT, url, body: body)
            #expect(answer.status == 400)
            let message = answer.json["error"]["message"].text ?? ""
            #expect(message.contains(reason), "\(message)")
            #expect(try await client.send(.GET, url).json["faults"].elements.map { $0["name"].text } == ["noChange"])
        }
    }

    @Test func `an outside hand regenerates`() async throws {
        try await EmulatorClient.with { client in
            let before = try #require(client.emulator.fingerprint(.secondary, of: id))
            let url = "\(client.emulator.origin)/_emulator/regenerate"
            let answer = try await client.send(.POST, url, body: #"{"resource":"contoso-sms","keyType":"Secondary"}"#)
            #expect(answer.status == 200)
            #expect(answer.json["fingerprint"].text == client.emulator.fingerprint(.secondary, of: id))
            let entry = try #require(client.emulator.log().last)
            #expect(entry.operation == .outsideRegenerate)
            #expect(entry.fingerprintBefore == before)
            #expect(entry.fingerprintAfter == client.emulator.fingerprint(.secondary, of: id))
            #expect(try await client.send(.POST, url, body: #"{"resource":"x","keyType":"Primary"}"#).status == 404)
            #expect(try await client.send(.POST, url, body: #"{"resource":"contoso-sms"}"#).status == 400)
            #expect(client.emulator.regenerateFromOutside(.primary, of: id))
        }
    }

    @Test func `the log tells what was called, in order, since any point, without a secret`() async throws {
        try await EmulatorClient.with { client in
            _ = try await client.listKeys(id)
            let before = client.emulator.fingerprint(.primary, of: id)
            _ = try await client.regenerate(id, "Primary")
            _ = try await client.call(id, key: client.key(.primary, of: id))
            let url = "\(client.emulator.origin)/_emulator/log"
            let answer = try await client.send(.GET, url)
            let entries = answer.json.elements
            let operations = ["token", "listKeys", "token", "regenerateKey", "dataPlane"]
            #expect(entries.map { $0["operation"].text } == operations)
            #expect(entries.map { $0["sequence"] } == (1...5).map { .number(Double($0)) })
            let regenerate = try #require(entries.first { $0["operation"].text == "regenerateKey" })
            #expect(regenerate["resource"].text == id.description)
            #expect(regenerate["keyType"].text == "Primary")
            #expect(regenerate["fingerprintBefore"].text == before)
            #expect(regenerate["fingerprintAfter"].text == client.emulator.fingerprint(.primary, of: id))
            #expect(regenerate["executed"] == .truth(true))
            #expect(regenerate["status"] == .number(200))
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(client.emulator.secretsEverMade.count == 9)
            for secret in client.emulator.secretsEverMade { #expect(!text.contains(secret)) }
            #expect(try await client.send(.GET, "\(url)?since=3").json.elements.count == 2)
            #expect(try await client.send(.GET, "\(url)?since=x").status == 400)
            #expect(try await client.send(.DELETE, url).status == 204)
            #expect(try await client.send(.GET, url).json == .list([]))
            _ = try await client.get(id)
            #expect(client.emulator.log().last?.sequence == 7)
        }
    }

    @Test func `resources are shown`() async throws {
        try await EmulatorClient.with { client in
            let answer = try await client.send(.GET, "\(client.emulator.origin)/_emulator/resources")
            #expect(
                answer.json["resources"].elements.map { $0["name"].text } == EmulatorClient.resources.map(\.name))
            #expect(try await client.send(.GET, "\(client.emulator.origin)/_emulator/x").status == 404)
        }
    }
}
