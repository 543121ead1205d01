/// Files of the user's own.
extension ResourceSection {
    private static let standardFiles = [
        "connection-string", "previous-connection-string", "access-key", "endpoint", "key-type", "env", "metadata.json",
    ]

    private static let templateLimit = 64 << 10

    func files(_ node: YAMLNode) -> [TemplateFile]? {
        let items = node.list("files", "[{name: app.conf, template: \"acs = {{connectionString}}\"}]", diagnostics)
        guard let items else { return nil }
        var names: Set<String> = []
        return items.compactMap { item in
            guard let reader = SettingsReader(item, "an entry of 'files'", Self.fileShape, diagnostics) else {
                return nil
            }
            return file(reader, &names)
        }
    }

    private func file(_ reader: SettingsReader, _ names: inout Set<String>) -> TemplateFile? {
        let accounts = DirectorySections(context: context)
        let name = reader.required("name", "app.conf", fileName)
        let mode = reader.setting("mode") { FileMode.read($0, "mode", diagnostics) }
        let owner = reader.setting("owner") { accounts.account($0, "owner") }
        let group = reader.setting("group") { accounts.account($0, "group") }
        let template = reader.required("template", "\"acs = {{connectionString}}\"", self.template)
        if case .given(let name, let mark) = name, !names.insert(name).inserted {
            diagnostics.error("the file '\(name)' is listed twice", at: mark)
        }
        guard let name = name.value, case .given(let (text, layout), let mark) = template else { return nil }
        return TemplateFile(
            name: name, mode: mode.value, owner: owner.value, group: group.value, template: text, templateMark: mark,
            layout: layout)
    }

    private func fileName(_ node: YAMLNode) -> String? {
        guard let name = node.text("name", "the name of a file", diagnostics) else { return nil }
        func refuse(_ problem: String, _ hint: String? = nil) -> String? {
            diagnostics.error("the file name '\(clipped(name))' \(problem)", hint: hint, at: node.mark)
            return nil
        }
        if name.contains("/") {
            return refuse("has a '/'", "files stand in the directory of their resource, and in no other")
        }
        if name.hasPrefix(".") { return refuse("begins with '.', as only keyturn's own files do") }
        if Self.standardFiles.contains(name) {
            return refuse("is taken", "keyturn writes \(YAMLNode.alternatives(Self.standardFiles)) itself")
        }
        return Names.problem(name).map { refuse($0) } ?? name
    }

    private func template(_ node: YAMLNode) -> (String, TemplateFile.Layout)? {
        guard let scalar = node.scalar("template", "text", diagnostics) else { return nil }
        if scalar.meaning != .text {
            diagnostics.error(
                "template must be text, and YAML reads this as \(node.kind)", hint: "put it in quotes", at: node.mark)
            return nil
        }
        if scalar.text.isEmpty {
            diagnostics.error(
                "template is empty", hint: "put what the file is to hold below 'template: |'", at: node.mark)
            return nil
        }
        guard scalar.text.utf8.count <= Self.templateLimit else {
            diagnostics.error(
                "template has \(scalar.text.utf8.count) bytes; the limit is \(Self.templateLimit) (64 KiB)",
                at: node.mark)
            return nil
        }
        guard !scalar.text.utf8.contains(0) else {
            diagnostics.error("template has a NUL character", at: node.mark)
            return nil
        }
        return (scalar.text, layout(scalar, node.mark))
    }

    private func layout(_ scalar: YAMLScalar, _ mark: SourceMark) -> TemplateFile.Layout {
        switch scalar.style {
        case .folded: return .unknown
        case .literal:
            // The text is the file's lines without their indentation, so one line of both tells how deep it is.
            let texts = scalar.text.split(separator: "\n", omittingEmptySubsequences: false)
            guard let row = texts.firstIndex(where: { !$0.isEmpty }), lines.indices.contains(mark.line + row) else {
                return .unknown
            }
            let line = lines[mark.line + row]
            guard line.hasSuffix(texts[row]) else { return .unknown }
            return .block(indentation: line.unicodeScalars.count - texts[row].unicodeScalars.count)
        case .plain, .singleQuoted, .doubleQuoted:
            guard lines.indices.contains(mark.line - 1) else { return .unknown }
            let inset = scalar.style == .plain ? 0 : 1
            let rest = String.UnicodeScalarView(lines[mark.line - 1].unicodeScalars.dropFirst(mark.column - 1 + inset))
            return String(rest).hasPrefix(scalar.text) ? .inline(inset: inset) : .unknown
        }
    }
}
