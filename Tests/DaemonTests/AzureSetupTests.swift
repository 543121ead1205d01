import FoundationEssentials
import KeyMaterial
import KeyturnConfig
import Logging
import Rotation
import Testing

@testable import AzureKeys
@testable import Daemon

@Suite struct AzureSetupTests {
    private static func azure(_ credential: String, cloud: String = "AzureCloud") throws -> Configuration.Azure {
        let text = """
            azure:
              cloud: \(cloud)
              credential: \(credential)
            policies: {monthly: {every: 30d}}
            resources: []
            """
        let surroundings = ConfigurationSurroundings(
            now: Instant(unixSeconds: 1_795_996_800), zone: { _ in .known(.utc) }, zoneNames: { [] })
        let source = ConfigurationSource(path: "keyturn.yaml", bytes: Array(text.utf8))
        return try #require(Configuration.parse([source], in: surroundings).configuration?.azure)
    }

    private static func credential(
        _ text: String, _ environment: [String: String] = [:]
    ) throws -> AzureCredential {
        try CredentialSetup(environment: environment).credential(azure(text).credential)
    }

    private static let named = "00000000-0000-0000-0000-0000000000cc"

    @Test func `a workload identity takes from the environment what the file leaves open`() throws {
        let environment = [
            "AZURE_TENANT_ID": "from-environment", "AZURE_CLIENT_ID": "client", "AZURE_FEDERATED_TOKEN_FILE": "/t",
        ]
        guard
            case .workloadIdentity("from-environment", "client", _) =
                try Self.credential("{kind: workload-identity}", environment),
            case .workloadIdentity("contoso.example", Self.named, _) = try Self.credential(
                "{kind: workload-identity, tenantId: contoso.example, clientId: \(Self.named)}", environment)
        else {
            Issue.record("other credentials")
            return
        }
        for name in environment.keys {
            let failure = #expect(throws: Failure.self) {
                var environment = environment
                environment[name] = ""
                _ = try Self.credential("{kind: workload-identity}", environment)
            }
            #expect(failure?.detail.contains(name) == true)
        }
    }

    @Test func `AZURE_AUTHORITY_HOST counts for those that read the environment`() throws {
        let setup = CredentialSetup(environment: ["AZURE_AUTHORITY_HOST": "login.contoso.example"])
        #expect(try setup.authorityHost()?.description == "https://login.contoso.example")
        #expect(try CredentialSetup(environment: [:]).authorityHost() == nil)
        #expect(throws: Failure.self) {
            try CredentialSetup(environment: ["AZURE_AUTHORITY_HOST": "http://contoso.example"]).authorityHost()
        }
        #expect(try Self.azure("{kind: workload-identity}").credential.readsEnvironment)
        #expect(try !Self.azure("{kind: managed-identity}").credential.readsEnvironment)
    }

    @Test func `managed identities by any of their ids`() throws {
        for (text, identity) in [
            ("{kind: managed-identity}", .systemAssigned),
            ("{kind: managed-identity, clientId: \(Self.named)}", .clientID(Self.named)),
            ("{kind: managed-identity, objectId: \(Self.named)}", .objectID(Self.named)),
        ] as [(String, ManagedIdentity)] {
            guard case .managedIdentity(identity, .virtualMachine(nil)) = try Self.credential(text) else {
                Issue.record("another credential for \(text)")
                continue
            }
        }
    }

    @Test func `a systemd credential needs its directory`() throws {
        let text = """
            {kind: client-secret, tenantId: contoso.example, clientId: \(Self.named), clientSecretCredential: azure}
            """
        let failure = #expect(throws: Failure.self) { _ = try Self.credential(text) }
        #expect(failure?.detail.contains("LoadCredential=azure:PATH") == true)
        #expect(throws: Never.self) { _ = try Self.credential(text, ["CREDENTIALS_DIRECTORY": "/run/credentials"]) }
    }
}
