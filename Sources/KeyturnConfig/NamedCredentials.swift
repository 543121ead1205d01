import Rotation

/// Reads `azure.credentials` and `azure.subscriptions`.
struct NamedCredentials {
    let context: ReadingContext

    private var diagnostics: DiagnosticCollector { context.diagnostics }

    /// By name; nil for one that is defined, but wrong.
    func read(_ node: YAMLNode) -> [String: Configuration.Credential?] {
        var credentials: [String: Configuration.Credential?] = [:]
        for pair in pairs(node, "azure.credentials", "{other: {kind: managed-identity}}") {
            if let problem = Names.problem(pair.key) {
                diagnostics.error("the credential name '\(clipped(pair.key))' \(problem)", at: pair.keyMark)
            }
            let credential = CredentialSection(context: context)
                .read(pair.value, "credential '\(clipped(pair.key))'")
            credentials.updateValue(credential, forKey: pair.key)
        }
        return credentials
    }

    /// The names of credentials by subscription.
    func subscriptions(
        _ node: YAMLNode, _ credentials: [String: Configuration.Credential?]
    ) -> [String: String] {
        var subscriptions: [String: String] = [:]
        for pair in pairs(node, "azure.subscriptions", "{UUID: {credential: other}}") {
            guard Names.isUUID(pair.key) else {
                diagnostics.error(
                    "the subscription '\(clipped(pair.key))' must be a UUID such as"
                        + " 00000000-0000-0000-0000-000000000000", at: pair.keyMark)
                continue
            }
            let what = "subscription \(pair.key)"
            guard let reader = SettingsReader(pair.value, what, Self.subscriptionShape, diagnostics) else { continue }
            let name = reader.required("credential", "other") {
                $0.text("credential", "the name of a credential", diagnostics)
            }
            guard case .given(let name, let mark) = name else { continue }
            Self.check(name, Array(credentials.keys), at: mark, diagnostics)
            guard subscriptions.updateValue(name, forKey: pair.key.lowercased()) == nil else {
                diagnostics.error("\(what) is there twice", at: pair.keyMark)
                continue
            }
        }
        return subscriptions
    }

    private func pairs(_ node: YAMLNode, _ what: String, _ example: String) -> [YAMLPair] {
        switch node.content {
        case .mapping(let pairs): return pairs
        case .refused: return []
        case .scalar where node.isNothing: return []
        case .scalar, .sequence:
            diagnostics.error(
                "\(what) must be a mapping, not \(node.kind)", hint: "for example \(example)", at: node.mark)
            return []
        }
    }

    /// Reports a name that no credential has.
    static func check(_ name: String, _ names: [String], at mark: SourceMark, _ diagnostics: DiagnosticCollector) {
        guard !names.contains(name) else { return }
        let names = names.sorted()
        let hint =
            names.isEmpty
            ? "there are none; define it under azure.credentials"
            : DidYouMean.hint(for: name, among: names)
                ?? "the credentials are \(names.prefix(8).joined(separator: ", "))\(names.count > 8 ? ", …" : "")"
        diagnostics.error("credential '\(clipped(name))' is not defined", hint: hint, at: mark)
    }
}
