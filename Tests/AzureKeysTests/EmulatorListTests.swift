import AcsEmulator
import KeyMaterial
import Logging
import NIOPosix
import Rotation
import Testing

@testable import AzureKeys

/// What is listed, by the emulator, in pages of two.
@Suite(.timeLimit(.minutes(15))) struct EmulatorListTests {
    private static let subscriptions = [
        "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002",
        "00000000-0000-4000-8000-000000000003",
    ]

    private func with(_ body: (RunningEmulator, ResourceManagerClient) async throws -> Void) async throws {
        let names = (1...5).map { "\(Self.subscriptions[0])/prod/acs-\($0)" }
        let others = ["\(Self.subscriptions[0])/test/acs-6", "\(Self.subscriptions[1])/prod/acs-7"]
        var configuration = EmulatorConfiguration(
            resources: try (names + others + ["\(Self.subscriptions[2])/prod/acs-8"]).map { try EmulatedResourceID($0) }
        )
        configuration.pageSize = 2
        try await Emulator.withRunning(configuration) { emulator in
            let cloud = try AzureCloud(
                resourceManager: emulator.origin, login: emulator.origin, audience: "https://management.azure.com")
            let clients = try AzureClients(
                cloud: cloud,
                credential: .clientSecret(tenant: emulator.tenantID, clientID: emulator.clientID) {
                    () async throws(Failure) in Secret(emulator.clientSecret)
                }, group: MultiThreadedEventLoopGroup.singleton,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            do {
                try await body(emulator, clients.resourceManager)
                await clients.shutdown()
            } catch {
                await clients.shutdown()
                throw error
            }
        }
    }

    @Test func `all pages of a subscription, and of a group in any case`() async throws {
        try await with { emulator, client in
            let all = try await client.services(in: .subscription(Self.subscriptions[0]))
            #expect(all.map(\.id.name) == (1...6).map { "acs-\($0)" })
            #expect(emulator.log().filter { $0.operation == .list }.count == 3)
            let group = ARMScope.resourceGroup(subscription: Self.subscriptions[0], name: "TEST")
            #expect(try await client.services(in: group).map(\.id.name) == ["acs-6"])
        }
    }

    @Test func `all pages of subscriptions`() async throws {
        try await with { _, client in
            let subscriptions = try await client.subscriptions()
            #expect(subscriptions == Self.subscriptions)
        }
    }

    @Test func `tags and state are part of a list`() async throws {
        try await with { emulator, client in
            let id = try EmulatedResourceID("\(Self.subscriptions[1])/prod/acs-7")
            emulator.put(id, tags: ["rotate": "yes"])
            let listed = try await client.services(in: .subscription(Self.subscriptions[1]))
            #expect(listed.map(\.tags) == [["rotate": "yes"]])
            #expect(listed.first?.service.provisioningState == "Succeeded")
        }
    }

    @Test func `a scope that is not there is a failure, not an empty list`() async throws {
        try await with { _, client in
            for scope in [
                ARMScope.subscription("00000000-0000-4000-8000-0000000000ff"),
                .resourceGroup(subscription: Self.subscriptions[0], name: "nowhere"),
            ] {
                let failure = await #expect(throws: Failure.self) { try await client.services(in: scope) }
                #expect(failure?.reason == .notFound)
            }
            // Of a group Azure says so only to who may see its subscription.
            let group = ARMScope.resourceGroup(subscription: Self.subscriptions[0], name: "nowhere")
            let listed = try await client.servicesIfThere(in: group)
            #expect(listed == nil)
            let failure = await #expect(throws: Failure.self) {
                try await client.servicesIfThere(in: .subscription("00000000-0000-4000-8000-0000000000ff"))
            }
            #expect(failure?.reason == .notFound)
        }
    }

    @Test func `whether a resource is there`() async throws {
        try await with { emulator, client in
            let id = try ResourceID(subscription: Self.subscriptions[0], resourceGroup: "prod", name: "acs-1")
            #expect(try await client.exists(id))
            emulator.remove(try EmulatedResourceID(id.description))
            #expect(try await !client.exists(id))
            #expect(
                try await !client.exists(
                    try ResourceID(subscription: id.subscription, resourceGroup: "gone", name: "acs-1")))
            // Whoever may not see a subscription is told the same as if it were not there.
            let elsewhere = try ResourceID(
                subscription: "00000000-0000-4000-8000-0000000000ff", resourceGroup: "prod", name: "acs-1")
            let failure = await #expect(throws: Failure.self) { try await client.exists(elsewhere) }
            #expect(failure?.reason == .notFound)
            try emulator.setFaults([EmulatorFault(.forbidden, operation: .get)])
            let other = try ResourceID(subscription: id.subscription, resourceGroup: "prod", name: "acs-2")
            let forbidden = await #expect(throws: Failure.self) { try await client.exists(other) }
            #expect(forbidden?.reason == .forbidden)
        }
    }

    @Test func `what may be done, and what is locked`() async throws {
        try await with { emulator, client in
            let id = try ResourceID(subscription: Self.subscriptions[0], resourceGroup: "PROD", name: "ACS-1")
            let type = "Microsoft.Communication/communicationServices"
            let all = try await client.permissions(on: id)
            #expect(all.allows("\(type)/listKeys/action"))
            #expect(all.allows("\(type)/regenerateKey/action"))
            #expect(!all.allows("\(type)/delete"))
            #expect(try await client.locks(on: id).isEmpty)
            try emulator.setFaults([
                EmulatorFault(.forbidden, operation: .regenerateKey), EmulatorFault(.scopeLocked),
            ])
            let less = try await client.permissions(on: id)
            #expect(less.allows("\(type)/listKeys/action"))
            #expect(!less.allows("\(type)/regenerateKey/action"))
            let lock = try #require(try await client.locks(on: id).first)
            #expect(lock.forbidsKeys)
            #expect(lock.scope.hasSuffix("/resourceGroups/prod"))
            #expect(emulator.log().allSatisfy { $0.operation != .regenerateKey && $0.operation != .listKeys })
        }
    }
}
