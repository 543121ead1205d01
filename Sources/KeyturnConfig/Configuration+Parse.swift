import Rotation

extension Configuration {
    /// Reads configuration files that somebody else read from disk. Everything that is wrong is reported at once, each
    /// thing once.
    ///
    /// - Parameters:
    ///   - sources: the main file first; the others, `conf.d`, may hold policies and resources only. A relative path in
    ///     any of them starts at the directory of the main file.
    ///   - surroundings: the time, and the machine's time zones.
    package static func parse(
        _ sources: [ConfigurationSource], in surroundings: ConfigurationSurroundings
    ) -> ConfigurationResult {
        precondition(!sources.isEmpty, "a configuration has at least its main file")
        let diagnostics = DiagnosticCollector()
        var reader = ConfigurationReader(mainFile: sources[0].path, surroundings, diagnostics)
        for (index, source) in sources.enumerated() {
            reader.read(source, isMain: index == 0)
        }
        let configuration = reader.finish()
        return ConfigurationResult(
            configuration: diagnostics.hasErrors ? nil : configuration,
            diagnostics: diagnostics.sorted(files: sources.map(\.path)))
    }
}

/// Reads all files into drafts, then checks what only all of them together can show.
private struct ConfigurationReader {
    private let context: ReadingContext
    private let start: SourceMark
    private var azure: Configuration.Azure
    private var state: Configuration.State
    private var secrets: Configuration.Secrets
    private var control: Configuration.Control
    private var metrics: Configuration.Metrics
    private var policies = PolicyBook()
    private var resources: [ResourceDraft] = []
    private var discovery: [DiscoveryDraft] = []
    /// Whether all of every file was understood; if not, what seems to be missing may be in the rest.
    private var isComplete = true
    /// Whether `azure` was understood, so that a credential that is not there is nowhere.
    private var isAzureGood = true

    private var diagnostics: DiagnosticCollector { context.diagnostics }

    init(mainFile: String, _ surroundings: ConfigurationSurroundings, _ diagnostics: DiagnosticCollector) {
        context = ReadingContext(mainFile: mainFile, surroundings, diagnostics)
        start = SourceMark(file: mainFile, line: 1, column: 1)
        azure = AzureSection(context: context).read(nil)
        let sections = DirectorySections(context: context)
        state = sections.state(nil)
        secrets = sections.secrets(nil, state: state)
        control = sections.control(nil)
        metrics = sections.metrics(nil)
    }

    mutating func read(_ source: ConfigurationSource, isMain: Bool) {
        let start = SourceMark(file: source.path, line: 1, column: 1)
        let text: SourceText
        do throws(Diagnostic) {
            text = try SourceText(source)
        } catch {
            diagnostics.report(error)
            isComplete = false
            return
        }
        guard let document = try? YAMLDocument(text, diagnostics) else {
            isComplete = false
            return
        }
        guard let root = document.root, !root.isNothing else {
            if isMain {
                isComplete = false
                diagnostics.error("the file has no settings", hint: "it needs policies and resources", at: start)
            } else {
                diagnostics.warning("the file has no settings", at: start)
            }
            return
        }
        read(root, text, isMain: isMain)
    }

    private mutating func read(_ root: YAMLNode, _ text: SourceText, isMain: Bool) {
        let elsewhere = "set it in \(start.file); other files hold policies, resources and discover only"
        let mainOnly = ConfigurationShape.mainOnly.map { ($0.key, elsewhere) }
        let misplaced = isMain ? [:] : Dictionary(mainOnly, uniquingKeysWith: { $1 })
        let shape = isMain ? ConfigurationShape.file : ConfigurationShape.dropIn
        guard let reader = SettingsReader(root, "this file", shape, misplaced: misplaced, diagnostics) else {
            isComplete = false
            return
        }
        if reader.hasUnknownKeys { isComplete = false }
        if isMain {
            let before = diagnostics.errorCount
            azure = AzureSection(context: context).read(reader.node("azure"))
            isAzureGood = diagnostics.errorCount == before
            let sections = DirectorySections(context: context)
            state = sections.state(reader.node("state"))
            secrets = sections.secrets(reader.node("secrets"), state: state)
            control = sections.control(reader.node("control"))
            metrics = sections.metrics(reader.node("metrics"))
        }
        if let node = reader.node("policies"), !policies.add(node, context) { isComplete = false }
        if let node = reader.node("resources") {
            readResources(node, ResourceSection(context: context, lines: text.lines))
        }
        if let node = reader.node("discover") {
            readDiscovery(node, DiscoverySection(context: context, lines: text.lines))
        }
    }

    private mutating func readDiscovery(_ node: YAMLNode, _ section: DiscoverySection) {
        if node.isNothing { return }
        guard let items = node.list("discover", "[{subscription: …, policy: …}]", diagnostics) else {
            isComplete = false
            return
        }
        for item in items {
            if let draft = section.read(item) { discovery.append(draft) } else { isComplete = false }
        }
    }

    private mutating func readResources(_ node: YAMLNode, _ section: ResourceSection) {
        if node.isNothing { return }
        guard let items = node.list("resources", "[{name: …, id: …, policy: …}]", diagnostics) else {
            isComplete = false
            return
        }
        for item in items {
            if let draft = section.read(item) { resources.append(draft) } else { isComplete = false }
        }
    }

    /// Checks across the files; what it returns is only good when nothing was reported.
    func finish() -> Configuration {
        reportRepetitions()
        var used: Set<String> = []
        var resolved: [Configuration.Resource] = []
        for draft in resources {
            diagnostics.resource = draft.name.value
            defer { diagnostics.resource = nil }
            guard let policyName = resolve(draft.policyName, draft.credential) else { continue }
            used.insert(policyName)
            if let name = draft.name.value, let id = draft.id, let policy = policies[policyName] {
                resolved.append(
                    Configuration.Resource(
                        name: name, id: id, policyName: policyName, policy: policy,
                        credential: draft.credential.value ?? azure.subscriptions[id.subscription.lowercased()],
                        reload: draft.reload, run: draft.run, encrypt: draft.encrypt, files: draft.files))
            }
        }
        let rules = resolveDiscovery(&used)
        if isComplete, !diagnostics.hasErrors {
            checkCanaries(resolved, rules)
            BudgetChecks(
                resources: resolved, limit: azure.subscriptionWrites, isCertain: isKnownCloud,
                now: context.surroundings.now,
                mark: { policies.mark(of: $0) }, diagnostics: diagnostics
            ).run()
        }
        if isComplete {
            if resources.isEmpty, discovery.isEmpty {
                diagnostics.warning("no resources: there is nothing to rotate", at: start)
            }
            if resources.allSatisfy({ $0.policyName.value != nil }),
                discovery.allSatisfy({ $0.policyName.value != nil })
            {
                policies.warnUnused(used, diagnostics)
            }
        }
        return Configuration(
            azure: azure, state: state, secrets: secrets, control: control, metrics: metrics,
            policies: policies.good, resources: resolved, discover: rules)
    }

    /// Reports names that nothing has; returns that of the policy when it is written.
    private func resolve(_ policy: Setting<String>, _ credential: Setting<String>) -> String? {
        guard case .given(let policyName, let mark) = policy else { return nil }
        if !policies.defines(policyName), isComplete {
            diagnostics.error(
                "policy '\(clipped(policyName))' is not defined",
                hint: policies.suggestion(for: policyName), at: mark)
        }
        if case .given(let credential, let mark) = credential, isAzureGood {
            NamedCredentials.check(credential, Array(azure.credentials.keys), at: mark, diagnostics)
        }
        return policyName
    }

    private func resolveDiscovery(_ used: inout Set<String>) -> [Configuration.DiscoveryRule] {
        var rules: [Configuration.DiscoveryRule] = []
        var sought: [String: SourceMark] = [:]
        for draft in discovery {
            if let what = draft.whatIsSought {
                if let first = sought[what] {
                    diagnostics.error(
                        "another discover rule looks for the same, and only the first would count",
                        hint: "it is at \(first); remove one of them", at: draft.mark)
                }
                sought[what] = sought[what] ?? draft.mark
            }
            guard let policyName = resolve(draft.policyName, draft.credential) else { continue }
            used.insert(policyName)
            guard let subscription = draft.subscription, let policy = policies[policyName] else { continue }
            let credential = draft.credential.value ?? azure.subscriptions[subscription.lowercased()]
            rules.append(draft.rule(policyName, policy, credential: credential, of: subscription))
        }
        return rules
    }

    private var isKnownCloud: Bool {
        if case .known = azure.cloud { true } else { false }
    }

    private func checkCanaries(_ resolved: [Configuration.Resource], _ rules: [Configuration.DiscoveryRule]) {
        for (name, policy) in policies.good {
            guard let canary = policy.canary, let mark = policies.canaryMark(of: name) else { continue }
            let names = resolved.filter { $0.policyName == name }.map(\.name)
            // A discovered one may go at any time, so that it is none.
            let isUsed = !names.isEmpty || rules.contains { $0.policyName == name }
            guard isUsed, !names.contains(canary) else { continue }
            let other = resolved.first { $0.name == canary }
            diagnostics.error(
                other.map {
                    "the canary '\(clipped(canary))' of policy '\(name)' has another policy, '\($0.policyName)'"
                }
                    ?? "there is no resource '\(clipped(canary))' to be the canary of policy '\(name)'",
                hint: DidYouMean.hint(for: canary, among: names) ?? "name one of the policy's own resources", at: mark)
        }
    }

    private func reportRepetitions() {
        var names: [String: SourceMark] = [:]
        var ids: [ResourceID: SourceMark] = [:]
        var credentials: [String: SourceMark] = [:]
        for draft in resources {
            diagnostics.resource = draft.name.value
            defer { diagnostics.resource = nil }
            var isNew = true
            if case .given(let name, let mark) = draft.name {
                if let first = names[name] {
                    isNew = false
                    diagnostics.error(
                        "another resource has the name '\(name)'", hint: "it is at \(first)", at: mark)
                }
                names[name] = names[name] ?? mark
            }
            if let credential = draft.encrypt {
                if let first = credentials[credential.name] {
                    diagnostics.error(
                        "another resource is encrypted as the credential '\(credential.name)'",
                        hint: "it is at \(first)", at: credential.mark)
                }
                credentials[credential.name] = credentials[credential.name] ?? credential.mark
            }
            guard let id = draft.id else { continue }
            // An entry that was copied whole is said to be one once.
            if isNew, let first = ids[id] {
                diagnostics.error(
                    "another resource has the same ARM resource id, and each would regenerate the other's keys",
                    hint: "it is at \(first); remove one of them", at: draft.idMark)
            }
            ids[id] = ids[id] ?? draft.idMark
        }
    }
}
