import AzureKeys
import KeyMaterial
import Rotation
import Testing

@Suite
struct ManagedIdentityHostTests {
    private static func host(_ environment: [String: String], agent: Bool = false) throws -> ManagedIdentityHost {
        try ManagedIdentityHost(environment: environment, hasArcAgent: agent)
    }

    private static func endpoint(_ text: String) throws -> Endpoint { try Endpoint(identityEndpoint: text) }

    @Test
    func `a virtual machine says nothing`() throws {
        #expect(try Self.host([:]) == .virtualMachine(nil))
        #expect(try Self.host(["IDENTITY_ENDPOINT": "", "MSI_ENDPOINT": ""]) == .virtualMachine(nil))
        // The header of one host and the variable of another prove neither.
        #expect(try Self.host(["IDENTITY_HEADER": "x"]) == .virtualMachine(nil))
        #expect(
            try Self.host(["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:9"])
                == .virtualMachine(try Self.endpoint("http://127.0.0.1:9")))
    }

    @Test(arguments: ["http://127.0.0.1:41741/msi/token", "http://169.254.129.4:8081/msi/token", "https://x.example/t"])
    func `App Service and Container Apps`(url: String) throws {
        let environment = ["IDENTITY_ENDPOINT": url, "IDENTITY_HEADER": "h", "IMDS_ENDPOINT": "http://x"]
        #expect(try Self.host(environment, agent: true) == .appService(try Self.endpoint(url), Secret("h")))
    }

    @Test
    func `Azure Arc by its variables or by its agent`() throws {
        let url = "http://localhost:40342/metadata/identity/oauth2/token"
        let arc = ManagedIdentityHost.arc(try Self.endpoint(url), directory: "/var/opt/azcmagent/tokens")
        #expect(try Self.host(["IDENTITY_ENDPOINT": url, "IMDS_ENDPOINT": "http://localhost:40342"]) == arc)
        #expect(try Self.host([:], agent: true) == arc)
        #expect(try Self.host(["IDENTITY_ENDPOINT": url]) == .virtualMachine(nil))
    }

    @Test(
        arguments: [
            (["IDENTITY_ENDPOINT": "http://evil.example/t", "IDENTITY_HEADER": "h"], "IDENTITY_ENDPOINT"),
            (["IDENTITY_ENDPOINT": "http://169.255.0.1/t", "IDENTITY_HEADER": "h"], "IDENTITY_ENDPOINT"),
            (["IDENTITY_ENDPOINT": "169.254.0.1", "IMDS_ENDPOINT": "h"], "IDENTITY_ENDPOINT"),
            (
                ["IDENTITY_ENDPOINT": "https://x", "IDENTITY_HEADER": "h", "IDENTITY_SERVER_THUMBPRINT": "0"],
                "Service Fabric"
            ),
            (["MSI_ENDPOINT": "http://localhost:50342"], "MSI_ENDPOINT"),
            (["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://evil.example"], "AZURE_POD_IDENTITY_AUTHORITY_HOST"),
        ] as [([String: String], String)])
    func `what is refused names the variable`(environment: [String: String], name: String) throws {
        let failure = #expect(throws: Failure.self) { try Self.host(environment) }
        #expect(failure?.detail.contains(name) == true)
    }
}
