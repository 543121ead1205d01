import KeyMaterial
import Rotation
import Testing

@testable import AzureKeys

@Suite struct ProxySettingsTests {
    private static let arm = "https://management.azure.com/subscriptions?api-version=2022-12-01"

    private func proxy(_ environment: [String: String], for url: String = arm) throws -> String? {
        try ProxySettings(environment: environment).proxy(for: url)?.description
    }

    @Test(arguments: [
        (["HTTPS_PROXY": "http://proxy.contoso.example:3128"], "the proxy proxy.contoso.example:3128"),
        (["https_proxy": "proxy.contoso.example:3128"], "the proxy proxy.contoso.example:3128"),
        (["https_proxy": "http://one:1", "HTTPS_PROXY": "http://two:2"], "the proxy one:1"),
        (["https_proxy": "", "HTTPS_PROXY": "http://two:2"], "the proxy two:2"),
        (["all_proxy": "socks5://one"], "the proxy one:1080"),
        (["ALL_PROXY": "http://one/"], "the proxy one:80"),
        (["https_proxy": "http://[fd00::1]:3128"], "the proxy [fd00::1]:3128"),
        (["http_proxy": "http://one:1"], nil),
        ([:], nil),
    ])
    func `the variables of curl and the Azure SDKs count`(_ environment: [String: String], _ expected: String?) throws {
        #expect(try proxy(environment) == expected)
    }

    @Test func `http has a proxy of its own`() throws {
        let environment = ["https_proxy": "http://one:1", "http_proxy": "http://two:2"]
        #expect(try proxy(environment, for: "http://contoso.example/") == "the proxy two:2")
        #expect(try proxy(environment) == "the proxy one:1")
    }

    @Test(arguments: [
        ("management.azure.com", true), (".azure.com", true), ("azure.com", true), ("*.azure.com", true), ("*", true),
        ("AZURE.com", true), ("contoso.example, azure.com", true), ("contoso.example azure.com", true),
        ("management.azure.com:443", true), ("management.azure.com:8443", false), ("zure.com", false),
        ("azure.com.example", false), ("10.0.0.0/8", false), (",", false), ("", false), (".", false), ("*.", false),
    ])
    func `no_proxy names hosts and domains`(_ list: String, isDirect: Bool) throws {
        #expect(try (proxy(["https_proxy": "http://one:1", "no_proxy": list]) == nil) == isDirect)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "https://10.20.30.40:8443/", true), ("10.0.0.0/8", "https://11.0.0.1/", false),
        ("10.0.0.0/15", "https://10.1.255.1/", true), ("10.0.0.0/15", "https://10.2.0.1/", false),
        ("0.0.0.0/0", "https://10.2.0.1/", true), ("10.2.0.1/32", "https://10.2.0.1/", true),
        ("fd00::/8", "https://[fd12::1]/", true), ("fd00::/8", "https://10.2.0.1/", false),
        ("10.2.0.1", "https://10.2.0.1/", true), ("10.2.0.1:443", "https://10.2.0.1/", true),
        ("10.2.0.1:444", "https://10.2.0.1/", false), ("fd12::1", "https://[FD12::1]:8443/", true),
        ("[fd12::1]:8443", "https://[fd12::1]:8443/", true), ("[fd12::1]:8443", "https://[fd12::1]/", false),
        ("10.0.0.0/33", "https://10.2.0.1/", false), ("10.0.0.0/x", "https://10.2.0.1/", false),
    ])
    func `no_proxy names addresses and networks`(_ list: String, _ url: String, isDirect: Bool) throws {
        #expect(try (proxy(["https_proxy": "http://one:1", "NO_PROXY": list], for: url) == nil) == isDirect)
    }

    @Test(arguments: [
        "https://localhost/", "http://localhost:40342/metadata", "https://127.0.0.1:8443/", "https://127.9.9.9/",
        "https://[::1]:8443/", "http://169.254.169.254/metadata/identity/oauth2/token", "http://[fe80::1]/",
    ])
    func `this machine and its link have no proxy`(_ url: String) throws {
        #expect(try proxy(["all_proxy": "http://one:1"], for: url) == nil)
    }

    @Test(arguments: [
        ("https://proxy:3128", "TLS to the proxy itself is not supported"), ("ftp://proxy", "must begin with http://"),
        ("http://", "no valid host"), ("http://proxy:0", "no valid host and port"),
        ("http://proxy:70000", "no valid host and port"), ("http://[::1", "no valid host"),
        ("http://user:se%zzcret@proxy:1", "percent-encoded"), ("socks5://user:secret@proxy:1", "without user"),
        ("http://user:secret@:3128", "no valid host"),
    ])
    func `a variable that names no proxy is named, not quoted`(_ text: String, _ complaint: String) throws {
        let failure = #expect(throws: Failure.self) { try ProxySettings(environment: ["HTTPS_PROXY": text]) }
        let detail = try #require(failure?.detail)
        #expect(detail.contains("HTTPS_PROXY") && detail.contains(complaint), "\(detail)")
        #expect(!detail.contains("secret"))
    }

    @Test func `the password of a proxy does not show`() throws {
        let settings = try ProxySettings(environment: ["https_proxy": "http://user:p%40ss%3Aword@proxy:3128"])
        let proxy = try #require(settings.proxy(for: Self.arm))
        #expect(proxy.account?.user == "user")
        let password = proxy.account?.password.withExposedText { $0 }
        #expect(password == "p@ss:word")
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!"\(settings) \(proxy) \(dumped)".contains("ss:word"))
    }
}
