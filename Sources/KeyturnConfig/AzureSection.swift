import Rotation

/// Reads `azure`.
struct AzureSection {
    let context: ReadingContext

    private var diagnostics: DiagnosticCollector { context.diagnostics }

    private enum CredentialKind: String, CaseIterable {
        case managedIdentity = "managed-identity"
        case clientSecret = "client-secret"

        var keys: [String] {
            switch self {
            case .managedIdentity: ["kind", "clientId"]
            case .clientSecret: ["kind", "tenantId", "clientId", "clientSecretFile", "clientSecretCredential"]
            }
        }
    }

    /// The public cloud and the machine's managed identity, as far as the file says nothing else. What is wrong is
    /// reported, and stands for the default.
    func read(_ node: YAMLNode?) -> Configuration.Azure {
        let reader = node.flatMap {
            SettingsReader(
                $0, "azure", keys: ["cloud", "credential", "subscriptionWrites"], allowsNothing: true, diagnostics)
        }
        let cloud = reader?.node("cloud").flatMap(cloud) ?? .known(.azureCloud)
        return Configuration.Azure(
            cloud: cloud,
            credential: reader?.node("credential").flatMap(credential) ?? .managedIdentity(clientID: nil),
            subscriptionWrites: subscriptionWrites(reader?.node("subscriptionWrites"), in: cloud))
    }

    /// Up to what Azure takes from all identities together: fifteen times its limit for one.
    private static let buckets = 1...3000
    private static let writesPerHour = 60...540_000

    private func subscriptionWrites(_ node: YAMLNode?, in cloud: Configuration.Cloud) -> WriteLimit {
        let usual: WriteLimit = cloud == .known(.azureChinaCloud) ? .azureChina : .azure
        let reader = node.flatMap {
            SettingsReader(
                $0, "azure.subscriptionWrites", keys: ["bucket", "perHour"], allowsNothing: true, diagnostics)
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
                node, "azure.cloud",
                keys: ["resourceManager", "login", "audience", "caFile", "dataPlaneHosts"], diagnostics)
        else { return nil }
        let resourceManager = reader.required("resourceManager", "https://management.azure.com") {
            url($0, "resourceManager")
        }
        let login = reader.required("login", "https://login.microsoftonline.com") { url($0, "login") }
        let audience = reader.setting("audience", self.audience)
        let caFile = reader.setting("caFile") { context.path($0, "caFile") }
        let hosts = reader.setting("dataPlaneHosts", self.hosts)
        guard let resourceManager = resourceManager.value, let login = login.value else { return nil }
        return .custom(
            Configuration.CustomCloud(
                resourceManager: resourceManager, login: login, audience: audience.value, caFile: caFile.value,
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

    private func credential(_ node: YAMLNode) -> Configuration.Credential? {
        let misplaced = [
            "clientSecret":
                "nothing secret belongs in this file; name a file with clientSecretFile, or a systemd credential with"
                + " clientSecretCredential"
        ]
        let all = CredentialKind.allCases.reduce(into: [String]()) { keys, kind in
            keys += kind.keys.filter { !keys.contains($0) }
        }
        guard let reader = SettingsReader(node, "azure.credential", keys: all, misplaced: misplaced, diagnostics) else {
            return nil
        }
        let kind = reader.required("kind", CredentialKind.managedIdentity.rawValue) {
            $0.word("kind", CredentialKind.self, diagnostics)
        }
        guard let kind = kind.value else { return nil }
        for key in all where !kind.keys.contains(key) {
            guard let mark = reader.keyMark(key) else { continue }
            diagnostics.error("'\(key)' does not go with kind \(kind.rawValue)", at: mark)
        }
        switch kind {
        case .managedIdentity:
            return .managedIdentity(clientID: reader.setting("clientId") { uuid($0, "clientId") }.value)
        case .clientSecret: return clientSecret(reader)
        }
    }

    private func clientSecret(_ reader: SettingsReader) -> Configuration.Credential? {
        let example = "00000000-0000-0000-0000-000000000000"
        let tenant = reader.required("tenantId", example, self.tenant)
        let client = reader.required("clientId", example) { uuid($0, "clientId") }
        let file = reader.setting("clientSecretFile") { context.path($0, "clientSecretFile", isSecret: true) }
        let credential = reader.setting("clientSecretCredential", systemdCredential)
        if !file.isAbsent, let mark = reader.keyMark("clientSecretCredential") {
            diagnostics.error(
                "both clientSecretFile and clientSecretCredential are set", hint: "keep one of them", at: mark)
        } else if file.isAbsent, credential.isAbsent, !reader.hasUnknownKeys, !reader.mentions("clientSecret") {
            diagnostics.error(
                "azure.credential needs 'clientSecretFile' or 'clientSecretCredential'",
                hint: "the path of a file that holds the secret, or the name of a systemd credential", at: reader.mark)
        }
        let secret =
            file.value.map(Configuration.ClientSecretSource.file)
            ?? credential.value.map(Configuration.ClientSecretSource.systemdCredential)
        guard let tenant = tenant.value, let client = client.value, let secret else { return nil }
        return .clientSecret(tenantID: tenant, clientID: client, secret: secret)
    }

    private func uuid(_ node: YAMLNode, _ what: String) -> String? {
        guard let text = node.text(what, "a UUID", diagnostics) else { return nil }
        guard Names.isUUID(text) else {
            diagnostics.error("\(what) must be a UUID such as 00000000-0000-0000-0000-000000000000", at: node.mark)
            return nil
        }
        return text
    }

    private func tenant(_ node: YAMLNode) -> String? {
        guard let text = node.text("tenantId", "a UUID or a domain", diagnostics) else { return nil }
        guard Names.isTenant(text) else {
            diagnostics.error(
                "tenantId must be a UUID or a domain such as contoso.onmicrosoft.com", at: node.mark)
            return nil
        }
        return text
    }

    private func systemdCredential(_ node: YAMLNode) -> String? {
        guard let text = node.text("clientSecretCredential", "the name of a systemd credential", diagnostics) else {
            return nil
        }
        guard Names.isSystemdCredential(text) else {
            diagnostics.error(
                "clientSecretCredential must be the name of a systemd credential, as in LoadCredential=NAME:PATH",
                hint: text.contains("/") ? "a path goes with clientSecretFile" : nil, at: node.mark)
            return nil
        }
        return text
    }
}
