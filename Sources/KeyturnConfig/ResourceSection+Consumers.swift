/// Who is told of a new connection string.
extension ResourceSection {
    func reload(_ node: YAMLNode) -> [String]? {
        guard let items = node.list("reload", "[contoso-sms.service]", diagnostics) else { return nil }
        var units: [String] = []
        for item in items {
            guard let unit = item.text("an entry of 'reload'", "the name of a unit", diagnostics) else { continue }
            if let problem = UnitName.problem(unit) {
                diagnostics.error("unit '\(clipped(unit))' \(problem.message)", hint: problem.hint, at: item.mark)
            } else if units.contains(unit) {
                diagnostics.error("unit '\(unit)' is listed twice", at: item.mark)
            } else {
                units.append(unit)
            }
        }
        return units
    }

    func run(_ node: YAMLNode) -> [[String]]? {
        let example = "[[\"/usr/local/bin/warm-cache\", \"--acs\"]]"
        guard let items = node.list("run", example, diagnostics) else { return nil }
        var commands: [[String]] = []
        for item in items {
            switch item.content {
            case .refused: continue
            case .sequence(let words):
                guard let command = command(words, item.mark) else { continue }
                if commands.contains(command) {
                    diagnostics.error("this command is listed twice", at: item.mark)
                } else {
                    commands.append(command)
                }
            case .scalar, .mapping:
                // The rest of a list that is one command would only repeat this.
                diagnostics.error(
                    "a command in run must be a list of its words, not \(item.kind)",
                    hint: "no shell is involved; write run: \(example)", at: item.mark)
                return nil
            }
        }
        return commands
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
