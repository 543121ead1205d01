import Rotation

/// Reads `azure`.
struct AzureSection {
    let context: ReadingContext

    private var diagnostics: DiagnosticCollector { context.diagnostics }

    /// The public cloud and the machine's managed identity, as far as the file says nothing else. What is wrong is
    /// reported, and stands for the default.
    func read(_ node: YAMLNode?) -> Configuration.Azure {
        let reader = node.flatMap {
            SettingsReader(
                $0, "azure", Self.shape, diagnostics)
        }
        let cloud = reader?.node("cloud").flatMap(cloud) ?? .known(.azureCloud)
        let named = NamedCredentials(context: context)
        let credentials = reader?.node("credentials").map(named.read) ?? [:]
        return Configuration.Azure(
            cloud: cloud,
            credential: reader?.node("credential").flatMap {
                CredentialSection(context: context).read($0, "azure.credential")
            } ?? .managedIdentity(.systemAssigned),
            credentials: credentials.compactMapValues { $0 },
            subscriptions: reader?.node("subscriptions").map { named.subscriptions($0, credentials) } ?? [:],
            subscriptionWrites: subscriptionWrites(reader?.node("subscriptionWrites"), in: cloud),
            timeouts: timeouts(reader?.node("timeouts")))
    }

    static let connectTimeouts: ClosedRange<Duration> = .seconds(1)...(.seconds(60))
    static let callTimeouts: ClosedRange<Duration> = .seconds(5)...(.seconds(300))
    /// Shorter than the unit's `TimeoutStopSec=`, for the answer is awaited at a stop.
    static let regenerateTimeouts: ClosedRange<Duration> = .seconds(5)...(.seconds(90))

    private func timeouts(_ node: YAMLNode?) -> Configuration.Timeouts {
        let usual = Configuration.Timeouts()
        guard let node,
            let reader = SettingsReader(
                node, "azure.timeouts", Self.timeoutsShape, diagnostics)
        else { return usual }
        func span(_ key: String, in range: ClosedRange<Duration>) -> Setting<WrittenTimeSpan> {
            reader.setting(key) { $0.timeSpan(key, in: range, diagnostics) }
        }
        let connect = span("connect", in: Self.connectTimeouts)
        let timeouts = Configuration.Timeouts(
            connect: connect.value?.duration ?? usual.connect,
            call: span("call", in: Self.callTimeouts).value?.duration ?? usual.call,
            regenerate: span("regenerate", in: Self.regenerateTimeouts).value?.duration ?? usual.regenerate)
        if timeouts.connect > min(timeouts.call, timeouts.regenerate) {
            diagnostics.error(
                "connect (\(TimeSpan.describe(timeouts.connect))) is longer than a whole call may take",
                hint: "call is \(TimeSpan.describe(timeouts.call)), regenerate is"
                    + " \(TimeSpan.describe(timeouts.regenerate))",
                at: connect.mark ?? node.mark)
        }
        return timeouts
    }

    /// Up to what Azure takes from all identities together: fifteen times its limit for one.
    static let buckets = 1...3000
    static let writesPerHour = 60...540_000

    private func subscriptionWrites(_ node: YAMLNode?, in cloud: Configuration.Cloud) -> WriteLimit {
        let usual: WriteLimit = cloud == .known(.azureChinaCloud) ? .azureChina : .azure
        let reader = node.flatMap {
            SettingsReader(
                $0, "azure.subscriptionWrites", Self.subscriptionWritesShape, diagnostics)
        }
        let bucket = reader?.setting("bucket") { $0.integer("bucket", in: Self.buckets, diagnostics) }
        let perHour = reader?.setting("perHour") { $0.integer("perHour", in: Self.writesPerHour, diagnostics) }
        return WriteLimit(bucket: bucket?.value ?? usual.bucket, perHour: perHour?.value ?? usual.perHour)
    }

    private func cloud(_ node: YAMLNode) -> Configuration.Cloud? {
        guard case .mapping = node.content else {
            return node.word("cloud", Configuration.KnownCloud.self, diagnostics).map { .known($0) }
        }
        guard
            let reader = SettingsReader(
                node, "azure.cloud", Self.cloudShape, diagnostics)
        else { return nil }
        let resourceManager = reader.required("resourceManager", "https://management.azure.com") {
            url($0, "resourceManager")
        }
        let login = reader.setting("login") { url($0, "login") }
        let audience = reader.setting("audience", self.audience)
        let caFile = reader.setting("caFile") { context.path($0, "caFile") }
        let hosts = reader.setting("dataPlaneHosts", self.hosts)
        guard let resourceManager = resourceManager.value else { return nil }
        return .custom(
            Configuration.CustomCloud(
                resourceManager: resourceManager, login: login.value, audience: audience.value, caFile: caFile.value,
                dataPlaneHosts: hosts.value ?? []))
    }

    private func url(_ node: YAMLNode, _ what: String) -> String? {
        guard let text = node.text(what, "a URL", diagnostics) else { return nil }
        guard let problem = ServiceURL.problem(text) else { return text }
        diagnostics.error("\(what) '\(clipped(text))' \(problem)", at: node.mark)
        return nil
    }

    private func audience(_ node: YAMLNode) -> String? {
        guard let text = node.text("audience", "what tokens are for", diagnostics) else { return nil }
        guard !text.contains(" ") else {
            diagnostics.error(
                "audience '\(clipped(text))' must have no space", hint: "for example https://management.azure.com",
                at: node.mark)
            return nil
        }
        return text
    }

    private func hosts(_ node: YAMLNode) -> [String]? {
        node.list("dataPlaneHosts", "[acs.contoso.example]", diagnostics)?.compactMap { item in
            guard let host = item.text("a data-plane host", "a host name", diagnostics) else { return nil }
            guard let problem = ServiceURL.hostProblem(host) else { return host }
            diagnostics.error("'\(clipped(host))' \(problem)", at: item.mark)
            return nil
        }
    }
}
