/// Reads the settings of one mapping. Unknown keys are reported when it is made; absent ones when they are required.
struct SettingsReader {
    /// What the mapping is, for messages: `policy 'monthly'`, `azure.credential`.
    let what: String
    /// Where a missing key is reported.
    let mark: SourceMark
    let diagnostics: DiagnosticCollector
    private var pairs: [String: YAMLPair] = [:]
    /// Keys that were most likely meant by an unknown one, and those that are misplaced.
    private var misspelled: Set<String> = []
    private(set) var hasUnknownKeys = false

    /// nil, after a report, when the node is not a mapping.
    ///
    /// - Parameters:
    ///   - shape: what may stand there.
    ///   - misplaced: keys that are known but must not stand here, and what to do instead.
    init?(
        _ node: YAMLNode, _ what: String, _ shape: MappingShape, misplaced: [String: String] = [:],
        at mark: SourceMark? = nil, _ diagnostics: DiagnosticCollector
    ) {
        let keys = shape.keys
        self.what = what
        self.mark = mark ?? node.mark
        self.diagnostics = diagnostics
        switch node.content {
        case .refused: return nil
        case .mapping(let pairs):
            for pair in pairs {
                if keys.contains(pair.key) {
                    self.pairs[pair.key] = pair
                } else {
                    reportUnknown(pair, keys, misplaced)
                }
            }
        case .scalar(let scalar) where shape.allowsNothing && scalar.meaning == .null: break
        case .scalar(let scalar) where scalar.style == .plain && scalar.text.contains(":"):
            diagnostics.error(
                "\(what) must be a mapping, not text", hint: "is a space missing after ':'?", at: node.mark)
            return nil
        case .scalar, .sequence:
            diagnostics.error(
                "\(what) must be a mapping, not \(node.kind)", hint: "its keys are \(Self.list(keys))", at: node.mark)
            return nil
        }
    }

    private mutating func reportUnknown(_ pair: YAMLPair, _ keys: [String], _ misplaced: [String: String]) {
        let meant = DidYouMean.candidate(for: pair.key, among: keys)
        if let meant { misspelled.insert(meant) }
        if let hint = misplaced[pair.key] {
            misspelled.insert(pair.key)
            diagnostics.error("'\(pair.key)' cannot be set in \(what)", hint: hint, at: pair.keyMark)
            return
        }
        hasUnknownKeys = true
        let hint = meant.map { "did you mean '\($0)'?" } ?? "its keys are \(Self.list(keys))"
        diagnostics.error("unknown key '\(clipped(pair.key))' in \(what)", hint: hint, at: pair.keyMark)
    }

    private static func list(_ keys: [String]) -> String {
        keys.joined(separator: ", ")
    }

    /// The value of a key as it stands there.
    func node(_ key: String) -> YAMLNode? { pairs[key]?.value }

    func keyMark(_ key: String) -> SourceMark? { pairs[key]?.keyMark }

    /// Whether the key stands there, or one that was meant to be it.
    func mentions(_ key: String) -> Bool { pairs[key] != nil || misspelled.contains(key) }

    /// The value of a key, made of it by `make`, which reports what is wrong and then returns nil.
    func setting<Value>(_ key: String, _ make: (YAMLNode) -> Value?) -> Setting<Value> {
        guard let node = pairs[key]?.value else { return misspelled.contains(key) ? .refused : .absent }
        return make(node).map { .given($0, node.mark) } ?? .refused
    }

    /// As `setting`, and reports when the key is missing.
    func required<Value>(_ key: String, _ example: String, _ make: (YAMLNode) -> Value?) -> Setting<Value> {
        let setting = setting(key, make)
        guard setting.isAbsent else { return setting }
        diagnostics.error("\(what) needs '\(key)'", hint: "for example \(key): \(example)", at: mark)
        return .refused
    }
}
