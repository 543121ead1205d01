import Rotation

/// The policies of all files by name. One with a wrong value is defined, but not good.
struct PolicyBook {
    private struct Entry {
        let mark: SourceMark
        let policy: Policy?
        /// Where its `canary` stands.
        let canaryMark: SourceMark?
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
    mutating func add(_ node: YAMLNode, _ context: ReadingContext) -> Bool {
        let diagnostics = context.diagnostics
        switch node.content {
        case .scalar where node.isNothing: return true
        case .refused: return false
        case .scalar, .sequence:
            diagnostics.error(
                "policies must be a mapping of names to policies, not \(node.kind)",
                hint: "write policies: {monthly: {every: 30d}}", at: node.mark)
            return false
        case .mapping(let pairs):
            for pair in pairs { add(pair, context) }
            return true
        }
    }

    private mutating func add(_ pair: YAMLPair, _ context: ReadingContext) {
        let diagnostics = context.diagnostics
        if let problem = Names.problem(pair.key) {
            diagnostics.error("the policy name '\(clipped(pair.key))' \(problem)", at: pair.keyMark)
        }
        let section = PolicySection(name: clipped(pair.key), mark: pair.keyMark, context: context)
        let policy = section.read(pair.value)
        if let first = entries[pair.key]?.mark {
            diagnostics.error(
                "policy '\(clipped(pair.key))' is defined twice", hint: "it is defined first at \(first)",
                at: pair.keyMark)
            return
        }
        var canaryMark: SourceMark?
        if case .mapping(let settings) = pair.value.content {
            canaryMark = settings.first { $0.key == "canary" }?.value.mark
        }
        entries[pair.key] = Entry(mark: pair.keyMark, policy: policy, canaryMark: canaryMark)
    }

    func mark(of name: String) -> SourceMark? { entries[name]?.mark }

    func canaryMark(of name: String) -> SourceMark? { entries[name]?.canaryMark }

    func warnUnused(_ used: Set<String>, _ diagnostics: DiagnosticCollector) {
        for (name, entry) in entries where !used.contains(name) {
            diagnostics.warning("no resource uses policy '\(clipped(name))'", at: entry.mark)
        }
    }
}
