import Rotation

/// Reads one credential.
struct CredentialSection {
    let context: ReadingContext

    var diagnostics: DiagnosticCollector { context.diagnostics }

    enum Kind: String, CaseIterable {
        case managedIdentity = "managed-identity"
        case clientSecret = "client-secret"
        case clientCertificate = "client-certificate"
        case workloadIdentity = "workload-identity"
        case azureCLI = "azure-cli"
        case environment
        case firstAvailable = "default"
    }

    private static let example = "00000000-0000-0000-0000-000000000000"

    /// What people write who are about to put a secret into the file.
    private static let misplaced = [
        "clientSecret":
            "nothing secret belongs in this file; name a file with clientSecretFile, or a systemd credential with"
            + " clientSecretCredential",
        "certificatePassword":
            "nothing secret belongs in this file; name a file with certificatePasswordFile, or a systemd credential with"
            + " certificatePasswordCredential",
    ]

    /// nil, after a report, when something is wrong.
    ///
    /// - Parameter what: for messages: `azure.credential`.
    func read(_ node: YAMLNode, _ what: String) -> Configuration.Credential? {
        let whole = Self.wholeShape
        guard let reader = SettingsReader(node, what, whole, misplaced: Self.misplaced, diagnostics) else {
            return nil
        }
        let kind = reader.required("kind", Kind.managedIdentity.rawValue) {
            $0.word("kind", Kind.self, diagnostics)
        }
        guard let kind = kind.value else { return nil }
        for key in whole.keys.dropFirst() where !kind.shape.keys.contains(key) {
            guard let mark = reader.keyMark(key) else { continue }
            diagnostics.error("'\(key)' does not go with kind \(kind.rawValue)", at: mark)
        }
        switch kind {
        case .managedIdentity: return managedIdentity(reader)
        case .clientSecret: return clientSecret(reader)
        case .clientCertificate: return clientCertificate(reader)
        case .workloadIdentity: return workloadIdentity(reader)
        case .azureCLI: return .azureCLI(tenantID: reader.setting("tenantId", tenant).value)
        case .environment: return .environment
        case .firstAvailable: return .firstAvailable
        }
    }

    private func managedIdentity(_ reader: SettingsReader) -> Configuration.Credential? {
        let client = reader.setting("clientId") { uuid($0, "clientId") }
        let object = reader.setting("objectId") { uuid($0, "objectId") }
        let resource = reader.setting("resourceId", identityResource)
        let given = ["clientId", "objectId", "resourceId"].filter { reader.keyMark($0) != nil }
        if given.count > 1, let last = given.last, let mark = reader.keyMark(last) {
            diagnostics.error(
                "both \(given[0]) and \(last) are set", hint: "each of them names an identity; keep one", at: mark)
            return nil
        }
        if let id = client.value { return .managedIdentity(.clientID(id)) }
        if let id = object.value { return .managedIdentity(.objectID(id)) }
        if let id = resource.value { return .managedIdentity(.resourceID(id)) }
        return .managedIdentity(.systemAssigned)
    }

    private func identityResource(_ node: YAMLNode) -> String? {
        guard let text = node.text("resourceId", "the resource id of an identity", diagnostics) else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let words = parts.map { $0.lowercased() }
        let provider = ["providers", "microsoft.managedidentity", "userassignedidentities"]
        guard parts.count == 9, words[0].isEmpty, words[1] == "subscriptions", Names.isUUID(parts[2]),
            words[3] == "resourcegroups", !parts[4].isEmpty, Array(words[5...7]) == provider, !parts[8].isEmpty,
            !text.contains(where: { $0 == " " || "?#%".contains($0) })
        else {
            diagnostics.error(
                "resourceId must be the resource id of a user-assigned identity:"
                    + " /subscriptions/UUID/resourceGroups/GROUP/providers/Microsoft.ManagedIdentity"
                    + "/userAssignedIdentities/NAME",
                hint: "az identity list --query [].id prints them", at: node.mark)
            return nil
        }
        return text
    }

    private func clientSecret(_ reader: SettingsReader) -> Configuration.Credential? {
        let tenant = reader.required("tenantId", Self.example, self.tenant)
        let client = reader.required("clientId", Self.example) { uuid($0, "clientId") }
        let secret = secretSource(reader, "clientSecret", isRequired: true, "the secret")
        guard let tenant = tenant.value, let client = client.value, let secret = secret.value else { return nil }
        return .clientSecret(tenantID: tenant, clientID: client, secret: secret)
    }

    private func clientCertificate(_ reader: SettingsReader) -> Configuration.Credential? {
        let tenant = reader.required("tenantId", Self.example, self.tenant)
        let client = reader.required("clientId", Self.example) { uuid($0, "clientId") }
        let certificate = secretSource(reader, "certificate", isRequired: true, "the certificate and its key")
        let password = secretSource(reader, "certificatePassword", isRequired: false, "the password")
        let sendsChain = reader.setting("sendCertificateChain") { $0.boolean("sendCertificateChain", diagnostics) }
        let algorithm = reader.setting("signatureAlgorithm") {
            $0.word("signatureAlgorithm", Configuration.AssertionAlgorithm.self, diagnostics)
        }
        guard let tenant = tenant.value, let client = client.value, let certificate = certificate.value else {
            return nil
        }
        return .clientCertificate(
            tenantID: tenant, clientID: client,
            Configuration.ClientCertificate(
                certificate: certificate, password: password.value, algorithm: algorithm.value ?? .ps256,
                sendsChain: sendsChain.value ?? false))
    }

    private func workloadIdentity(_ reader: SettingsReader) -> Configuration.Credential? {
        let tenant = reader.setting("tenantId", self.tenant)
        let client = reader.setting("clientId") { uuid($0, "clientId") }
        let file = reader.setting("tokenFile") { context.path($0, "tokenFile", isSecret: true) }
        return .workloadIdentity(tenantID: tenant.value, clientID: client.value, tokenFile: file.value)
    }

    /// Something secret by one of two keys: `NAMEFile`, a path, and `NAMECredential`, a systemd credential.
    private func secretSource(
        _ reader: SettingsReader, _ name: String, isRequired: Bool, _ whatIsInIt: String
    ) -> Setting<Configuration.SecretSource> {
        let (fileKey, credentialKey) = ("\(name)File", "\(name)Credential")
        let file = reader.setting(fileKey) { context.path($0, fileKey, isSecret: true) }
        let credential = reader.setting(credentialKey) { systemdCredential($0, credentialKey, fileKey) }
        if !file.isAbsent, let mark = reader.keyMark(credentialKey) {
            diagnostics.error("both \(fileKey) and \(credentialKey) are set", hint: "keep one of them", at: mark)
            return .refused
        }
        if file.isAbsent, credential.isAbsent {
            guard isRequired else { return .absent }
            if !reader.hasUnknownKeys, !reader.mentions(name) {
                diagnostics.error(
                    "\(reader.what) needs '\(fileKey)' or '\(credentialKey)'",
                    hint: "the path of a file that holds \(whatIsInIt), or the name of a systemd credential",
                    at: reader.mark)
            }
            return .refused
        }
        switch (file, credential) {
        case (.given(let path, let mark), _): return .given(.file(path), mark)
        case (_, .given(let name, let mark)): return .given(.systemdCredential(name), mark)
        default: return .refused
        }
    }

    private func uuid(_ node: YAMLNode, _ what: String) -> String? {
        guard let text = node.text(what, "a UUID", diagnostics) else { return nil }
        guard Names.isUUID(text) else {
            diagnostics.error("\(what) must be a UUID such as \(Self.example)", at: node.mark)
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

    private func systemdCredential(_ node: YAMLNode, _ key: String, _ fileKey: String) -> String? {
        guard let text = node.text(key, "the name of a systemd credential", diagnostics) else { return nil }
        guard Names.isSystemdCredential(text) else {
            diagnostics.error(
                "\(key) must be the name of a systemd credential, as in LoadCredential=NAME:PATH",
                hint: text.contains("/") ? "a path goes with \(fileKey)" : nil, at: node.mark)
            return nil
        }
        return text
    }
}
