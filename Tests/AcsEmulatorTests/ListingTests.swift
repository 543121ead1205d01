import NIOHTTP1
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct ListingTests {
    private static let provider = "providers/Microsoft.Communication/communicationServices"
    private static let scope = "/subscriptions/00000000-0000-0000-0000-000000000001"

    /// Names on the pages of a list.
    private func pages(_ client: EmulatorClient, _ path: String) async throws -> [[String]] {
        var pages: [[String]] = []
        var answer = try await client.manage(.GET, path)
        while true {
            #expect(answer.status == 200)
            pages.append(answer.json["value"].elements.compactMap { $0["name"].text })
            guard let next = answer.json["nextLink"].text else { return pages }
            #expect(next.contains("%24skiptoken="))
            answer = try await client.send(
                .GET, next, headers: [("Authorization", "Bearer \(try await client.token())")])
        }
    }

    @Test func `a subscription and a resource group are listed in pages`() async throws {
        let ids = EmulatorClient.ids(["a", "b", "c", "d", "e"])
        let elsewhere = try EmulatedResourceID("00000000-0000-0000-0000-000000000001/other/f")
        let stranger = try EmulatedResourceID("00000000-0000-0000-0000-000000000002/practice/g")
        try await EmulatorClient.with({
            $0.resources = ids + [elsewhere, stranger]
            $0.pageSize = 2
        }) { client in
            let all = try await pages(client, "\(Self.scope)/\(Self.provider)")
            #expect(all == [["a", "b"], ["c", "d"], ["e", "f"]])
            let group = try await pages(client, "\(Self.scope)/resourceGroups/Practice/\(Self.provider)")
            #expect(group == [["a", "b"], ["c", "d"], ["e"]])
            let other = try await pages(client, "\(Self.scope)/resourceGroups/other/\(Self.provider)")
            #expect(other == [["f"]])
        }
    }

    @Test(arguments: ["4", "YWJj", "-", "Y29tbXVuaWNhdGlvblNlcnZpY2VzLy0x"])
    func `a skip token of nobody's is refused`(token: String) async throws {
        try await EmulatorClient.with { client in
            let answer = try await client.manage(.GET, "\(Self.scope)/\(Self.provider)?$skipToken=\(token)")
            #expect(answer.status == 400)
            #expect(answer.errorCode == "InvalidSkipToken")
        }
    }
}
