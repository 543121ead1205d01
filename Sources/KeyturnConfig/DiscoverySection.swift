import Rotation

/// One entry of `discover` as far as it could be read.
struct DiscoveryDraft {
    let mark: SourceMark
    let subscription: String?
    let resourceGroup: Setting<String>
    let tags: Setting<[String: String]>
    let policyName: Setting<String>
    let credential: Setting<String>
    let name: NameTemplate
    let interval: Duration
    let prune: Bool
    let reload: [Configuration.UnitToReload]
    let run: [Configuration.CommandToRun]
    let files: [TemplateFile]

    /// What it looks for: two rules with the same are one too many. nil when it is not understood.
    var whatIsSought: String? {
        guard let subscription, resourceGroup.isAbsent || resourceGroup.value != nil,
            tags.isAbsent || tags.value != nil
        else { return nil }
        let sorted = (tags.value ?? [:]).map { "\($0.key.lowercased())=\($0.value)" }.sorted()
        return "\(subscription.lowercased()) \(resourceGroup.value?.lowercased() ?? "") \(sorted)"
    }

    func rule(
        _ policyName: String, _ policy: Policy, credential: String?, of subscription: String
    ) -> Configuration.DiscoveryRule {
        Configuration.DiscoveryRule(
            subscription: subscription, resourceGroup: resourceGroup.value, tags: tags.value ?? [:],
            policyName: policyName, policy: policy, credential: credential, name: name, interval: interval,
            prune: prune, reload: reload, run: run, files: files)
    }
}

/// Reads one entry of `discover`.
struct DiscoverySection {
    let context: ReadingContext
    /// The lines of the file that the entry is in.
    let lines: [Substring]

    private var diagnostics: DiagnosticCollector { context.diagnostics }

    /// nil, after a report, when the entry is no mapping.
    func read(_ node: YAMLNode) -> DiscoveryDraft? {
        guard
            let reader = SettingsReader(node, "a discover rule", Self.shape, misplaced: Self.misplaced, diagnostics)
        else { return nil }
        let section = ResourceSection(context: context, lines: lines)
        let subscription = reader.required("subscription", ResourceSection.anySubscription) {
            section.part($0, "subscription") { value throws(ResourceID.Malformed) in
                try ResourceID(subscription: value, resourceGroup: "group", name: "name")
            }
        }
        let group = reader.setting("resourceGroup") {
            section.part($0, "resourceGroup") { value throws(ResourceID.Malformed) in
                try ResourceID(subscription: ResourceSection.anySubscription, resourceGroup: value, name: "name")
            }
        }
        let policy = reader.required("policy", "monthly") { $0.text("policy", "the name of a policy", diagnostics) }
        let credential = reader.setting("credential") {
            $0.text("credential", "the name of a credential", diagnostics)
        }
        let interval = reader.setting("interval") { $0.timeSpan("interval", in: Self.intervals, diagnostics) }
        return DiscoveryDraft(
            mark: reader.mark, subscription: subscription.value, resourceGroup: group,
            tags: reader.setting("tags", tags), policyName: policy, credential: credential,
            name: reader.setting("name", name).value ?? .standard,
            interval: interval.value?.duration ?? Configuration.DiscoveryRule.defaultInterval,
            prune: reader.setting("prune") { $0.boolean("prune", diagnostics) }.value ?? false,
            reload: reader.setting("reload", section.reload).value ?? [],
            run: reader.setting("run", section.run).value ?? [],
            files: reader.setting("files", section.files).value ?? [])
    }

    private static let misplaced = [
        "id": "name the resource under 'resources'",
        "encrypt": "the name of a credential belongs to one resource; name the resource under 'resources'",
    ]

    private func name(_ node: YAMLNode) -> NameTemplate? {
        if case .mapping = node.content {
            diagnostics.error(
                "name must be text, and YAML reads {…} as a mapping", hint: #"put it in quotes: name: "{name}""#,
                at: node.mark)
            return nil
        }
        guard let scalar = node.scalar("name", #"a template such as "{resourceGroup}-{name}""#, diagnostics) else {
            return nil
        }
        do throws(NameTemplate.Malformed) {
            return try NameTemplate(scalar.text)
        } catch {
            diagnostics.error(
                "name: \(error.description)", hint: error.hint, at: node.mark(at: error.offset, in: scalar))
            return nil
        }
    }

    private func tags(_ node: YAMLNode) -> [String: String]? {
        guard case .mapping(let pairs) = node.content else {
            if case .refused = node.content { return nil }
            diagnostics.error(
                "tags must be a mapping of names to values, not \(node.kind)",
                hint: #"for example tags: {rotate: "yes"}"#,
                at: node.mark)
            return nil
        }
        var tags: [String: String] = [:]
        var isGood = true
        for pair in pairs {
            guard tags.keys.allSatisfy({ $0.lowercased() != pair.key.lowercased() }) else {
                diagnostics.error(
                    "the tag '\(clipped(pair.key))' is there twice",
                    hint: "Azure takes names of tags without regard to case", at: pair.keyMark)
                isGood = false
                continue
            }
            guard let value = tag(pair.value, clipped(pair.key)) else {
                isGood = false
                continue
            }
            tags[pair.key] = value
        }
        return isGood ? tags : nil
    }

    /// The value of a tag may be empty.
    private func tag(_ node: YAMLNode, _ name: String) -> String? {
        if case .scalar(let scalar) = node.content, scalar.meaning == .text, scalar.text.isEmpty { return "" }
        return node.text("the tag '\(name)'", "text", diagnostics)
    }
}
