import AsyncHTTPClient
import FoundationEssentials
import NIOHTTP1
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct FaultTests {
    private let id = EmulatorClient.resources[0]
    private let other = EmulatorClient.resources[1]

    private func fingerprints(_ client: EmulatorClient) -> [String?] {
        EmulatedKeyType.allCases.map { client.emulator.fingerprint($0, of: id) }
    }

    @Test func `lost replies are executed, lost requests are not, and neither is answered`() async throws {
        try await EmulatorClient.with { client in
            let first = fingerprints(client)
            try client.emulator.setFaults([EmulatorFault(.lostRequest, operation: .regenerateKey, count: 1)])
            await #expect(throws: (any Error).self) { try await client.regenerate(id, "Primary") }
            #expect(fingerprints(client) == first)
            try client.emulator.setFaults([EmulatorFault(.lostReply, operation: .regenerateKey, count: 1)])
            await #expect(throws: (any Error).self) { try await client.regenerate(id, "Primary") }
            #expect(fingerprints(client)[0] != first[0])
            #expect(fingerprints(client)[1] == first[1])
            #expect(try await client.regenerate(id, "Primary").status == 200)
            let regenerates = client.emulator.log().filter { $0.operation == .regenerateKey }
            #expect(regenerates.map(\.status) == [nil, nil, 200])
            #expect(regenerates.map(\.executed) == [false, true, true])
            #expect(regenerates.map(\.faults) == [[.lostRequest], [.lostReply], []])
        }
    }

    @Test func `a late landing changes the key after the answer was lost`() async throws {
        try await EmulatorClient.with { client in
            let first = fingerprints(client)
            try client.emulator.setFaults([EmulatorFault(.lateLanding, 3_600_000, resource: id.name, count: 1)])
            await #expect(throws: (any Error).self) { try await client.regenerate(id, "Secondary") }
            #expect(fingerprints(client) == first)
            try client.emulator.setFaults([EmulatorFault(.lateLanding, 1, count: 1)])
            await #expect(throws: (any Error).self) { try await client.regenerate(id, "Secondary") }
            for _ in 0..<12_000 where fingerprints(client) == first { try await Task.sleep(for: .milliseconds(10)) }
            #expect(fingerprints(client)[0] == first[0])
            #expect(fingerprints(client)[1] != first[1])
            let entries = client.emulator.log().filter { $0.operation == .regenerateKey }
            #expect(entries.map(\.executed) == [false, false, true])
            #expect(entries.last?.landed == entries[1].sequence)
        }
    }

    @Test(arguments: [
        (EmulatorFault(.throttled, 7), 429, "SubscriptionRequestsThrottled"),
        (EmulatorFault(.serverError, 503), 503, "ServiceUnavailable"),
        (EmulatorFault(.forbidden), 403, "AuthorizationFailed"),
        (EmulatorFault(.notFound), 404, "ResourceNotFound"), (EmulatorFault(.scopeLocked), 409, "ScopeLocked"),
    ])
    func `refusals execute nothing`(fault: EmulatorFault, status: Int, code: String) async throws {
        try await EmulatorClient.with { client in
            var fault = fault
            fault.count = 2
            try client.emulator.setFaults([fault, EmulatorFault(.tokenFailure, operation: .token, count: 1)])
            let first = fingerprints(client)
            let token = try await client.send(
                .GET, "\(client.emulator.origin)/metadata/identity/oauth2/token?api-version=2018-02-01&resource=x",
                headers: [("Metadata", "true")])
            let struck = fault.name.operations.contains(.token)
            #expect(token.status == (struck ? status : 503))
            #expect(token.json["error"].text == "temporarily_unavailable")
            if struck { _ = try? await client.token() }
            fault.operation = .regenerateKey
            try client.emulator.setFaults([fault])
            for _ in 0..<2 {
                let answer = try await client.regenerate(id, "Primary")
                #expect(answer.status == status)
                #expect(answer.errorCode == code)
                #expect(answer.headers.first(name: "Retry-After") == (status == 429 ? "7" : nil))
                #expect(answer.headers.first(name: "x-ms-failure-cause") == "gateway")
            }
            #expect(fingerprints(client) == first)
            #expect(try await client.regenerate(id, "Primary").status == 200)
        }
    }

    @Test func `a server error after execution has changed the key`() async throws {
        try await EmulatorClient.with { client in
            let first = fingerprints(client)
            try client.emulator.setFaults([EmulatorFault(.serverErrorAfter, 500, operation: .regenerateKey)])
            #expect(try await client.regenerate(id, "Secondary").status == 500)
            #expect(fingerprints(client)[1] != first[1])
            #expect(client.emulator.log().last?.executed == true)
        }
    }

    @Test func `the wrong key type changes, and only listKeys tells`() async throws {
        try await EmulatorClient.with { client in
            let first = fingerprints(client)
            let unchanged = client.key(.secondary, of: id)
            try client.emulator.setFaults([EmulatorFault(.wrongKeyType)])
            let answer = try await client.regenerate(id, "Secondary")
            #expect(answer.json["secondaryKey"].text == unchanged)
            #expect(answer.json.keys == ["secondaryKey", "secondaryConnectionString"])
            #expect(fingerprints(client)[0] != first[0])
            #expect(fingerprints(client)[1] == first[1])
            let entry = client.emulator.log().last
            #expect(entry?.keyType == .secondary)
            #expect(entry?.changedKeyType == .primary)
            #expect(entry?.fingerprintBefore == first[0])
        }
    }

    @Test func `no change answers 200 with the old key`() async throws {
        try await EmulatorClient.with { client in
            let first = fingerprints(client)
            try client.emulator.setFaults([EmulatorFault(.noChange)])
            let answer = try await client.regenerate(id, "Primary")
            #expect(answer.status == 200)
            #expect(answer.json["primaryKey"].text == client.key(.primary, of: id))
            #expect(fingerprints(client) == first)
            #expect(client.emulator.log().last?.changedKeyType == nil)
        }
    }

    @Test func `propagation delays the new key and not the death of the old one`() async throws {
        try await EmulatorClient.with { client in
            let old = client.key(.primary, of: id)
            try client.emulator.setFaults([EmulatorFault(.propagationDelay, 3_600_000)])
            _ = try await client.regenerate(id, "Primary")
            #expect(try await client.call(id, key: old).status == 401)
            #expect(try await client.call(id, key: client.key(.primary, of: id)).status == 401)
            #expect(try await client.call(id, key: client.key(.secondary, of: id)).status == 200)
            try client.emulator.setFaults([EmulatorFault(.oldKeyLingers, 3_600_000)])
            let secondary = client.key(.secondary, of: id)
            _ = try await client.regenerate(id, "Secondary")
            #expect(try await client.call(id, key: secondary).status == 200)
            #expect(try await client.call(id, key: client.key(.secondary, of: id)).status == 200)
        }
    }

    @Test func `malformed connection strings have no key`() async throws {
        try await EmulatorClient.with { client in
            try client.emulator.setFaults([EmulatorFault(.malformedConnectionString, resource: id.description)])
            let answer = try await client.listKeys(id)
            #expect(answer.json["primaryConnectionString"].text == "endpoint=http://127.0.0.2:\(client.emulator.port)/")
            #expect(
                try await client.listKeys(other).json["primaryConnectionString"].text?.contains("accesskey=") == true)
        }
    }

    @Test(arguments: [-3600, 3600])
    func `a skewed clock refuses good dates and shows itself`(skew: Int) async throws {
        try await EmulatorClient.with { client in
            try client.emulator.setFaults([EmulatorFault(.clockSkew, skew, resource: id.name)])
            let key = client.key(.primary, of: id)
            let refused = try await client.call(id, key: key)
            #expect(refused.errorCode == "AuthenticationFailed")
            let date = try #require(refused.headers.first(name: "Date").flatMap(HTTPDate.parse))
            #expect(abs(date.timeIntervalSinceNow - Double(skew)) < 60)
            #expect(try await client.call(id, key: key, date: date).status == 200)
            #expect(try await client.call(other, key: client.key(.primary, of: other)).status == 200)
        }
    }

    @Test func `latency delays the execution`() async throws {
        try await EmulatorClient.with { client in
            try client.emulator.setFaults([EmulatorFault(.latency, 3_600_000, operation: .regenerateKey, count: 1)])
            let first = fingerprints(client)
            let faults = "\(client.emulator.origin)/_emulator/faults"
            let outcome = try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask { (try? await client.regenerate(id, "Primary")) == nil }
                while try await client.send(.GET, faults).json["faults"].elements.first?["strikes"] != .number(1) {
                    try await Task.sleep(for: .milliseconds(2))
                }
                group.cancelAll()
                return try await group.next()
            }
            #expect(outcome == true)
            #expect(fingerprints(client) == first)
            try client.emulator.setFaults([EmulatorFault(.latency, 1)])
            #expect(try await client.regenerate(id, "Primary").status == 200)
            #expect(client.emulator.log().last?.faults == [.latency])
        }
    }

    @Test func `faults strike only their resource and operation, and only so often`() async throws {
        try await EmulatorClient.with { client in
            try client.emulator.setFaults([
                EmulatorFault(.serverError, resource: "CONTOSO-MAIL", operation: .listKeys, count: 2)
            ])
            #expect(try await client.listKeys(id).status == 200)
            #expect(try await client.get(other).status == 200)
            let statuses = try await [
                client.listKeys(other).status, client.listKeys(other).status, client.listKeys(other).status,
            ]
            #expect(statuses == [500, 500, 200])
        }
    }

    @Test(arguments: [
        EmulatorFault(.serverError, 503), EmulatorFault(.throttled, 1), EmulatorFault(.forbidden),
        EmulatorFault(.notFound),
    ])
    func `the data plane is struck too`(fault: EmulatorFault) async throws {
        try await EmulatorClient.with { client in
            var fault = fault
            fault.operation = .dataPlane
            fault.count = 1
            try client.emulator.setFaults([fault])
            let key = client.key(.primary, of: id)
            let expected: [EmulatorFaultName: Int] = [
                .serverError: 503, .throttled: 429, .forbidden: 403, .notFound: 404,
            ]
            #expect(try await client.call(id, key: key).status == expected[fault.name])
            #expect(try await client.call(id, key: key).status == 200)
        }
    }
}
