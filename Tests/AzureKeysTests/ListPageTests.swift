import NIOHTTP1
import Rotation
import Testing

@testable import AzureKeys

/// What a server may say about further pages, and which failures leave nothing known.
@Suite(.timeLimit(.minutes(15))) struct ListPageTests {
    private static let scope = ARMScope.subscription("11111111-2222-3333-4444-555555555555")

    private static func page(_ name: String, next: String? = nil) -> String {
        let link = next.map { #","nextLink":"\#($0)""# } ?? ""
        return #"{"value":[{"id":"\#(Fixture.resource(name))","name":"\#(name)"}]\#(link)}"#
    }

    @Test func `a page that fails fails the list, and is tried again first`() async throws {
        try await Fixture.run { request in
            request.uri.contains("skiptoken")
                ? .answer(500, "") : .answer(200, Self.page("a", next: "http://\(request.host)/more?$skiptoken=1"))
        } _: { fixture in
            let failure = await #expect(throws: Failure.self) {
                try await fixture.clients.resourceManager.services(in: Self.scope)
            }
            #expect(failure?.reason == .azureUnavailable)
            #expect(fixture.server.requests(to: "/more").count == 3)
        }
    }

    @Test func `a next page is asked for as it is written, with the token`() async throws {
        try await Fixture.run { request in
            switch request.uri {
            case "/more?a=%20b&$skiptoken=x": .answer(200, Self.page("b", next: ""))
            default: .answer(200, Self.page("a", next: "HTTP://\(request.host)/more?a=%20b&$skiptoken=x"))
            }
        } _: { fixture in
            let listed = try await fixture.clients.resourceManager.services(in: Self.scope)
            #expect(listed.map(\.id.name) == ["a", "b"])
            #expect(fixture.server.requests.last?.headers["authorization"] == ["Bearer \(FakeTokens.text(1))"])
        }
    }

    @Test(arguments: [
        "http://127.0.0.1:1/more", "https://HOST/more", "http://evil.example/more", "http://HOST.evil.example/more",
        "http://user@HOST/more", "//HOST/more", "/more", "http://HOST", "http://HOST/a b", "http://HOST/#x", "more",
    ])
    func `a next page that is elsewhere gets no token`(link: String) async throws {
        try await Fixture.run { request in
            .answer(200, Self.page("a", next: link.replacing("HOST", with: request.host)))
        } _: { fixture in
            let failure = await #expect(throws: Failure.self) {
                try await fixture.clients.resourceManager.services(in: Self.scope)
            }
            #expect(failure?.reason == .badResponse)
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test func `the usual port may be written out`() throws {
        let resourceManager = try Endpoint("https://management.azure.com")
        let link = "https://management.azure.com:443/subscriptions?$skiptoken=eJw%3d"
        #expect(
            NextLink(link, on: resourceManager)?.url
                == "https://management.azure.com/subscriptions?$skiptoken=eJw%3d")
        #expect(NextLink("https://management.azure.com:8443/x", on: resourceManager) == nil)
        #expect(NextLink("https://MANAGEMENT.azure.com/x", on: resourceManager) != nil)
    }

    @Test func `pages in a circle are found out`() async throws {
        try await Fixture.run {
            .answer(200, Self.page("a", next: "http://\($0.host)/more"))
        } _: { fixture in
            let failure = await #expect(throws: Failure.self) {
                try await fixture.clients.resourceManager.services(in: Self.scope)
            }
            #expect(failure?.detail.contains("circle") == true)
            #expect(fixture.server.requests.count == 2)
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"value":{}}"#, #"{"value":[{"name":"a"}]}"#, #"{"value":[{"id":"/nowhere","name":"a"}]}"#,
    ])
    func `an answer that is no list is a failure, not an empty list`(body: String) async throws {
        try await Fixture.run { _ in
            .answer(200, body)
        } _: { fixture in
            let failure = await #expect(throws: Failure.self) {
                try await fixture.clients.resourceManager.services(in: Self.scope)
            }
            #expect(failure?.reason == .badResponse)
        }
    }

    @Test func `reads are held back by their own limit`() async throws {
        var setup = Fixture.Setup(sleepsTakeTime: true)
        setup.options.subscriptionReads = WriteLimit(bucket: 2, perHour: 3600)
        try await Fixture.run(setup) { request in
            request.method == .GET ? .answer(200, #"{"value":[]}"#) : .answer(200, request.keys().listing)
        } _: { fixture in
            for _ in 0..<4 { _ = try await fixture.clients.resourceManager.services(in: Self.scope) }
            #expect(fixture.time.sleeps == [.seconds(1), .seconds(1)])
            try await fixture.listKeys()
            #expect(fixture.time.sleeps.count == 2)
        }
    }

    @Test func `subscriptions that are not in use are left out`() async throws {
        try await Fixture.run { _ in
            .answer(
                200,
                #"{"value":[{"subscriptionId":"a","state":"Enabled"},{"subscriptionId":"b","state":"Disabled"},"#
                    + #"{"subscriptionId":"c","state":"Warned"},{"subscriptionId":"d"}]}"#)
        } _: { fixture in
            let subscriptions = try await fixture.clients.resourceManager.subscriptions()
            #expect(subscriptions == ["a", "c", "d"])
        }
    }
}

extension ScriptedServer.Request {
    fileprivate var host: String { headers.first(name: "host") ?? "" }
}

@Suite struct PermissionSetTests {
    private static let regenerate = "Microsoft.Communication/communicationServices/regenerateKey/action"

    @Test(
        arguments: [
            (["*"], [], true), (["MICROSOFT.communication/CommunicationServices/RegenerateKey/Action"], [], true),
            (["Microsoft.Communication/*"], [], true), (["*/action"], [], true), (["*/regenerateKey/*"], [], true),
            (["Microsoft.Communication/*/read"], [], false), (["*/read"], [], false), ([], [], false),
            (["Microsoft.Communication/communicationServices/regenerateKey"], [], false),
            (["Microsoft.Communication/communicationServices/regenerateKey/actions"], [], false),
            (["*"], ["Microsoft.Authorization/*/Write"], true), (["*"], ["*/regenerateKey/action"], false),
            (["Microsoft.Communication/communicationServices/*Key*/*"], [], true), ([""], [], false),
            (["**"], [], true),
        ] as [([String], [String], Bool)])
    func `wildcards, and what is taken away again`(actions: [String], notActions: [String], isAllowed: Bool) {
        let set = PermissionSet(entries: [.init(actions: actions, notActions: notActions)])
        #expect(set.allows(Self.regenerate) == isAllowed)
    }

    @Test func `what one role takes away another gives`() {
        let set = PermissionSet(entries: [
            .init(actions: ["*"], notActions: ["*/action"]), .init(actions: [Self.regenerate]),
        ])
        #expect(set.allows(Self.regenerate))
    }
}
