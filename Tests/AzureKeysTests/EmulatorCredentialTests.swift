import AcsEmulator
import AzureKeys
import KeyMaterial
import NIOPosix
import Rotation
import Testing

/// Every kind of credential against token endpoints that check what they are given, up to a call that needs the token.
@Suite(.timeLimit(.minutes(15)))
struct EmulatorCredentialTests {
    static func resource() throws -> EmulatedResourceID {
        try EmulatedResourceID("00000000-0000-0000-0000-000000000001/practice/contoso-sms")
    }

    /// Runs an emulator; `body` gets what makes clients of a credential, and of options.
    static func run(
        _ adjust: (inout EmulatorConfiguration) -> Void = { _ in },
        _ body: (RunningEmulator) async throws -> Void
    ) async throws {
        var configuration = EmulatorConfiguration(resources: [try resource()])
        adjust(&configuration)
        try await Emulator.withRunning(configuration) { try await body($0) }
    }

    /// What a listing by this credential throws; nil when the keys were listed.
    static func listing(
        _ emulator: RunningEmulator, _ credential: AzureCredential, isDiscovered: Bool = false
    ) async throws -> Failure? {
        let clients = try AzureClients(
            cloud: try AzureCloud(
                resourceManager: emulator.origin, login: isDiscovered ? nil : emulator.origin), credential: credential,
            group: MultiThreadedEventLoopGroup.singleton, logger: CapturingLog().logger())
        let failure: Failure?
        do throws(Failure) {
            let id: ResourceID
            do {
                id = try ResourceID("\(resource())")
            } catch {
                throw Failure(.badResponse, "\(error)")
            }
            _ = try await clients.resourceManager.listKeys(id)
            failure = nil
        } catch {
            failure = error
        }
        await clients.shutdown()
        return failure
    }

    private static func identities(of emulator: RunningEmulator) -> [ManagedIdentity] {
        [
            .systemAssigned, .clientID(emulator.clientID), .objectID(emulator.objectID),
            .resourceID(emulator.identityResourceID),
        ]
    }

    private static let strangers: [ManagedIdentity] = [
        .clientID("00000000-0000-0000-0000-00000000ffff"), .objectID("00000000-0000-0000-0000-00000000ffff"),
        .resourceID("/subscriptions/x/resourceGroups/y/providers/Microsoft.ManagedIdentity/userAssignedIdentities/z"),
    ]

    @Test
    func `managed identities of a virtual machine`() async throws {
        try await Self.run { emulator in
            let host = ManagedIdentityHost.virtualMachine(try Endpoint(emulator.origin))
            for identity in Self.identities(of: emulator) {
                #expect(try await Self.listing(emulator, .managedIdentity(identity, host)) == nil)
            }
            for identity in Self.strangers {
                let failure = try await Self.listing(emulator, .managedIdentity(identity, host))
                #expect(failure?.reason == .unauthenticated)
                #expect(failure?.detail.contains("is not assigned to this machine") == true)
            }
        }
    }

    @Test
    func `managed identities of App Service`() async throws {
        try await Self.run { emulator in
            func host(_ header: String) throws -> ManagedIdentityHost {
                .appService(try Endpoint(emulator.appServiceEndpoint), Secret(header))
            }
            for identity in Self.identities(of: emulator) {
                let failure = try await Self.listing(
                    emulator, .managedIdentity(identity, try host(emulator.identityHeader)))
                #expect(failure == nil)
            }
            for identity in Self.strangers {
                let failure = try await Self.listing(
                    emulator, .managedIdentity(identity, try host(emulator.identityHeader)))
                #expect(failure?.detail.contains("is not assigned to this app") == true)
            }
            let failure = try await Self.listing(
                emulator, .managedIdentity(.systemAssigned, try host("not-the-header")))
            #expect(failure?.detail.contains("refuses IDENTITY_HEADER") == true)
            #expect(failure?.detail.contains("not-the-header") == false)
        }
    }

    @Test
    func `the managed identity of Azure Arc`() async throws {
        let directory = try TemporaryDirectory()
        try await Self.run({ $0.arcDirectory = directory.path }) { emulator in
            let host = ManagedIdentityHost.arc(try Endpoint(emulator.arcEndpoint), directory: directory.path)
            #expect(try await Self.listing(emulator, .managedIdentity(.systemAssigned, host)) == nil)
            let elsewhere = ManagedIdentityHost.arc(try Endpoint(emulator.arcEndpoint), directory: "/elsewhere")
            let failure = try await Self.listing(emulator, .managedIdentity(.systemAssigned, elsewhere))
            #expect(failure?.detail.contains("not /elsewhere/NAME.key") == true)
        }
    }

    @Test
    func `a client secret`() async throws {
        try await Self.run { emulator in
            func credential(_ secret: String) -> AzureCredential {
                .clientSecret(tenant: emulator.tenantID, clientID: emulator.clientID) { Secret(secret) }
            }
            #expect(try await Self.listing(emulator, credential(emulator.clientSecret)) == nil)
            let failure = try await Self.listing(emulator, credential("not-the-secret"))
            #expect(failure?.detail.contains("AADSTS7000215") == true)
            #expect(failure?.detail.contains("not-the-secret") == false)
        }
    }

    @Test
    func `a workload identity, whose token is read each time`() async throws {
        let directory = try TemporaryDirectory()
        try await Self.run { emulator in
            let file = SecretFile(path: directory.path + "/token", what: "the federated token")
            let credential = AzureCredential.workloadIdentity(
                tenant: emulator.tenantID, clientID: emulator.clientID
            ) { () async throws(Failure) in try await file.text() }
            #expect(try await Self.listing(emulator, credential)?.detail.contains("there is no such file") == true)
            try directory.write(emulator.federatedToken(lifetime: 0) + "\n", to: "token")
            let expired = try await Self.listing(emulator, credential)
            #expect(expired?.reason == .unauthenticated)
            #expect(expired?.detail.contains("AADSTS700024") == true)
            try directory.write(emulator.federatedToken() + "\n", to: "token")
            #expect(try await Self.listing(emulator, credential) == nil)
            try directory.write("header.claims.signature", to: "token")
            #expect(try await Self.listing(emulator, credential)?.detail.contains("AADSTS50027") == true)
        }
    }

    private static func secret(_ emulator: RunningEmulator) -> AzureCredential {
        let secret = Secret(emulator.clientSecret)
        return .clientSecret(tenant: emulator.tenantID, clientID: emulator.clientID) { secret }
    }

    @Test
    func `a challenge is met with a token that has its claims`() async throws {
        try await Self.run({ $0.faults = [EmulatorFault(.claimsChallenge)] }) { emulator in
            #expect(try await Self.listing(emulator, Self.secret(emulator)) == nil)
            let statuses = emulator.log().filter { $0.operation == .listKeys }.map(\.status)
            #expect(statuses == [401, 200])
            // A managed identity cannot carry claims; once is all that is tried.
            let host = ManagedIdentityHost.virtualMachine(try Endpoint(emulator.origin))
            let failure = try await Self.listing(emulator, .managedIdentity(.systemAssigned, host))
            #expect(failure?.reason == .unauthenticated)
            #expect(emulator.log().count { $0.operation == .listKeys } == 4)
        }
    }

    @Test
    func `a cloud that is known by its resource manager alone`() async throws {
        try await Self.run { emulator in
            let failure = try await Self.listing(emulator, Self.secret(emulator), isDiscovered: true)
            #expect(failure == nil)
            let paths = emulator.log().map(\.path)
            #expect(paths.first == "/metadata/endpoints")
            #expect(paths.dropFirst().first == "/\(emulator.tenantID)/oauth2/v2.0/token")
        }
    }
}
