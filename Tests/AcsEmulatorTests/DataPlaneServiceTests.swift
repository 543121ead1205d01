import FoundationEssentials
import NIOHTTP1
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct DataPlaneServiceTests {
    private let id = EmulatorClient.resources[0]

    /// A signed call with a body of JSON.
    private func call(
        _ client: EmulatorClient, _ method: HTTPMethod, _ target: String, _ body: String? = nil,
        type: String = "application/json"
    ) async throws -> Answer {
        try await client.call(
            id, key: client.key(.primary, of: id), method, target, body: body,
            headers: body == nil ? [] : [("Content-Type", type)])
    }

    @Test func `a room lives, and its participants come and go`() async throws {
        try await EmulatorClient.with { client in
            let version = "?api-version=2025-03-13"
            let made = try await call(client, .POST, "/rooms\(version)", #"{"participants":{"8:acs:some_one":{}}}"#)
            #expect(made.status == 201)
            let room = "/rooms/\(try #require(made.json["id"].text))"
            let changed = try await call(
                client, .PATCH, room + version, #"{"pstnDialOutEnabled":true,"validFrom":null}"#,
                type: "application/merge-patch+json")
            #expect(changed.json["pstnDialOutEnabled"] == .truth(true))
            #expect(changed.json["validUntil"] == made.json["validUntil"])
            let people = #"{"participants":{"8:acs:some_one":null,"8:acs:other_1":{"role":"Collaborator"}}}"#
            #expect(try await call(client, .PATCH, "\(room)/participants\(version)", people).status == 200)
            let listed = try await call(client, .GET, "\(room)/participants\(version)")
            #expect(
                listed.json["value"].elements == [
                    .object(["rawId": .text("8:acs:other_1"), "role": .text("Collaborator")])
                ])
            let old = try await call(client, .PATCH, "\(room)/participants?api-version=2023-06-14", people)
            #expect(old.status == 400)
            #expect(try await call(client, .GET, "\(room)?api-version=2023-06-14").json["pstnDialOutEnabled"] == .null)
            #expect(try await call(client, .DELETE, room + version).status == 204)
            #expect(try await call(client, .GET, room + version).errorCode == "NotFound")
        }
    }

    @Test(arguments: [
        ("/rooms", #"{"validFrom":"yesterday"}"#), ("/rooms", #"{"validUntil":"2020-01-01T00:00:00Z"}"#),
        ("/rooms", #"{"participants":{"someone":{}}}"#), ("/rooms", "[]"),
    ])
    func `rooms that make no sense are refused`(path: String, body: String) async throws {
        try await EmulatorClient.with { client in
            let refused = try await call(client, .POST, "\(path)?api-version=2025-03-13", body)
            #expect(refused.status == 400)
            #expect(refused.errorCode == "BadRequest")
            #expect(refused.headers.first(name: "x-ms-error-code") == "BadRequest")
            #expect(
                try await call(client, .POST, "\(path)?api-version=2025-03-13", body, type: "text/plain").status == 415)
        }
    }

    @Test func `an SMS is sent once, however often it is repeated`() async throws {
        try await EmulatorClient.with { client in
            let body = #"""
                {"from":"+14255550123","message":"Hello","smsRecipients":[
                {"to":"+14255550124","repeatabilityRequestId":"9a6f8c6e-0000-4000-8000-000000000001"}]}
                """#
            var ids: [JSON] = []
            for _ in 0..<2 {
                let sent = try await call(client, .POST, "/sms?api-version=2021-03-07", body)
                #expect(sent.status == 202)
                let result = try #require(sent.json["value"].elements.first)
                #expect(result["successful"] == .truth(true))
                #expect(result["repeatabilityResult"].text == "accepted")
                ids.append(result["messageId"])
            }
            #expect(ids[0] == ids[1])
            let messages = try await client.send(.GET, "\(client.emulator.origin)/_emulator/messages")
            #expect(messages.json["messages"].elements.map { $0["text"].text } == ["Hello"])
            for wrong in [#"{"from":"x"}"#, #"{"from":"+14255550123","message":"","smsRecipients":[]}"#] {
                #expect(try await call(client, .POST, "/sms?api-version=2021-03-07", wrong).status == 400)
            }
        }
    }

    @Test func `an email is under way at first`() async throws {
        try await EmulatorClient.with({ $0.operationTime = 3600 }) { client in
            let body = #"""
                {"senderAddress":"a@contoso.example","content":{"subject":"s","html":"t"},
                "recipients":{"bcc":[{"address":"b@contoso.example"}]}}
                """#
            let sent = try await call(client, .POST, "/emails:send?api-version=2023-03-31", body)
            #expect(sent.status == 202)
            let location = try #require(sent.headers.first(name: "Operation-Location"))
            let path = location.dropFirst("http://127.0.0.2:\(client.emulator.port)".count)
            #expect(try await call(client, .GET, String(path)).json["status"].text == "Running")
            #expect(try await call(client, .GET, "/emails/operations/x?api-version=2023-03-31").status == 404)
            let nobody = body.replacing("b@contoso.example", with: "b")
            let refused = try await call(client, .POST, "/emails:send?api-version=2023-03-31", nobody)
            #expect(refused.errorCode == "InvalidEmailMessage")
            #expect(refused.json["error"]["message"].text?.contains("recipients.bcc[0].address") == true)
        }
    }

    @Test func `numbers that were found are nobody else's, until the search is called off`() async throws {
        try await EmulatorClient.with({ $0.operationTime = 0 }) { client in
            let version = "?api-version=2025-06-01"
            let search = #"""
                {"phoneNumberType":"geographic","assignmentType":"application","areaCode":"206","quantity":100,
                "capabilities":{"calling":"inbound","sms":"none"}}
                """#
            let path = "/availablePhoneNumbers/countries/US/:search\(version)"
            let found = try await call(client, .POST, path, search)
            #expect(found.status == 202)
            let result = try await call(client, .GET, try #require(found.headers.first(name: "Location")))
            #expect(result.json["phoneNumbers"].elements.count == 100)
            let operation = try #require(found.headers.first(name: "Operation-Location"))
            #expect(try await call(client, .GET, operation).json["status"].text == "succeeded")

            let nothing = try await call(client, .POST, path, search)
            let failed = try await call(client, .GET, try #require(nothing.headers.first(name: "Operation-Location")))
            #expect(failed.json["status"].text == "failed")
            #expect(failed.json["error"]["code"].text == "OutOfStock")

            #expect(try await call(client, .DELETE, operation).status == 204)
            let again = try await call(client, .POST, path, search)
            let id = try #require(again.headers.first(name: "search-id"))
            let purchase = "/availablePhoneNumbers/:purchase\(version)"
            let body = #"{"searchId":"\#(id)"}"#
            #expect(try await call(client, .POST, purchase, body).status == 202)
            #expect(try await call(client, .POST, purchase, body).status == 409)
            #expect(try await call(client, .POST, purchase, #"{"searchId":"x"}"#).status == 404)
            let page = try await call(client, .GET, "/phoneNumbers\(version)&top=60")
            #expect(page.json["phoneNumbers"].elements.count == 60)
            let next = try await call(client, .GET, try #require(page.json["nextLink"].text))
            #expect(next.json["phoneNumbers"].elements.count == 40)
            #expect(next.json["nextLink"] == .null)
        }
    }

    @Test func `tokens are taken on the data plane only when they are for it`() async throws {
        try await EmulatorClient.with { client in
            let url = "http://127.0.0.2:\(client.emulator.port)/rooms?api-version=2025-03-13"
            for (resource, status) in [
                ("https://communication.azure.com//", 200), ("https://management.azure.com/", 401),
            ] {
                let token = try await client.token(resource: resource)
                let answer = try await client.send(.GET, url, headers: [("Authorization", "Bearer \(token)")])
                #expect(answer.status == status)
            }
            let arm = try await client.send(
                .GET, "\(client.emulator.origin)\(id)?api-version=2025-09-01",
                headers: [
                    ("Authorization", "Bearer \(try await client.token(resource: "https://communication.azure.com"))")
                ])
            #expect(arm.errorCode == "InvalidAuthenticationTokenAudience")
        }
    }

    @Test func `front doors that differ are called in turn`() async throws {
        try await EmulatorClient.with { client in
            try client.emulator.setFaults([EmulatorFault(.flapping, 3_600_000, count: 1)])
            let old = client.key(.primary, of: id)
            _ = try await client.regenerate(id, "Primary")
            let new = client.key(.primary, of: id)
            var statuses: [[Int]] = []
            for _ in 0..<2 {
                for key in [new, old, old, new] {
                    statuses.append([try await client.call(id, key: key).status])
                }
            }
            #expect(statuses.flatMap { $0 } == [200, 200, 401, 401, 200, 200, 401, 401])
            #expect(try await client.call(id, key: client.key(.secondary, of: id)).status == 200)
        }
    }

    @Test func `a clock that is off shows in tokens`() async throws {
        try await EmulatorClient.with { client in
            try client.emulator.setFaults([EmulatorFault(.clockSkew, 7200)])
            let answer = try await client.send(
                .GET,
                "\(client.emulator.origin)/metadata/identity/oauth2/token?api-version=2018-02-01"
                    + "&resource=https://management.azure.com", headers: [("Metadata", "true")])
            let expiry = try #require(answer.json["expires_on"].text.flatMap { Double($0) })
            #expect(abs(expiry - Date().timeIntervalSince1970 - 10_800) < 60)
            #expect(try await client.get(id).status == 200)
            let late = try await client.token()
            try client.emulator.setFaults([EmulatorFault(.clockSkew, 14_400, operation: .get)])
            let expired = try await client.send(
                .GET, "\(client.emulator.origin)\(id)?api-version=2025-09-01",
                headers: [("Authorization", "Bearer \(late)")])
            #expect(expired.errorCode == "ExpiredAuthenticationToken")
        }
    }
}
