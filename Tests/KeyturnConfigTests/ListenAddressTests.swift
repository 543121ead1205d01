import KeyturnConfig
import Testing

@Suite struct ListenAddressTests {
    private func parse(_ listen: String) -> ConfigurationResult {
        let source = ConfigurationSource(path: "a.yaml", text: "metrics: {listen: '\(listen)'}\n" + Samples.minimal)
        return Configuration.parse([source], in: .sample)
    }

    @Test(arguments: [
        ("127.0.0.1:9464", "127.0.0.1", 9464), ("127.255.0.9:0", "127.255.0.9", 0), ("[::1]:65535", "::1", 65535),
    ])
    func `addresses of this machine alone`(_ text: String, _ address: String, _ port: Int) throws {
        let result = parse(text)
        let listen = try #require(result.configuration?.metrics.listen)
        #expect(listen.address == address && listen.port == port && listen.description == text)
        #expect(listen.isLoopback)
        #expect(result.diagnostics.isEmpty)
    }

    @Test(arguments: [
        "0.0.0.0:9464", "10.1.2.3:80", "[::]:9464", "[fd00:1:2::3]:9464", "[1:2:3:4:5:6:7:8]:1",
        "[::ffff:192.0.2.1]:9464", "[1:2:3:4:5:6:192.0.2.1]:9464", "[1::192.0.2.1]:9464", "[1:2:3:4:5:6:7::]:1",
    ])
    func `others can connect to these, which is told`(_ text: String) throws {
        let result = parse(text)
        #expect(try #require(result.configuration?.metrics.listen).description == text)
        let warning = try #require(result.diagnostics.first)
        #expect(warning.severity == .warning)
        #expect(warning.message.hasPrefix("metrics.listen \(text) lets other machines read"))
    }

    @Test(arguments: [
        ("9464", "has no address", "127.0.0.1:9464"), (":9464", "has no address", "0.0.0.0:9464"),
        ("*:9464", "has no address", "127.0.0.1:9464"), ("localhost:9464", "has a host name", "127.0.0.1:9464"),
        ("127.0.0.1", "has no port", "127.0.0.1:9464"), ("127.0.0.1:", "has no valid port", "65535"),
        ("127.0.0.1:65536", "has no valid port", "65535"), ("127.0.0.1:+80", "has no valid port", "65535"),
        ("127.0.0.1:http", "has no valid port", "65535"), ("::1:9464", "without brackets", #""[::1]:9464""#),
        ("fd00::a", "has no port", #""[fd00::a]:9464""#),
        ("metrics.example:9464", "no valid IP address", "no host names"),
        ("127.1:9464", "no valid IP address", "127.0.0.1:9464"), ("127.0.0.01:9464", "no valid IP address", "no host"),
        ("256.0.0.1:9464", "no valid IP address", "no host"), ("[127.0.0.1]:9464", "no valid IP address", "no host"),
        ("[::1:9464", "no valid IP address", "no host"), ("[1:2:3:4:5:6:7]:1", "no valid IP address", "no host"),
        ("[1::2::3]:1", "no valid IP address", "no host"), ("[1:2:3:4:5:6:7:8::]:1", "no valid IP address", "no host"),
        ("[12345::]:1", "no valid IP address", "no host"), ("[]:1", "no valid IP address", "no host"),
        ("[1:2:3:4:5:6:7:192.0.2.1]:1", "no valid IP address", "no host"),
        ("http://127.0.0.1:1", "no valid IP", "no host"),
    ])
    func `what is wrong is said with what to write`(_ text: String, _ message: String, _ hint: String) throws {
        let result = parse(text)
        #expect(result.configuration == nil)
        let error = try #require(result.diagnostics.first)
        #expect(result.diagnostics.count == 1)
        #expect(error.message.contains(message), "\(error)")
        #expect(error.hint?.contains(hint) == true, "\(error)")
    }
}
