import Rotation

/// The policies of all files by name. One with a wrong value is defined, but not good.
struct PolicyBook {
    private struct Entry {
        let mark: SourceMark
        let policy: Policy?
    }

    private var entries: [String: Entry] = [:]

    /// The policies without a mistake.
    var good: [String: Policy] { entries.compactMapValues(\.policy) }

    subscript(name: String) -> Policy? { entries[name]?.policy }

    func defines(_ name: String) -> Bool { entries[name] != nil }

    func suggestion(for name: String) -> String {
        if entries.isEmpty { return "there are no policies; define it under 'policies'" }
        let names = entries.keys.sorted()
        return DidYouMean.hint(for: name, among: names)
            ?? "the policies are \(names.prefix(8).joined(separator: ", "))\(names.count > 8 ? ", …" : "")"
    }

    /// Adds the policies of one file. Returns false, after a report, when it is not clear which policies those are.
    mutating func add(_ node: YAMLNode, _ diagnostics: DiagnosticCollector) -> Bool {
        switch node.content {
        case .scalar where node.isNothing: return true
        case .refused: return false
        case .scalar, .sequence:
            diagnostics.error(
                "policies must be a mapping of names to policies, not \(node.kind)",
                hint: "write policies: {monthly: {every: 30d}}", at: node.mark)
            return false
        case .mapping(let pairs):
            for pair in pairs { add(pair, diagnostics) }
            return true
        }
    }

    private mutating func add(_ pair: YAMLPair, _ diagnostics: DiagnosticCollector) {
        if let problem = Names.problem(pair.key) {
            diagnostics.error("the policy name '\(clipped(pair.key))' \(problem)", at: pair.keyMark)
        }
        let section = PolicySection(name: clipped(pair.key), mark: pair.keyMark, diagnostics: diagnostics)
        let policy = section.read(pair.value)
        if let first = entries[pair.key]?.mark {
            diagnostics.error(
                "policy '\(clipped(pair.key))' is defined twice", hint: "it is defined first at \(first)",
                at: pair.keyMark)
            return
        }
        entries[pair.key] = Entry(mark: pair.keyMark, policy: policy)
    }

    func warnUnused(_ used: Set<String>, _ diagnostics: DiagnosticCollector) {
        for (name, entry) in entries where !used.contains(name) {
            diagnostics.warning("no resource uses policy '\(clipped(name))'", at: entry.mark)
        }
    }
}
