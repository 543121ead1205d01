import Rotation

/// Who is told of a new connection string.
extension ResourceSection {
    /// How long a consumer may be given: a resource waits for the slowest of its own before it retries the others.
    static let timeouts: ClosedRange<Duration> = .seconds(1)...(.seconds(600))

    func reload(_ node: YAMLNode) -> [Configuration.UnitToReload]? {
        guard let items = node.list("reload", "[contoso-sms.service]", diagnostics) else { return nil }
        var units: [Configuration.UnitToReload] = []
        for item in items {
            guard let entry = unitEntry(item) else { continue }
            if units.contains(where: { $0.unit == entry.unit }) {
                diagnostics.error("unit '\(entry.unit)' is listed twice", at: entry.mark)
            } else {
                units.append(entry)
            }
        }
        return units
    }

    private func unitEntry(_ item: YAMLNode) -> Configuration.UnitToReload? {
        guard case .mapping = item.content else {
            return unitName(item, "an entry of 'reload'").map {
                Configuration.UnitToReload(unit: $0, verb: .tryReloadOrRestart, timeout: nil, mark: item.mark)
            }
        }
        let what = "an entry of 'reload'"
        guard let reader = SettingsReader(item, what, Self.unitShape, diagnostics) else { return nil }
        let unit = reader.required("unit", "contoso-sms.service") { unitName($0, "unit") }
        let verb = reader.setting("verb") { $0.word("verb", Configuration.UnitToReload.Verb.self, diagnostics) }
        let timeout = reader.setting("timeout") { $0.timeSpan("timeout", in: Self.timeouts, diagnostics) }
        guard case .given(let unit, let mark) = unit else { return nil }
        return Configuration.UnitToReload(
            unit: unit, verb: verb.value ?? .tryReloadOrRestart, timeout: timeout.value?.duration, mark: mark)
    }

    private func unitName(_ node: YAMLNode, _ what: String) -> String? {
        guard let unit = node.text(what, "the name of a unit", diagnostics) else { return nil }
        guard unit != "keyturn.service" else {
            diagnostics.error(
                "unit '\(unit)' is keyturn itself, and to restart it would cut short what restarts it", at: node.mark)
            return nil
        }
        guard let problem = UnitName.problem(unit) else { return unit }
        diagnostics.error("unit '\(clipped(unit))' \(problem.message)", hint: problem.hint, at: node.mark)
        return nil
    }

    func run(_ node: YAMLNode) -> [Configuration.CommandToRun]? {
        guard let items = node.list("run", Self.commandsExample, diagnostics) else { return nil }
        var commands: [Configuration.CommandToRun] = []
        func add(_ words: [String], _ timeout: Duration?, at mark: SourceMark) {
            if commands.contains(where: { $0.words == words }) {
                diagnostics.error("this command is listed twice", at: mark)
            } else {
                commands.append(Configuration.CommandToRun(words: words, timeout: timeout))
            }
        }
        for item in items {
            switch item.content {
            case .refused: continue
            case .sequence(let words):
                if let command = command(words, item.mark) { add(command, nil, at: item.mark) }
            case .mapping:
                guard let reader = SettingsReader(item, "an entry of 'run'", Self.commandShape, diagnostics) else {
                    continue
                }
                let command = reader.required("command", Self.commandExample, commandList)
                let timeout = reader.setting("timeout") { $0.timeSpan("timeout", in: Self.timeouts, diagnostics) }
                if case .given(let words, let mark) = command { add(words, timeout.value?.duration, at: mark) }
            case .scalar:
                // The rest of a list that is one command would only repeat this.
                diagnostics.error(
                    "a command in run must be a list of its words, not \(item.kind)",
                    hint: "no shell is involved; write run: \(Self.commandsExample)", at: item.mark)
                return nil
            }
        }
        return commands
    }

    func encrypt(_ node: YAMLNode) -> Configuration.EncryptedCredential? {
        guard let reader = SettingsReader(node, "encrypt", Self.encryptShape, diagnostics) else { return nil }
        let name = reader.required("credential", "contoso-acs") { node -> String? in
            guard let name = node.text("credential", "the name of a credential", diagnostics) else { return nil }
            if Names.isSystemdCredential(name), !name.hasPrefix(".") { return name }
            diagnostics.error(
                "'\(clipped(name))' is no name of a credential",
                hint: "those are file names of letters, digits and signs other than ':' and '/'", at: node.mark)
            return nil
        }
        let key = reader.setting("key") { $0.word("key", Configuration.EncryptedCredential.Key.self, diagnostics) }
        guard case .given(let name, let mark) = name else { return nil }
        return Configuration.EncryptedCredential(name: name, key: key.value ?? .auto, mark: mark)
    }

    private static let commandExample = "[\"/usr/local/bin/warm-cache\", \"--acs\"]"
    private static let commandsExample = "[\(commandExample)]"

    private func commandList(_ node: YAMLNode) -> [String]? {
        node.list("command", Self.commandExample, diagnostics).flatMap { command($0, node.mark) }
    }

    private func command(_ words: [YAMLNode], _ mark: SourceMark) -> [String]? {
        guard let first = words.first else {
            diagnostics.error("a command in run is empty", hint: "its first word is the path of a program", at: mark)
            return nil
        }
        let command = words.compactMap(argument)
        guard command.count == words.count, let program = command.first else { return nil }
        guard program.hasPrefix("/"), program.utf8.count < 4096, !program.hasSuffix("/") else {
            diagnostics.error(
                "the program '\(clipped(program))' must be an absolute path",
                hint: program.contains("/") ? nil : "for example /usr/bin/\(clipped(program))", at: first.mark)
            return nil
        }
        return command
    }

    /// One argument: any text without NUL, also an empty one in quotes.
    private func argument(_ node: YAMLNode) -> String? {
        guard let scalar = node.scalar("a word of a command", "text", diagnostics) else { return nil }
        if scalar.meaning == .boolean {
            diagnostics.error(
                "'\(scalar.text)' is true or false to YAML", hint: "put it in quotes", at: node.mark)
            return nil
        }
        guard !scalar.text.utf8.contains(0) else {
            diagnostics.error("an argument cannot have a NUL character", at: node.mark)
            return nil
        }
        return scalar.text
    }
}
