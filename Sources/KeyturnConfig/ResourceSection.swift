import Rotation

/// One entry of `resources` as far as it could be read.
struct ResourceDraft {
    let name: Setting<String>
    let id: ResourceID?
    /// Where the id, or the name that completes it, stands.
    let idMark: SourceMark
    let policyName: Setting<String>
    /// The name of a credential; absent: that of the subscription, or the general one.
    let credential: Setting<String>
    let reload: [Configuration.UnitToReload]
    let run: [Configuration.CommandToRun]
    let encrypt: Configuration.EncryptedCredential?
    let files: [TemplateFile]
}

/// Reads one entry of `resources`.
struct ResourceSection {
    let context: ReadingContext
    /// The lines of the file that the entry is in.
    let lines: [Substring]

    var diagnostics: DiagnosticCollector { context.diagnostics }

    /// nil, after a report, when the entry is no mapping.
    func read(_ node: YAMLNode) -> ResourceDraft? {
        diagnostics.resource = nameText(node)
        defer { diagnostics.resource = nil }
        guard let reader = SettingsReader(node, describe(node), Self.shape, diagnostics) else { return nil }
        let name = reader.required("name", "contoso-sms", self.name)
        let policy = reader.required("policy", "monthly") { $0.text("policy", "the name of a policy", diagnostics) }
        let credential = reader.setting("credential") {
            $0.text("credential", "the name of a credential", diagnostics)
        }
        let reload = reader.setting("reload", self.reload)
        let run = reader.setting("run", self.run)
        let encrypt = reader.setting("encrypt", self.encrypt)
        let files = reader.setting("files", self.files)
        let (id, idMark) = resourceID(reader, name)
        return ResourceDraft(
            name: name, id: id, idMark: idMark, policyName: policy, credential: credential,
            reload: reload.value ?? [], run: run.value ?? [], encrypt: encrypt.value, files: files.value ?? [])
    }

    private func describe(_ node: YAMLNode) -> String {
        nameText(node).map { "resource '\(clipped($0))'" } ?? "a resource"
    }

    /// The name as it is written there, good or not.
    private func nameText(_ node: YAMLNode) -> String? {
        guard case .mapping(let pairs) = node.content, let pair = pairs.first(where: { $0.key == "name" }),
            case .scalar(let name) = pair.value.content, !name.text.isEmpty
        else { return nil }
        return name.text
    }

    private func name(_ node: YAMLNode) -> String? {
        guard let name = node.text("name", "the name of the resource", diagnostics) else { return nil }
        guard let problem = Names.problem(name) else { return name }
        diagnostics.error("name '\(clipped(name))' \(problem)", at: node.mark)
        return nil
    }

    private func resourceID(_ reader: SettingsReader, _ name: Setting<String>) -> (ResourceID?, SourceMark) {
        let parts = ["subscription", "resourceGroup"].filter(reader.mentions)
        if let node = reader.node("id") {
            if let part = parts.first(where: { reader.keyMark($0) != nil }), let mark = reader.keyMark(part) {
                diagnostics.error(
                    "\(reader.what) has both 'id' and '\(part)'", hint: "the id says it all; remove '\(part)'", at: mark
                )
            }
            return (parseID(node), node.mark)
        }
        if reader.mentions("id") { return (nil, reader.mark) }
        guard !parts.isEmpty else {
            diagnostics.error(
                "\(reader.what) needs 'id', or 'subscription' and 'resourceGroup'",
                hint: "az communication list --query [].id prints the ids", at: reader.mark)
            return (nil, reader.mark)
        }
        let subscription = reader.required("subscription", "00000000-0000-0000-0000-000000000000") { node in
            part(node, "subscription") { value throws(ResourceID.Malformed) in
                try ResourceID(subscription: value, resourceGroup: "group", name: "name")
            }
        }
        let group = reader.required("resourceGroup", "messaging") { node in
            part(node, "resourceGroup") { value throws(ResourceID.Malformed) in
                try ResourceID(subscription: Self.anySubscription, resourceGroup: value, name: "name")
            }
        }
        let mark = name.mark ?? reader.mark
        guard let subscription = subscription.value, let group = group.value, let name = name.value else {
            return (nil, mark)
        }
        do throws(ResourceID.Malformed) {
            return (try ResourceID(subscription: subscription, resourceGroup: group, name: name), mark)
        } catch {
            diagnostics.error(
                "\(error)", hint: "with 'id' instead of its parts, the name can be another", at: mark)
            return (nil, mark)
        }
    }

    static let anySubscription = "00000000-0000-0000-0000-000000000000"

    func part(
        _ node: YAMLNode, _ what: String, _ check: (String) throws(ResourceID.Malformed) -> ResourceID
    ) -> String? {
        guard let text = node.text(what, "text", diagnostics) else { return nil }
        do throws(ResourceID.Malformed) {
            _ = try check(text)
            return text
        } catch {
            diagnostics.error("\(error)", at: node.mark)
            return nil
        }
    }

    private func parseID(_ node: YAMLNode) -> ResourceID? {
        guard let text = node.text("id", "an ARM resource id", diagnostics) else { return nil }
        do throws(ResourceID.Malformed) {
            return try ResourceID(text)
        } catch {
            diagnostics.error("id: \(error)", at: node.mark)
            return nil
        }
    }
}
