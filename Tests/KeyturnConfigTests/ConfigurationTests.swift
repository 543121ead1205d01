import FoundationEssentials
import KeyturnConfig
import Rotation
import Testing

@Suite struct ConfigurationTests {
    private func good(_ name: String, directory: String = "") throws -> Configuration {
        let sources = try #require(Corpus.good.first { $0.name == name }).sources
        let moved = sources.map { ConfigurationSource(path: directory + $0.path, bytes: $0.bytes) }
        return try #require(Configuration.parse(moved, in: .sample).configuration)
    }

    @Test func fillsInDefaults() throws {
        let configuration = try good("minimal")
        #expect(configuration.azure.cloud == .known(.azureCloud))
        #expect(configuration.azure.credential == .managedIdentity(.systemAssigned))
        #expect(configuration.azure.subscriptionWrites == WriteLimit(bucket: 200, perHour: 36_000))
        #expect(configuration.azure.timeouts == Configuration.Timeouts())
        #expect(configuration.state.directory == "/var/lib/keyturn")
        #expect(configuration.secrets.directory == "/var/lib/keyturn/secrets")
        #expect(configuration.secrets.group == nil)
        #expect(configuration.secrets.mode == 0o640)
        #expect(configuration.control.socket == "/run/keyturn/control.sock")
        #expect(configuration.metrics.listen == nil)
        let resource = try #require(configuration.resources.first)
        #expect(resource.policy == Policy(every: .seconds(30 * 86_400), overlap: .seconds(86_400)))
        #expect(resource.reload.isEmpty && resource.run.isEmpty && resource.files.isEmpty)
    }

    @Test func readsEverySetting() throws {
        let configuration = try good("everything", directory: "/etc/keyturn/")
        guard case .custom(let cloud) = configuration.azure.cloud else {
            Issue.record("\(configuration.azure.cloud)")
            return
        }
        #expect(cloud.resourceManager == "https://management.contoso.example:8443/arm")
        #expect(cloud.login == "https://[fd00::1]:8443")
        #expect(cloud.audience == "https://management.contoso.example/.default")
        #expect(cloud.caFile == "/etc/keyturn/tls/ca.pem")
        #expect(cloud.dataPlaneHosts == ["acs.contoso.example", ".acs.contoso.example"])
        #expect(
            configuration.azure.credential
                == .clientSecret(
                    tenantID: "contoso.onmicrosoft.com", clientID: "00000000-0000-4000-8000-00000000000a",
                    secret: .file("/etc/keyturn/client-secret")))
        #expect(configuration.azure.subscriptionWrites == WriteLimit(bucket: 20, perHour: 360))
        #expect(
            configuration.azure.timeouts
                == Configuration.Timeouts(connect: .seconds(5), call: .seconds(60), regenerate: .seconds(90)))
        #expect(configuration.state.directory == "/etc/state")
        #expect(configuration.secrets.directory == "/srv/acs/secrets")
        #expect(configuration.secrets.group == "1000")
        #expect(configuration.secrets.mode == 0o440)
        #expect(configuration.control.socket == "/etc/keyturn/run/control.sock")
        #expect(configuration.metrics.listen?.description == "127.0.0.1:9464")
        #expect(configuration.policies.keys.sorted() == ["monthly", "paused-one"])
        #expect(
            configuration.policies["monthly"]
                == Policy(
                    every: .seconds(30 * 86_400), overlap: .seconds(129_600), jitter: .seconds(7200), mode: .manual,
                    maxAge: .seconds(45 * 86_400),
                    verification: Policy.Verification(probes: 5, spacing: .milliseconds(1500), timeout: .seconds(1200)),
                    settle: .seconds(90), retire: true, retry: [.seconds(1), .seconds(1), .seconds(60)],
                    driftCheck: .seconds(600)))
        #expect(configuration.policies["paused-one"]?.verification == nil)
        #expect(configuration.policies["paused-one"]?.mode == .paused)
    }

    @Test(arguments: [
        ("{}", 200, 36_000), ("{subscriptionWrites: }", 200, 36_000), ("{subscriptionWrites: {}}", 200, 36_000),
        ("{subscriptionWrites: {bucket: 1}}", 1, 36_000), ("{subscriptionWrites: {perHour: 540000}}", 200, 540_000),
        ("{cloud: AzureUSGovernment}", 200, 36_000), ("{cloud: AzureChinaCloud}", 1200, 1200),
        ("{cloud: AzureChinaCloud, subscriptionWrites: {bucket: 3000}}", 3000, 1200),
    ])
    func readsTheLimitOfWrites(_ azure: String, bucket: Int, perHour: Int) throws {
        let source = ConfigurationSource(path: "a.yaml", text: "azure: \(azure)\n" + Samples.minimal)
        let configuration = try #require(Configuration.parse([source], in: .sample).configuration)
        #expect(configuration.azure.subscriptionWrites == WriteLimit(bucket: bucket, perHour: perHour))
    }

    @Test func readsResources() throws {
        let resources = try good("everything").resources
        #expect(resources.map(\.name) == ["contoso-sms", "contoso-mail"])
        let sms = try #require(resources.first)
        #expect(sms.policyName == "monthly" && sms.policy.mode == .manual)
        #expect(sms.reload.map(\.unit) == ["contoso-sms.service", "worker@a\\x2db.service", "contoso-mail.service"])
        #expect(sms.reload.map(\.verb) == [.tryReloadOrRestart, .tryRestart, .tryReloadOrRestart])
        #expect(sms.reload.map(\.timeout) == [nil, .seconds(300), nil])
        #expect(sms.run.map(\.words) == [["/usr/local/bin/warm-cache", "--acs", "5", ""], ["/usr/bin/true"]])
        #expect(sms.encrypt?.name == "contoso-acs" && sms.encrypt?.key == .tpm2)
        #expect(resources.last?.encrypt == nil)
        #expect(sms.run.map(\.timeout) == [nil, .seconds(1)])
        let file = try #require(sms.files.first)
        #expect(file.name == "app.conf" && file.mode == 0o600 && file.owner == "acs" && file.group == "acs-readers")
        #expect(file.template == "# written by keyturn\n\n  acs = {{connectionString}}\n")
        #expect(sms.files.last?.mode == nil && sms.files.last?.owner == nil)
        #expect(
            resources.last?.id
                == (try ResourceID(
                    subscription: "00000000-0000-4000-8000-000000000001", resourceGroup: "messaging",
                    name: "contoso-mail"))
        )
    }

    @Test func joinsDropIns() throws {
        let configuration = try good("drop-ins")
        #expect(configuration.policies.keys.sorted() == ["monthly", "weekly"])
        #expect(configuration.resources.map(\.name) == ["contoso-sms", "contoso-mail"])
        #expect(configuration.resources.map(\.policyName) == ["weekly", "monthly"])
    }

    @Test(arguments: [
        ("/etc/keyturn/keyturn.yaml", "state", "/etc/keyturn/state"), ("/keyturn.yaml", "../a//b/./c/", "/a/b/c"),
        ("keyturn.yaml", "state", "state"), ("config/keyturn.yaml", "../.demo/state", ".demo/state"),
        ("../config/keyturn.yaml", "../../state", "../../state"), ("config/keyturn.yaml", "..", "."),
        ("/etc/keyturn/keyturn.yaml", "/var//lib/../lib/x/", "/var/lib/x"), ("/a/b.yaml", "../../../c", "/c"),
    ])
    func resolvesPaths(_ file: String, _ written: String, _ resolved: String) throws {
        let text = "state: {directory: \(written)}\n" + Samples.minimal
        let configuration = Configuration.parse([ConfigurationSource(path: file, text: text)], in: .sample)
            .configuration
        #expect(try #require(configuration).state.directory == resolved)
    }

    @Test func limitsTheSocketPathAfterResolvingIt() {
        let directory = "/" + String(repeating: "d", count: 100)
        func parse(_ socket: String) -> ConfigurationResult {
            let text = "control: {socket: \(socket)}\n" + Samples.minimal
            return Configuration.parse([ConfigurationSource(path: "\(directory)/a.yaml", text: text)], in: .sample)
        }
        #expect(parse("socke").configuration?.control.socket.utf8.count == 107)
        #expect(parse("socket").configuration == nil)
    }

    @Test func anErrorAnywhereMeansNoConfiguration() {
        let main = ConfigurationSource(path: "a.yaml", text: Samples.minimal)
        let bad = ConfigurationSource(path: "conf.d/b.yaml", text: "policies: {weekly: {every: 7}}")
        let result = Configuration.parse([main, bad], in: .sample)
        #expect(result.configuration == nil)
        #expect(result.diagnostics.filter { $0.severity == .error }.map(\.file) == ["conf.d/b.yaml"])
    }

    @Test func credentialsByName() throws {
        let text = """
            azure:
              credentials: {one: {kind: environment}, two: {kind: default}}
              subscriptions: {00000000-0000-4000-8000-00000000000C: {credential: one}}
            policies: {monthly: {every: 30d}}
            resources:
              - {name: a, subscription: 00000000-0000-4000-8000-00000000000c, resourceGroup: g, policy: monthly}
              - {name: b, subscription: 00000000-0000-4000-8000-00000000000c, resourceGroup: g, policy: monthly,
                 credential: two}
              - {name: c, subscription: 00000000-0000-4000-8000-00000000000d, resourceGroup: g, policy: monthly}
            """
        let source = ConfigurationSource(path: "keyturn.yaml", bytes: Array(text.utf8))
        let configuration = try #require(Configuration.parse([source], in: .sample).configuration)
        #expect(configuration.azure.credentials == ["one": .environment, "two": .firstAvailable])
        #expect(configuration.resources.map(\.credential) == ["one", "two", nil])
        #expect(configuration.resources.map { configuration.credentialName(for: $0.id) } == ["one", "two", nil])
        let other = try ResourceID(
            subscription: "00000000-0000-4000-8000-00000000000c", resourceGroup: "g", name: "unlisted")
        #expect(configuration.credentialName(for: other) == "one")
    }
}
