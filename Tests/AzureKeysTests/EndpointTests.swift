import AzureKeys
import KeyMaterial
import Rotation
import Testing

struct EndpointTests {
    @Test(arguments: [
        ("https://management.azure.com", "https://management.azure.com"),
        ("https://Management.Azure.com/", "https://management.azure.com"),
        ("HTTPS://h:443/", "https://h"), ("https://h:8443/base/", "https://h:8443/base"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://127.255.0.9", "http://127.255.0.9"),
        ("http://localhost:80", "http://localhost"), ("http://[::1]:9000/", "http://[::1]:9000"),
        ("http://169.254.169.254", "http://169.254.169.254"),
    ])
    func `good endpoints`(text: String, expected: String) throws {
        #expect(try Endpoint(text).description == expected)
    }

    @Test(arguments: [
        "", "management.azure.com", "ftp://h", "https://", "https:///x", "https://user@h", "https://user:pw@h",
        "https://h:0", "https://h:65536", "https://h:", "https://h:+1", "https://h?x=1", "https://h/#f",
        "https://h/a b",
        "https://[::1", "https://[::1]x", "https://h h", "https://h\r\nX: y",
        "http://management.azure.com", "http://127.0.0.1.evil.example", "http://127.0.0", "http://127.0.0.256",
        "http://1127.0.0.1", "http://localhost.evil.example", "http://169.254.169.253", "http://10.0.0.1",
        "http://[::2]",
        "http://0.0.0.0",
    ])
    func `bad endpoints`(text: String) {
        #expect(throws: Endpoint.Malformed.self) { try Endpoint(text) }
    }

    @Test
    func `the message about http says what is allowed`() {
        let error = #expect(throws: Endpoint.Malformed.self) { try Endpoint("http://management.azure.com") }
        #expect(error?.description.contains("must use https") == true)
    }

    @Test
    func `clouds by name`() {
        #expect(AzureCloud(named: "azurecloud") == .azureCloud)
        #expect(AzureCloud(named: "AzureUSGovernment")?.login?.host == "login.microsoftonline.us")
        #expect(
            AzureCloud(named: "AzureChinaCloud")?.resourceManager.description == "https://management.chinacloudapi.cn")
        #expect(AzureCloud(named: "AzureGermanCloud") == nil)
    }

    @Test
    func `an audience with or without default scope`() throws {
        let url = "https://arm.example"
        #expect(try AzureCloud(resourceManager: url, login: url).audience == url)
        #expect(
            try AzureCloud(resourceManager: url, login: url, audience: "https://a/.default").audience == "https://a")
    }

    private static func connectionString(_ endpoint: String) throws -> ConnectionString {
        try ConnectionString("endpoint=\(endpoint);accesskey=\(TestKeys.key(0))")
    }

    @Test(arguments: [
        "https://contoso.communication.azure.com/", "https://contoso.unitedstates.communication.azure.com/",
        "https://contoso.usgov.communication.azure.us/",
    ])
    func `Azure's hosts are allowed`(endpoint: String) throws {
        for cloud in AzureCloud.publicClouds {
            _ = try cloud.dataPlaneHosts.endpoint(of: try Self.connectionString(endpoint))
        }
    }

    @Test(arguments: [
        "https://evil.example/", "https://communication.azure.com/", "https://xcommunication.azure.com/",
        "https://contoso.communication.azure.com.evil.example/", "http://contoso.communication.azure.com/",
        "https://contoso.communication.azure.com/path/", "https://127.0.0.1/", "http://127.0.0.1:80/",
        "https://contoso.communication.azure.com@evil.example/", "http://169.254.169.254/",
        "https://acs.contoso.example/",
    ])
    func `other hosts are not`(endpoint: String) throws {
        let connectionString = try Self.connectionString(endpoint)
        let failure = #expect(throws: Failure.self) {
            try AzureCloud.azureCloud.dataPlaneHosts.endpoint(of: connectionString)
        }
        #expect(failure?.reason == .badConnectionString)
    }

    @Test
    func `a cloud of one's own may name more`() throws {
        let arm = "https://arm.contoso.example"
        let cloud = try AzureCloud(
            resourceManager: arm, login: arm, dataPlaneHosts: ["acs.contoso.example", ".acs.internal"])
        for allowed in ["https://acs.contoso.example/", "https://a.acs.internal/"] {
            _ = try cloud.dataPlaneHosts.endpoint(of: try Self.connectionString(allowed))
        }
        for refused in ["https://x.acs.contoso.example/", "https://acs.internal/", "https://127.0.0.1/"] {
            let connectionString = try Self.connectionString(refused)
            #expect(throws: Failure.self) { try cloud.dataPlaneHosts.endpoint(of: connectionString) }
        }
    }

    @Test
    func `this machine is allowed only beside a resource manager on it`() throws {
        let cloud = try AzureCloud(resourceManager: "http://localhost:1", login: "http://localhost:1")
        for allowed in ["http://127.0.0.1:5000/", "https://localhost:5001/", "https://a.communication.azure.com/"] {
            _ = try cloud.dataPlaneHosts.endpoint(of: try Self.connectionString(allowed))
        }
    }
}
