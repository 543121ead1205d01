import AcsEmulator
import Daemon
import FoundationEssentials
import Rotation
import Testing

/// Credentials by name: each resource by its own, and one that is refused keeps only its resources waiting.
@Suite(.serialized, .timeLimit(.minutes(15))) struct NamedCredentialTests {
    private static let stranger = "00000000-0000-4000-8000-0000000000ff"

    /// Everything by a managed identity that does not exist, except what says otherwise.
    private static func configure(_ lab: Lab, secretFile: String) throws {
        try lab.write(lab.emulator.clientSecret, to: secretFile)
        try lab.configure(Lab.manual, extra: ["contoso-sms": "credential: registration"])
        let text = try #require(lab.text(of: lab.configurationPath))
        let credentials = """
              credential: {kind: managed-identity, clientId: \(stranger)}
              credentials:
                registration:
                  kind: client-secret
                  tenantId: \(lab.emulator.tenantID)
                  clientId: \(lab.emulator.clientID)
                  clientSecretCredential: azure\(Lab.secretSuffix)
            """
        try lab.write(
            text.replacing("  credential: {kind: managed-identity}", with: credentials), to: lab.configurationPath)
    }

    private func with(_ body: (Lab, _ environment: [String: String]) async throws -> Void) async throws {
        try await Lab.with(["contoso-sms", "contoso-mail"]) { lab in
            // Where systemd would put it; the name of the file marks it as one where a secret may be.
            let directory = lab.directory + "/credentials"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
            try Self.configure(lab, secretFile: directory + "/azure" + Lab.secretSuffix)
            try await body(lab, ["CREDENTIALS_DIRECTORY": directory])
        }
    }

    @Test func `the resource whose credential is good is published, the other one waits`() async throws {
        try await with { lab, environment in
            try await lab.withDaemon(environment: environment) { _ in
                try await eventually("a published secret") { lab.secret() }
                #expect(lab.secret() == (try lab.connectionString(.primary)))
                try await eventually("a refused token") {
                    lab.emulator.log().contains { $0.path.contains("/metadata/") && $0.status == 400 }.asFound
                }
                #expect(lab.secret(of: "contoso-mail") == nil)
            }
        }
    }

    @Test func `a one-shot regenerate takes what counts for the resource, or what it is told`() async throws {
        try await with { lab, environment in
            let mail = try Lab.id("contoso-mail").description
            let arguments = ["regenerate", "--id", mail, "--key-type", "Primary", "--yes"]
            let refused = try await lab.keyturn(arguments, environment: environment)
            #expect(refused.status != 0)
            #expect(refused.errors.contains(Self.stranger))
            for name in ["registration", "managed-identity"] {
                let done = try await lab.keyturn(
                    arguments + ["--credential", name], printsKeys: true, environment: environment)
                #expect(done.status == 0, "\(done.errors)")
            }
            let unknown = try await lab.keyturn(arguments + ["--credential", "nobody"], environment: environment)
            #expect(unknown.status != 0)
            #expect(unknown.errors.contains("there is no credential 'nobody'; there are registration, azure-cli"))
        }
    }
}
