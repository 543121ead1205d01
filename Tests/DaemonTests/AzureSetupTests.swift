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
        // Of a directory that is there on every machine.
        let text = """
            {kind: client-secret, tenantId: contoso.example, clientId: \(Self.named), clientSecretCredential: passwd}
            """
        let failure = #expect(throws: Failure.self) { _ = try Self.credential(text) }
        #expect(failure?.detail.contains("LoadCredential=passwd:PATH") == true)
        #expect(throws: Never.self) { _ = try Self.credential(text, ["CREDENTIALS_DIRECTORY": "/etc"]) }
        let missing = #expect(throws: Failure.self) {
            _ = try Self.credential(text, ["CREDENTIALS_DIRECTORY": "/etc/keyturn.d"])
        }
        #expect(missing?.detail.contains("put the secret in /etc/credstore/passwd, mode 0600") == true)
    }

    private static let registration = [
        "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "not-to-be-shown",
    ]

    @Test func `an app registration in the environment`() async throws {
        var environment = Self.registration
        guard case .clientSecret("t", "c", let secret) = try Self.credential("{kind: environment}", environment) else {
            Issue.record("another credential")
            return
        }
        #expect(try await secret() == Secret("not-to-be-shown"))
        environment["AZURE_CLIENT_CERTIFICATE_PATH"] = "/c.pem"
        guard case .clientSecret = try Self.credential("{kind: environment}", environment) else {
            Issue.record("the secret does not win")
            return
        }
        environment["AZURE_CLIENT_SECRET"] = ""
        environment["AZURE_CLIENT_CERTIFICATE_PASSWORD"] = "not-to-be-shown"
        environment["AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"] = "True"
        guard case .clientCertificate("t", "c", let file) = try Self.credential("{kind: environment}", environment)
        else {
            Issue.record("another credential")
            return
        }
        #expect(
            file
                == ClientCertificateFile(
                    certificate: SecretFile(path: "/c.pem", what: "the client certificate"),
                    password: .text(Secret("not-to-be-shown")), algorithm: .ps256, sendsChain: true))
        for name in Self.registration.keys {
            var environment = Self.registration
            environment[name] = nil
            let failure = #expect(throws: Failure.self) { _ = try Self.credential("{kind: environment}", environment) }
            #expect(failure?.detail.contains(name) == true)
            #expect(failure?.detail.contains("not-to-be-shown") == false)
        }
    }

    private static func chain(_ environment: [String: String]) throws -> [AzureCredential.Link] {
        guard case .chain(let links) = try credential("{kind: default}", environment) else { return [] }
        return links
    }

    @Test(
        arguments: [
            (nil, ["environment", "workload-identity", "managed-identity", "azure-cli"]),
            ("PROD", ["environment", "workload-identity", "managed-identity"]), ("dev", ["azure-cli"]),
            ("ManagedIdentityCredential", ["managed-identity"]), ("AzureCliCredential", ["azure-cli"]),
            ("environmentcredential", ["environment"]), ("WorkloadIdentityCredential", ["workload-identity"]),
        ] as [(String?, [String])])
    func `the kinds in the order of the Azure SDKs`(value: String?, names: [String]) throws {
        var environment = Self.registration
        environment["AZURE_TOKEN_CREDENTIALS"] = value
        let links = try Self.chain(environment)
        #expect(links.map(\.name) == names)
        for link in links {
            switch (link.name, link.credential) {
            case ("environment", .success(.clientSecret)), ("workload-identity", .failure),
                ("managed-identity", .success(.managedIdentity(.clientID("c"), _))),
                ("azure-cli", .success(.commandLine)):
                continue
            default: Issue.record("\(link.name) is something else")
            }
        }
    }

    @Test func `AZURE_TOKEN_CREDENTIALS with another value`() throws {
        let failure = #expect(throws: Failure.self) {
            _ = try Self.chain(["AZURE_TOKEN_CREDENTIALS": "VisualStudioCodeCredential"])
        }
        #expect(failure?.detail.contains("VisualStudioCodeCredential") == true)
    }
}
